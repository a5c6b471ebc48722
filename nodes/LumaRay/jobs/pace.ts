import type { Clock } from '../transport/clock';

/** Seconds between two looks at a job, by how it is watched. */
const PACE = {
	/** The first look, and the shortest pause between two. */
	shortestSeconds: 1,
	/** A pause grows to this share of the job's age: a job just begun ends soon or late, an old one late. */
	shareOfAge: 0.12,
	longestSeconds: 15,
	/** Behind an event stream that covers the job: only for the event that got lost. */
	behindStreamSeconds: 120,
	/** A pause is up to this share longer or shorter, so that many jobs do not ask in step. */
	jitter: 0.1,
} as const;

/** Looks at jobs per second and run, whatever the number of jobs. Far below what either provider refuses. */
const LOOKS_PER_SECOND = 40;

/**
 * Milliseconds until a job is looked at again.
 * @param ageMs how long the job has been followed, in milliseconds
 * @param covered whether an event stream would report its end
 * @param ownSeconds a pause that the person set; it holds for both
 */
export function nextLookMs(ageMs: number, covered: boolean, clock: Clock, ownSeconds?: number): number {
	if (ownSeconds !== undefined) return ownSeconds * 1000;
	const grown = Math.max(PACE.shortestSeconds, (ageMs / 1000) * PACE.shareOfAge);
	const seconds = covered ? PACE.behindStreamSeconds : Math.min(PACE.longestSeconds, grown);
	return seconds * 1000 * (1 + PACE.jitter * (2 * clock.random() - 1));
}

/** Spreads the looks of all jobs of a run: `await turn()` before each. */
export function createTurns(clock: Clock): (signal: AbortSignal) => Promise<void> {
	let nextAt = 0;
	return async (signal) => {
		const at = Math.max(clock.now(), nextAt);
		nextAt = at + 1000 / LOOKS_PER_SECOND;
		const pause = at - clock.now();
		if (pause > 0) await clock.sleep(pause, signal);
	};
}
