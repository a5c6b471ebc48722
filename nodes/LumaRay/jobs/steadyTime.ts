import type { Clock } from '../transport/clock';

/**
 * How far time may run ahead of what was expected, in milliseconds. A read, its turn in the line of a large run (10,000
 * jobs: 200 s) and a busy machine stay below it; what goes beyond is a clock that was set, or a machine that slept.
 */
const SLACK_MS = 15 * 60_000;

/**
 * Time in milliseconds, to measure pauses and deadlines by. It begins as the clock's Unix time and passes with it, but a
 * clock that is set back or forward does not change it.
 * @returns a function to call after each wait, with the milliseconds that the wait was to take
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
