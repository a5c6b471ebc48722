/**
 * Seconds from a job's acceptance to its end. If there are several jobs, their lengths are spread between the two
 * values.
 */
export interface JobLength {
	shortestSeconds: number;
	longestSeconds: number;
}

/** The fractional parts of its multiples are evenly spread between 0 and 1, for any number of multiples. */
const GOLDEN_RATIO = 0.618034;

/** The length of one of several jobs, in seconds. The first job is the longest. */
export function secondsOf({ shortestSeconds, longestSeconds }: JobLength, index: number): number {
	const place = (index * GOLDEN_RATIO) % 1;
	return longestSeconds - place * (longestSeconds - shortestSeconds);
}

/** The length of the shortest job in a batch, as a share of the longest. */
const SHORTEST_SHARE = 0.75;

/** The jobs of one run. The repetition sets the length of the longest job, and the others are shorter. */
export function lengthIn(longestJob: JobLength, repetition: number): JobLength {
	const longestSeconds = secondsOf(longestJob, repetition);
	return { shortestSeconds: SHORTEST_SHARE * longestSeconds, longestSeconds };
}
