import type { JobLength } from './processes/sandbox';

/** How much of everything one run of the benchmark does. */
export interface Size {
	/** Runs of each contender in each scenario. */
	repetitions: number;
	oneJob: JobLength;
	/** Items of the small and of the large batch, and how long their jobs are. */
	batches: { small: number; large: number; length: JobLength };
	downloadBytes: number;
	uploadBytes: number;
	/** Items of the run that shows whether the node stays light. */
	crowd: { items: number; length: JobLength };
}

const MIB = 1024 * 1024;

export const FULL: Size = {
	repetitions: 5,
	oneJob: { shortestSeconds: 20, longestSeconds: 20 },
	batches: { small: 20, large: 200, length: { shortestSeconds: 15, longestSeconds: 20 } },
	downloadBytes: 1024 * MIB,
	uploadBytes: 50_000_000,
	crowd: { items: 1_000, length: { shortestSeconds: 15, longestSeconds: 20 } },
};

/** Only shows that everything runs; its figures say nothing. */
export const QUICK: Size = {
	repetitions: 1,
	oneJob: { shortestSeconds: 2, longestSeconds: 2 },
	batches: { small: 3, large: 10, length: { shortestSeconds: 1, longestSeconds: 2 } },
	downloadBytes: 32 * MIB,
	uploadBytes: 2_000_000,
	crowd: { items: 30, length: { shortestSeconds: 1, longestSeconds: 2 } },
};
