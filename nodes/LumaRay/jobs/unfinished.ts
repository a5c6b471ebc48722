import type { Job } from '../providers/provider';
import { CANCELS_AT_ONCE, endAfterStop, type StopContext } from './cancel';
import type { Memory } from './memory';
import { createPool } from './pool';

export interface UnfinishedJobs {
	/** Adds an accepted job. After a Stop, it is cancelled immediately. */
	add(job: Job, index: number): void;
	/** Removes a job that has ended. */
	remove(job: Job): void;
	isEmpty(): boolean;
	/** From now on, a Stop does nothing. */
	close(): void;
}

/**
 * Tracks the jobs of a run that may still be running. A Stop cancels them, unless Cancel on Stop is off. This includes
 * jobs that are not followed: another item may have ended the run while a submit was in flight.
 */
export function trackUnfinished(context: StopContext): UnfinishedJobs {
	const { signal } = context;
	const jobs = new Map<Job, number>();
	const cancelling = createPool(CANCELS_AT_ONCE);
	const end = (index: number, job: Job) =>
		void cancelling(async () => await endAfterStop(job, index, context));
	const endAll = () => jobs.forEach((index, job) => end(index, job));
	signal.addEventListener('abort', endAll, { once: true });
	return {
		add(job, index) {
			if (signal.aborted) end(index, job);
			else jobs.set(job, index);
		},
		remove: (job) => void jobs.delete(job),
		isEmpty: () => jobs.size === 0,
		close: () => signal.removeEventListener('abort', endAll),
	};
}

/**
 * Handles a Stop between two tries, when no code of the node runs. When n8n runs the node again, this function cancels
 * the jobs of the earlier try, unless Cancel on Stop is off.
 */
export function endRemembered(memory: Memory, context: StopContext): void {
	const unfinished = trackUnfinished(context);
	for (const { index, job } of memory.jobs()) {
		if (job.provider === context.provider.id) unfinished.add(job, index);
	}
}
