import type { Job, Progress } from '../providers/provider';
import { cancelJob } from './cancel';
import type { Failure } from './memory';
import type { RunSetting } from './setting';

/**
 * What becomes of a job that is not ready when the deadline has passed: it goes on, or is cancelled where that was wished.
 * @param phase how it was last seen
 */
export async function giveUp(
	job: Job,
	phase: Progress['phase'],
	{ provider, clock, timeoutMs, cancelOnTimeout }: RunSetting<unknown>,
): Promise<Failure> {
	const { requestId } = job;
	const { name } = provider.table;
	const minutes = Math.round(timeoutMs / 600) / 100;
	const message = `The video was not ready after ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
	const takeUp = `Take it up with Generation: Wait and request ID ${requestId}, or raise 'Timeout (Minutes)' in the options.`;
	const goesOn = (how: string): Failure => ({
		job,
		status: phase === 'queued' ? 'queued' : 'running',
		problem: { message, description: `${how} ${takeUp}`, requestId },
	});
	if (!cancelOnTimeout) return goesOn(`The job goes on at ${name} and will be billed.`);
	const cancelled = await cancelJob(job, provider, clock);
	if (!cancelled.ok || !cancelled.value.cancelled) {
		return goesOn(`The job could not be cancelled at ${name} and may be billed.`);
	}
	if (cancelled.value.status !== 'cancelled') {
		return goesOn(`${name} was asked to cancel the job, but one in progress may still finish and be billed.`);
	}
	const description = `The job ${requestId} was cancelled at ${name}. Raise 'Timeout (Minutes)' in the options, then run the item again.`;
	return { job, status: 'cancelled', problem: { message, description, requestId } };
}
