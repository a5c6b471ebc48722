import type { JobLength } from './jobLength';

/** How much of everything one run of the benchmark does. */
export interface Size {
	/** Runs of each contender in each scenario. */
	repetitions: number;
	/** The longest job of a run. It differs from repetition to repetition, so that no fixed beat fits it by luck. */
	longestJob: JobLength;
	/** Items of the small and of the large batch. */
	smallBatch: number;
	largeBatch: number;
	/** Items of the run that shows whether the node stays light. */
	crowd: number;
	/** Items of the run at a provider that limits reads. */
	limitedBatch: number;
	downloadBytes: number;
	uploadBytes: number;
	/** Above 90 MB, so that it goes up in parts. */
	sourceVideoBytes: number;
}

const MIB = 1024 * 1024;

export const FULL: Size = {
	repetitions: 5,
	longestJob: { shortestSeconds: 17.5, longestSeconds: 22.5 },
	smallBatch: 20,
	largeBatch: 200,
	crowd: 1_000,
	limitedBatch: 100,
	downloadBytes: 1024 * MIB,
	uploadBytes: 50_000_000,
	sourceVideoBytes: 600_000_000,
};

/** Only shows that everything runs; its figures say nothing. */
export const QUICK: Size = {
	repetitions: 1,
	longestJob: { shortestSeconds: 2, longestSeconds: 2 },
	smallBatch: 3,
	largeBatch: 10,
	crowd: 30,
	limitedBatch: 10,
	downloadBytes: 32 * MIB,
	uploadBytes: 2_000_000,
	sourceVideoBytes: 100_000_000,
};
