import type { ReadyOrder, Submission } from '../providers/provider';
import type { RunContext } from './context';

/**
 * The provider's blocking call, in place of a submit: one request that lasts until the video is ready. Its answer holds
 * the outcome, and no list shows its job.
 * @param stop ends the call at once: it is paid for and lost
 */
export function blockingCall(
	{ provider, clock, timeoutMs }: RunContext<unknown>,
	stop: AbortSignal,
): (ready: ReadyOrder) => Promise<Submission> {
	return async (ready) => {
		const submission = await provider.generate(ready, timerMs(timeoutMs), stop);
		if (submission.result !== 'accepted') return submission;
		// What a blocking call answers has just ended.
		const outcomes = submission.outcomes?.map((outcome) => ({ ...outcome, completedAt: clock.now() }));
		return outcomes ? { ...submission, outcomes } : submission;
	};
}

/** Milliseconds as Node.js's timers take them: whole, from 1, and no more than 32 bits. */
export function timerMs(ms: number): number {
	return Math.min(Math.max(1, Math.ceil(ms)), 2 ** 31 - 1);
}
