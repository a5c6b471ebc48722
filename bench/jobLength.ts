/** Seconds from a job's acceptance to its end. Several jobs are spread between the two values. */
export interface JobLength {
	shortestSeconds: number;
	longestSeconds: number;
}

/** The fractional parts of its multiples are spread evenly between 0 and 1, for any number of them. */
const GOLDEN_RATIO = 0.618034;

/** Seconds of one of several jobs. The first job is the longest. */
export function secondsOf({ shortestSeconds, longestSeconds }: JobLength, index: number): number {
	const place = (index * GOLDEN_RATIO) % 1;
	return longestSeconds - place * (longestSeconds - shortestSeconds);
}

/** The shortest job of a batch, as a share of the longest. */
const SHORTEST_SHARE = 0.75;

/** The jobs of one run: the repetition sets the length of the longest one, the others are shorter. */
export function lengthIn(longestJob: JobLength, repetition: number): JobLength {
	const longestSeconds = secondsOf(longestJob, repetition);
	return { shortestSeconds: SHORTEST_SHARE * longestSeconds, longestSeconds };
}
