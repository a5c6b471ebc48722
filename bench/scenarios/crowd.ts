import { lengthIn } from '../jobLength';
import type { Scenario } from './stage';

/** The load of a very large number of jobs in one execution of the node. */
export const crowd: Scenario = {
	label: 'Very many jobs',
	async run({ size, track, figures, contenders }) {
		for (let repetition = 0; repetition < size.repetitions; repetition++) {
			for (const contender of ['nodeStream', 'falStream'] as const) {
				if (!contenders.includes(contender)) continue;
				const runner = await track.start(contender);
				const { sample, ...lap } = await runner.run(
					{ items: size.crowd },
					lengthIn(size.longestJob, repetition),
				);
				figures.add('crowdTime', contender, lap.tookMs / lap.slowestJobMs);
				figures.add('crowdDelay', contender, sample.loopDelayP99Ms);
				figures.add('crowdMemory', contender, sample.addedBytes / 1e6);
				figures.add('crowdConnections', contender, sample.connections);
				await runner.end();
			}
		}
	},
};
