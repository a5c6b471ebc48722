import { lengthIn } from '../jobLength';
import type { Scenario } from './stage';

/** The load of very many jobs in one execution of the node. */
export const crowd: Scenario = {
	label: 'Very many jobs',
	async run({ size, track, figures }) {
		for (let repetition = 0; repetition < size.repetitions; repetition++) {
			const runner = await track.start('nodeStream');
			const { sample } = await runner.run({ items: size.crowd }, lengthIn(size.longestJob, repetition));
			figures.add('crowdDelay', 'nodeStream', sample.loopDelayP99Ms);
			figures.add('crowdMemory', 'nodeStream', sample.addedBytes / 1e6);
			figures.add('crowdConnections', 'nodeStream', sample.connections);
			await runner.end();
		}
	},
};
