import type { ProblemData } from '../models/problem';
import type { Job, Progress } from '../providers/provider';
import { cancelJob } from './cancel';
import type { Failure } from './memory';
import type { RunContext } from './context';

/**
 * Ends the wait for a job that is not ready at the deadline. The job keeps running, or is cancelled if Cancel on Timeout
 * is on.
 * @param phase its last known phase
 */
export async function timeOutJob(
	job: Job,
	phase: Progress['phase'],
	{ provider, clock, timeoutMs, cancelOnTimeout }: RunContext<unknown>,
): Promise<Failure> {
	const { requestId } = job;
	const minutes = Math.round(timeoutMs / 600) / 100;
	const failed = (result: ProblemData['timedOut']['job']): Failure => ({
		job,
		status: result === 'cancelled' ? 'cancelled' : phase === 'queued' ? 'queued' : 'running',
		problem: {
			name: 'timedOut',
			data: { provider: provider.id, minutes, requestId, job: result },
			requestId,
		},
	});
	if (!cancelOnTimeout) return failed('goesOn');
	const cancelled = await cancelJob(job, provider, clock);
	if (!cancelled.ok || !cancelled.value.cancelled) return failed('notCancelled');
	return failed(cancelled.value.status === 'cancelled' ? 'cancelled' : 'askedToEnd');
}
