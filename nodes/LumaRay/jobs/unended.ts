import type { Job, Provider } from '../providers/provider';
import type { ProviderId } from '../ray/table';
import { CANCELS_AT_ONCE, leaveAfterStop, type Leaving } from './cancel';
import type { Memory } from './memory';
import { createPool } from './pool';

export interface Unended {
	/** Notes a job that was accepted; after a Stop it is cancelled at once. */
	add(job: Job, index: number): void;
	/** The job is known to have ended. */
	remove(job: Job): void;
	/** Stop is no longer this run's matter. */
	close(): void;
}

/**
 * The jobs of a run that are not known to have ended. A Stop cancels them (or leaves them, where that was wished),
 * also those that nobody follows: another item may have ended the run while a submit is still in the air.
 */
export function createUnended(setting: Leaving): Unended {
	const { signal } = setting;
	const jobs = new Map<Job, number>();
	const cancelling = createPool(CANCELS_AT_ONCE);
	const leave = (index: number, job: Job) =>
		void cancelling(async () => await leaveAfterStop(job, index, setting));
	const leaveAll = () => jobs.forEach(leave);
	signal.addEventListener('abort', leaveAll, { once: true });
	return {
		add(job, index) {
			if (signal.aborted) leave(index, job);
			else jobs.set(job, index);
		},
		remove: (job) => void jobs.delete(job),
		close: () => signal.removeEventListener('abort', leaveAll),
	};
}

/**
 * Stopped between two tries, where nobody listens: once n8n runs the node again, the jobs that the earlier try left are
 * cancelled, each at its own provider (or left, where that was wished). A job whose provider is not among those given is
 * named in the log.
 * @param others providers beside that of the setting: the user may have changed it since
 */
export function leaveRemembered(
	memory: Memory,
	setting: Omit<Leaving, 'provider'> & Partial<Pick<Leaving, 'provider'>>,
	others: Provider[] = [],
): void {
	const { provider: own, cancelOnStop, log } = setting;
	const unended = new Map<ProviderId, Unended>();
	for (const provider of own ? [own, ...others] : others) {
		unended.set(provider.id, createUnended({ ...setting, provider }));
	}
	const unreachable = cancelOnStop
		? 'Job could not be cancelled (the node has no credential for its provider) after Stop'
		: 'Job left running after Stop';
	for (const { index, job } of memory.jobs()) {
		const ofProvider = unended.get(job.provider);
		if (ofProvider) ofProvider.add(job, index);
		else log(unreachable, job, index);
	}
}
