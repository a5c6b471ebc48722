import type { Progress } from '../providers/provider';
import { onAbort } from '../transport/abort';
import type { Clock } from '../transport/clock';

/** An event for the follower of a job: progress, or `replan` to schedule its next poll again. */
export type JobEvent = Progress | 'replan';

export interface JobEvents {
	emit(requestId: string, event: JobEvent): void;
	/** Whether the feed has reported the end of any job. Before that, its silence about a job means nothing. */
	haveReportedAnEnd(): boolean;
	/** Waits for the job's next event. Undefined if `ms` milliseconds have passed, or if the signal aborts. */
	wait(requestId: string, ms: number, signal: AbortSignal): Promise<JobEvent | undefined>;
}

/** Passes events from a provider's feed to the followers of jobs. Keeps an event that has no follower waiting for it. */
export function createJobEvents(clock: Clock): JobEvents {
	let endReported = false;
	const kept = new Map<string, JobEvent>();
	/** One set per job: several items may wait for the same job. */
	const waiting = new Map<string, Set<(event: JobEvent) => void>>();
	return {
		haveReportedAnEnd: () => endReported,
		emit(requestId, event) {
			if (!endReported && event !== 'replan' && event.phase === 'ended') {
				endReported = true;
				// From now on, the feed needs fewer polls as a backup.
				waiting.forEach((waiters, other) => {
					if (other !== requestId) waiters.forEach((notify) => notify('replan'));
				});
			}
			const waiters = waiting.get(requestId);
			if (waiters) waiters.forEach((notify) => notify(event));
			// A kept progress event must not be replaced by a replan: it may report the end.
			else if (event !== 'replan' || !kept.has(requestId)) kept.set(requestId, event);
		},
		async wait(requestId, ms, signal) {
			const early = kept.get(requestId);
			kept.delete(requestId);
			if (early !== undefined) return early;
			const waiters = waiting.get(requestId) ?? new Set();
			waiting.set(requestId, waiters);
			const undo: Array<() => void> = [];
			// Uses one promise instead of racing several, because thousands of jobs wait at the same time.
			const event = await new Promise<JobEvent | undefined>((resolve) => {
				const end = () => resolve(undefined);
				waiters.add(resolve);
				undo.push(() => waiters.delete(resolve), clock.setAlarm(ms, end), onAbort(signal, end));
			});
			undo.forEach((one) => one());
			if (waiters.size === 0) waiting.delete(requestId);
			return event;
		},
	};
}
