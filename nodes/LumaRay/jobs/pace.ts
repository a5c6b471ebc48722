import type { Clock } from '../transport/clock';

/** Seconds between two polls of a job, by how it is followed. */
const PACE = {
	/** The pause before the first poll, and the shortest pause. */
	shortestSeconds: 1,
	/** A pause grows to this share of the job's age: a new job may end soon, an old one is likely to take longer. */
	shareOfAge: 0.12,
	longestSeconds: 15,
	/** With an event stream that has not reported anything yet: a proxy may hold its events back. */
	behindNewStreamSeconds: 20,
	/** With a stream that has reported on the job, or an end in this run: these polls only replace lost events. */
	behindStreamSeconds: 120,
	/** A pause is up to this share longer or shorter, so that many jobs do not poll at the same moment. */
	jitter: 0.1,
} as const;

/** How the forecast from earlier jobs of the run sets the next poll, as shares of the expected time. */
const FORECAST = {
	/** No poll before this share. */
	earliestShare: 0.9,
	/** The pause between two polls around the expected end. */
	stepShare: 0.05,
	/** After this share, the job's age sets the pause again. */
	latestShare: 1.3,
} as const;

/** Facts about a job that decide when to poll it next. Times in milliseconds. */
export interface PollState {
	ageMs: number;
	/** Whether an event stream will report its end. */
	covered: boolean;
	/** Whether the stream has already reported on this job, or an end in this run. */
	proven: boolean;
	/** How long earlier jobs of its kind took in this run. */
	expectedMs?: number;
	/** Others of its kind are followed closely, and the first one that ends shows when to poll this job. */
	spared?: boolean;
	/** The poll interval that the user set. It overrides everything else. */
	ownSeconds?: number;
}

/** Whether a job is old enough to have ended, judging by how long earlier jobs of its kind took in this run. */
export function shouldHaveEnded(ageMs: number, expectedMs: number | undefined): boolean {
	return expectedMs !== undefined && ageMs >= expectedMs * FORECAST.earliestShare;
}

/** Milliseconds until the next poll of a job. */
export function nextPollMs(
	{ ageMs, covered, proven, spared, expectedMs, ownSeconds }: PollState,
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
	// A forecast saves polls, but never makes a pause longer than the longest one.
	return Math.min(PACE.longestSeconds * 1000, Math.max(step, untilEarliest)) * jitter;
}
