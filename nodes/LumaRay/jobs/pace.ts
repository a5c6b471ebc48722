import type { Clock } from '../transport/clock';

/** Seconds between two looks at a job, by how it is watched. */
const PACE = {
	/** The first look, and the shortest pause between two. */
	shortestSeconds: 1,
	/** A pause grows to this share of the job's age: a job just begun may end at once, an old one takes its time. */
	shareOfAge: 0.12,
	longestSeconds: 15,
	/** Behind an event stream that has not reported an end in this run: it may never report one. */
	behindNewStreamSeconds: 20,
	/** Behind one that has: only for the event that got lost. */
	behindStreamSeconds: 120,
	/** A pause is up to this share longer or shorter, so that many jobs do not ask in step. */
	jitter: 0.1,
} as const;

/** What earlier jobs of the run say about the next look. */
const FORECAST = {
	/** No look before this share of the expected time, however young the job. */
	earliestShare: 0.9,
	/** Around the expected end, a look at each of these shares of the expected time. */
	stepShare: 0.05,
	/** Until this share of the expected time; a job that is later than that follows its age again. */
	latestShare: 1.3,
} as const;

/** What is known of a job when its next look is placed. Times in milliseconds. */
export interface Sight {
	ageMs: number;
	/** Whether an event stream would report its end. */
	covered: boolean;
	/** Whether the stream has already reported an end in this run. */
	proven: boolean;
	/** How long earlier jobs of its kind took in this run. */
	expectedMs?: number;
	/** Others of its kind are followed closely, and the first that ends says when to poll this one. */
	spared?: boolean;
	/** A pause that the user set; it holds for all. */
	ownSeconds?: number;
}

/** Milliseconds until a job is looked at again. */
export function nextPollMs(
	{ ageMs, covered, proven, spared, expectedMs, ownSeconds }: Sight,
	clock: Clock,
): number {
	if (ownSeconds !== undefined) return ownSeconds * 1000;
	const jitter = 1 + PACE.jitter * (2 * clock.random() - 1);
	if (covered) return (proven ? PACE.behindStreamSeconds : PACE.behindNewStreamSeconds) * 1000 * jitter;
	if (spared) return PACE.longestSeconds * 1000 * jitter;
	const grown = Math.max(PACE.shortestSeconds * 1000, ageMs * PACE.shareOfAge);
	const pause = Math.min(PACE.longestSeconds * 1000, grown);
	if (expectedMs === undefined || ageMs > expectedMs * FORECAST.latestShare) return pause * jitter;
	const step = Math.max(PACE.shortestSeconds * 1000, expectedMs * FORECAST.stepShare);
	const untilEarliest = expectedMs * FORECAST.earliestShare - ageMs;
	// A forecast spares looks; it never makes the node blind for longer than the longest pause.
	return Math.min(PACE.longestSeconds * 1000, Math.max(step, untilEarliest)) * jitter;
}
