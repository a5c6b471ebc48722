/** Seconds from a job's acceptance to its end; several jobs are spread between the two. */
export interface JobLength {
	shortestSeconds: number;
	longestSeconds: number;
}

/** Multiples of the golden ratio fall evenly between 0 and 1, however many there are. */
const GOLDEN_RATIO = 0.618034;

/** Seconds of one job of several; the first one is the longest. */
export function secondsOf({ shortestSeconds, longestSeconds }: JobLength, index: number): number {
	const place = (index * GOLDEN_RATIO) % 1;
	return longestSeconds - place * (longestSeconds - shortestSeconds);
}

/** The shortest job of a batch, as a share of the longest. */
const SHORTEST_SHARE = 0.75;

/** The jobs of one run: the longest is as long as its repetition says, the others are shorter. */
export function lengthIn(longestJob: JobLength, repetition: number): JobLength {
	const longestSeconds = secondsOf(longestJob, repetition);
	return { shortestSeconds: SHORTEST_SHARE * longestSeconds, longestSeconds };
}
