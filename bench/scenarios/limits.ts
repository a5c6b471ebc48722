import type { Scenario } from './stage';

/** How much a provider's rate limit on reads slows a run down, and how long a wake with very many jobs takes. */

/** The number of status checks, streams and results that the provider answers per second. */
const READS_PER_SECOND = 20;
/** Executions of one item that run next to a large one. */
const BESIDE = 9;
/** So long that no job of a parked run ends during a wake. */
const LONG_JOB = { shortestSeconds: 600, longestSeconds: 600 };

export const limitedReads: Scenario = {
	label: 'A provider that limits reads',
	async run({ size, track, figures }) {
		for (let repetition = 0; repetition < size.repetitions; repetition++) {
			const runner = await track.start('nodeStream');
			// The jobs have equal lengths, so that all results are ready at the same time.
			const { longestSeconds } = size.longestJob;
			const length = { shortestSeconds: longestSeconds, longestSeconds };
			const lap = await runner.run({ items: size.limitedBatch }, length, READS_PER_SECOND);
			figures.add('limitedReads', 'nodeStream', lap.tookMs / lap.slowestJobMs);
			figures.add('refusedReads', 'nodeStream', lap.seen.refused);
			await runner.end();
		}
	},
};

export const wake: Scenario = {
	label: 'A wake with very many jobs',
	async run({ size, track, figures }) {
		for (let repetition = 0; repetition < size.repetitions; repetition++) {
			const runner = await track.start('nodeStream');
			const { tookMs } = await runner.run({ items: size.crowd, wake: true }, LONG_JOB);
			figures.add('wake', 'nodeStream', tookMs);
			await runner.end();
		}
	},
};

export const limitedWake: Scenario = {
	label: 'A wake with very many jobs at a provider that limits reads',
	async run({ size, track, figures }) {
		for (let repetition = 0; repetition < size.repetitions; repetition++) {
			const runner = await track.start('nodeStream');
			const lap = await runner.run({ items: size.crowd, wake: true }, LONG_JOB, READS_PER_SECOND);
			figures.add('limitedWake', 'nodeStream', lap.tookMs / ((size.crowd / READS_PER_SECOND) * 1000));
			const reads = lap.seen.readAt.filter((at) => at >= lap.sample.startedAt);
			figures.add('limitedWakeReads', 'nodeStream', reads.length / (lap.tookMs / 1000));
			await runner.end();
		}
	},
};

/** Ten executions of one process share its request rates and its streams. */
export const fairness: Scenario = {
	label: 'One large execution and nine small ones',
	async run({ size, track, figures }) {
		for (let repetition = 0; repetition < size.repetitions; repetition++) {
			const runner = await track.start('nodeStream');
			// The jobs have equal lengths, so that each small execution can be compared with its job.
			const { longestSeconds } = size.longestJob;
			const length = { shortestSeconds: longestSeconds, longestSeconds };
			const { sample } = await runner.run({ items: size.largeBatch, beside: BESIDE }, length);
			const slowestMs = Math.max(...sample.besideMs!);
			figures.add('fairness', 'nodeStream', slowestMs / (longestSeconds * 1000));
			await runner.end();
		}
	},
};
