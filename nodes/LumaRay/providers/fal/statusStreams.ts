import { parsedObject } from '../answers';
import type { Feed, FeedListener, Job } from '../provider';
import type { PacedReads } from '../rates';
import { streamBudgetOf } from '../streamBudget';
import { keepStream, type KeptStream } from '../streams';
import { statusUrl } from './queue';
import { progressOf } from './results';
import type { FalWire } from './wire';

interface Watched {
	job: Job;
	kind: string;
}

/** Opens one status stream per job while the process has streams for this execution. Other jobs are only polled. */
export function openStatusStreams(
	wire: FalWire,
	{ lane, isLimited }: PacedReads,
	listener: FeedListener,
	expectedMs: (kind: string) => number | undefined,
): Feed {
	const { http, clock, statusQuery } = wire;
	const budget = streamBudgetOf(clock);
	const streams = new Map<string, Watched & { stream: KeptStream }>();
	const waiting = createWaitingJobs(expectedMs, (endsAt) => endsAt <= clock.now() && isLimited());

	function open(watched: Watched | undefined): void {
		if (!watched) return;
		const { job, kind } = watched;
		const { requestId } = job;
		waiting.remove(requestId);
		const stream = keepStream({ http, clock, lane }, `${statusUrl(wire, job)}/stream`, statusQuery, {
			onEvent: ({ data }) => {
				const progress = progressOf(parsedObject(data));
				if (progress) listener(requestId, progress);
				return progress?.phase === 'ended' ? 'done' : undefined;
			},
			onState(state) {
				if (state !== 'refused') listener(requestId, undefined);
				if (state === 'over') close(requestId);
			},
		});
		streams.set(requestId, { job, kind, stream });
	}

	function close(requestId: string): void {
		streams.get(requestId)?.stream.close();
		if (streams.delete(requestId)) budget.share();
	}

	const claimant = {
		held: () => streams.size,
		soonest: () => waiting.soonestEndsAt(),
		open: () => open(waiting.soonest()),
		giveBack() {
			const [last] = [...streams.values()].sort((one, other) => waiting.endsAt(other) - waiting.endsAt(one));
			last.stream.close();
			streams.delete(last.job.requestId);
			waiting.add(last);
			listener(last.job.requestId, undefined);
		},
	};
	budget.join(claimant);

	return {
		add(job, kind) {
			// Several items may follow the same job.
			if (streams.has(job.requestId)) return;
			waiting.add({ job, kind });
			budget.share();
		},
		ready: async () => undefined,
		remove(requestId) {
			waiting.remove(requestId);
			close(requestId);
		},
		covers: (requestId) => streams.get(requestId)?.stream.isOpen() ?? false,
		close() {
			waiting.clear();
			streams.forEach(({ stream }) => stream.close());
			streams.clear();
			budget.leave(claimant);
		},
	};
}

/**
 * Jobs without a stream. Jobs of the same kind should end in the order of their submits.
 * @param isTooLate whether a job that should end at this time gets no stream: a stream costs a read, and such a job needs
 * only one more read, for its outcome
 */
function createWaitingJobs(
	expectedMs: (kind: string) => number | undefined,
	isTooLate: (endsAt: number) => boolean,
) {
	const byKind = new Map<string, Map<string, Job>>();
	/** Jobs of an unknown kind come first: their streams show how long other jobs of that kind take. */
	const endsAt = ({ job, kind }: Watched) => job.submittedAt + (expectedMs(kind) ?? 0);
	function soonest(): Watched | undefined {
		let first: Watched | undefined;
		for (const [kind, jobs] of byKind) {
			const isKnown = expectedMs(kind) !== undefined;
			for (const job of jobs.values()) {
				if (isKnown && isTooLate(endsAt({ job, kind }))) continue;
				if (!first || endsAt({ job, kind }) < endsAt(first)) first = { job, kind };
				break;
			}
		}
		return first;
	}
	return {
		endsAt,
		soonest,
		soonestEndsAt() {
			const first = soonest();
			return first && endsAt(first);
		},
		add({ job, kind }: Watched): void {
			byKind.set(kind, (byKind.get(kind) ?? new Map<string, Job>()).set(job.requestId, job));
		},
		remove: (requestId: string) => byKind.forEach((jobs) => jobs.delete(requestId)),
		clear: () => byKind.clear(),
	};
}
