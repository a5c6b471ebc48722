import type { Clock } from '../transport/clock';

/**
 * Milliseconds that a wait may take longer than expected. A read, its turn in the queue of a large run (10,000 jobs:
 * 200 s) and a busy machine stay below it. A longer wait means that the clock was set or the machine slept.
 */
const SLACK_MS = 15 * 60_000;

/**
 * Time in milliseconds for pauses and deadlines. It starts at the clock's Unix time and follows it, but does not change
 * if the clock is set back or forward.
 * @returns a function that returns the time; call it after each wait with the expected milliseconds of the wait
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
