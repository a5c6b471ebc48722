import type { Job } from '../providers/provider';
import { CANCELS_AT_ONCE, endAfterStop, type StopContext } from './cancel';
import type { Memory } from './memory';
import { createPool } from './pool';

export interface UnfinishedJobs {
	/** Notes a job that was accepted; after a Stop it is cancelled at once. */
	add(job: Job, index: number): void;
	/** The job is known to have ended. */
	remove(job: Job): void;
	isEmpty(): boolean;
	/** A Stop no longer concerns this run. */
	close(): void;
}

/**
 * The jobs of a run that are not known to have ended. A Stop cancels them (or leaves them, where that was wished),
 * also those that nobody follows: another item may have ended the run while a submit is still in the air.
 */
export function trackUnfinished(context: StopContext): UnfinishedJobs {
	const { signal } = context;
	const jobs = new Map<Job, number>();
	const cancelling = createPool(CANCELS_AT_ONCE);
	const leave = (index: number, job: Job) =>
		void cancelling(async () => await endAfterStop(job, index, context));
	const leaveAll = () => jobs.forEach(leave);
	signal.addEventListener('abort', leaveAll, { once: true });
	return {
		add(job, index) {
			if (signal.aborted) leave(index, job);
			else jobs.set(job, index);
		},
		remove: (job) => void jobs.delete(job),
		isEmpty: () => jobs.size === 0,
		close: () => signal.removeEventListener('abort', leaveAll),
	};
}

/**
 * Stopped between two tries, where nobody listens: once n8n runs the node again, the jobs that the earlier try left at
 * the provider are cancelled (or left, where that was wished).
 */
export function endRemembered(memory: Memory, context: StopContext): void {
	const unfinished = trackUnfinished(context);
	for (const { index, job } of memory.jobs()) {
		if (job.provider === context.provider.id) unfinished.add(job, index);
	}
}
