import type { Clock } from '../transport/clock';

/**
 * How much longer than expected a wait may take, in milliseconds. A read on a busy machine takes less, even if it waits
 * for its turn in a large run (10,000 jobs: 200 s). A longer wait means that the clock was changed or the machine was
 * asleep.
 */
const SLACK_MS = 15 * 60_000;

/**
 * Time in milliseconds for pauses and deadlines. It starts at the clock's Unix time and follows it, but does not change
 * if the clock is set back or forward.
 * @returns a function that returns the time; call it after each wait with the expected length of the wait, in
 * milliseconds
 */
export function createSteadyTime(clock: Clock): (expectedMs?: number) => number {
	let seenMs = clock.now();
	let steadyMs = seenMs;
	return (expectedMs = 0) => {
		const nowMs = clock.now();
		const passedMs = nowMs - seenMs;
		seenMs = nowMs;
		if (passedMs > expectedMs + SLACK_MS) steadyMs += expectedMs;
		else if (passedMs > 0) steadyMs += passedMs;
		return steadyMs;
	};
}
