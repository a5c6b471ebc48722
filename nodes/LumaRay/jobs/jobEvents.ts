import type { Progress } from '../providers/provider';
import type { Clock } from '../transport/clock';

/** What a follower hears: news of its job, or that its next poll is to be placed again. */
export type Ring = Progress | 'replan';

export interface JobEvents {
	ring(requestId: string, ring: Ring): void;
	/** Whether the feed has reported the end of a job, so that its silence about another one means something. */
	haveReportedAnEnd(): boolean;
	/** Waits until the job's bell rings, `ms` milliseconds have passed (undefined) or the signal aborts (undefined). */
	wait(requestId: string, ms: number, signal: AbortSignal): Promise<Ring | undefined>;
}

/** One bell per job, between a provider's feed and the followers. A ring that nobody waits for is kept. */
export function createJobEvents(clock: Clock): JobEvents {
	let endReported = false;
	const kept = new Map<string, Ring>();
	/** Several where several items ask for the same job. */
	const waiting = new Map<string, Set<(ring: Ring) => void>>();
	return {
		haveReportedAnEnd: () => endReported,
		ring(requestId, ring) {
			if (!endReported && ring !== 'replan' && ring.phase === 'ended') {
				endReported = true;
				// From now on the feed is trusted for longer.
				waiting.forEach((waiters, other) => {
					if (other !== requestId) waiters.forEach((hear) => hear('replan'));
				});
			}
			const waiters = waiting.get(requestId);
			if (waiters) waiters.forEach((hear) => hear(ring));
			// News is worth more: only it may tell of the end.
			else if (ring !== 'replan' || !kept.has(requestId)) kept.set(requestId, ring);
		},
		async wait(requestId, ms, signal) {
			const early = kept.get(requestId);
			kept.delete(requestId);
			if (early !== undefined) return early;
			const rung = new AbortController();
			const waiters = waiting.get(requestId) ?? new Set();
			waiting.set(requestId, waiters);
			let hear!: (ring: Ring) => void;
			const ringing = new Promise<Ring>((resolve) => waiters.add((hear = resolve)));
			const pause = clock.sleep(ms, AbortSignal.any([signal, rung.signal]));
			const heard = await Promise.race([ringing, pause.then(() => undefined)]);
			waiters.delete(hear);
			if (waiters.size === 0) waiting.delete(requestId);
			rung.abort();
			return heard;
		},
	};
}
