import type { ReadyOrder, Submission } from '../providers/provider';
import type { RunContext } from './context';

/**
 * The provider's blocking call, instead of a submit: one request that lasts until the video is ready. Its answer
 * contains the outcome. The provider's lists do not show its job.
 * @param stop aborts the call immediately: it is paid for, and its video is lost
 */
export function blockingCall(
	{ provider, clock, timeoutMs }: RunContext<unknown>,
	stop: AbortSignal,
): (ready: ReadyOrder) => Promise<Submission> {
	return async (ready) => {
		const submission = await provider.generate(ready, timerMs(timeoutMs), stop);
		if (submission.result !== 'accepted') return submission;
		// The job has just ended.
		const outcomes = submission.outcomes?.map((outcome) => ({ ...outcome, completedAt: clock.now() }));
		return outcomes ? { ...submission, outcomes } : submission;
	};
}

/** Milliseconds within the limits of Node.js timers: a whole number from 1 to 2^31 - 1. */
export function timerMs(ms: number): number {
	return Math.min(Math.max(1, Math.ceil(ms)), 2 ** 31 - 1);
}
