import type { JobLength } from './jobLength';

/** The sizes of one run of the benchmark. */
export interface Size {
	/** Runs of each contender in each scenario. */
	repetitions: number;
	/**
	 * The longest job of a run. Its length differs between repetitions, so that no fixed poll interval matches it by
	 * chance.
	 */
	longestJob: JobLength;
	/** The number of items in the small and in the large batch. */
	smallBatch: number;
	largeBatch: number;
	/** The number of items in the run with very many jobs. */
	crowd: number;
	/** The number of items in the run at a provider that limits reads. */
	limitedBatch: number;
	downloadBytes: number;
	uploadBytes: number;
	/** More than 90 MB, so that it is uploaded in parts. */
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

/** Only shows that everything runs. The measured values mean nothing. */
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
