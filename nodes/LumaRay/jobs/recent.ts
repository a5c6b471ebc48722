import type { Job, Order, Provider } from '../providers/provider';
import type { Clock } from '../transport/clock';
import { findRecentJob } from './find';
import { lostParts, type KeyedOrder, type Memory, type RememberedSubmission } from './memory';

/**
 * Remembers orders across all executions of this process, for callers that stop waiting and call again. An MCP client
 * stops waiting after a minute, n8n then drops the answer, and the client's next call is a new execution.
 */

/**
 * For this many milliseconds, an equal order is the same order: the longest generation, plus time to notice its end.
 */
const SAME_ORDER_MS = 30 * 60_000;

interface RecentOrder {
	remembered: RememberedSubmission;
	/** Unix time in milliseconds. */
	orderedAt: number;
}

/** By caller and key. */
const recentOrders = new Map<string, RecentOrder>();
/** Orders that are being submitted. Equal orders wait for the result. */
const beginning = new Map<string, { done: Promise<void>; end: () => void }>();

/** Everything that a read of the provider's list needs. */
interface Wire {
	provider: Provider;
	signal: AbortSignal;
}

/** The memory of one call. Later calls of the same caller find its orders. */
export interface RecentMemory extends Memory {
	/**
	 * Reuses the jobs that an earlier call paid for with an equal order: from this process, or from the provider's list
	 * after a restart. If there is nothing to reuse, equal orders wait until this one is remembered.
	 */
	reuse(keyed: KeyedOrder, wire: Wire): Promise<void>;
}

/** @param caller identifies the called node */
export function keepAcrossExecutions(memory: Memory, caller: string, clock: Clock): RecentMemory {
	const begun = new Set<string>();
	const nameOf = (key: string) => `${caller} ${key}`;

	function begin(name: string): void {
		let end!: () => void;
		const done = new Promise<void>((resolve) => (end = resolve));
		beginning.set(name, { done, end });
		begun.add(name);
	}

	function end(name: string): void {
		if (!begun.delete(name)) return;
		beginning.get(name)?.end();
		beginning.delete(name);
	}

	function keep(key: string, remembered: RememberedSubmission): void {
		memory.keep(key, remembered);
		note(nameOf(key), remembered, clock.now());
		end(nameOf(key));
	}

	/** Reuses the jobs that an earlier call paid for under this key, or makes equal orders wait for this one. */
	async function takeOver({ key, order }: KeyedOrder, { provider, signal }: Wire): Promise<void> {
		const name = nameOf(key);
		for (let other = beginning.get(name); other; other = beginning.get(name)) await other.done;
		if (memory.recall(key) || signal.aborted) return;
		begin(name);
		dropOld(clock.now());
		const recent = recentOrders.get(name)?.remembered ?? (await findListed(order, provider, clock, signal));
		if (recent) keep(key, recent);
	}

	return {
		...memory,
		keep,
		forget(key, lost) {
			memory.forget(key, lost);
			// Another call that shared the job may have forgotten it first and ordered again.
			if (holds(recentOrders.get(nameOf(key)), lost)) note(nameOf(key), memory.recall(key), clock.now());
		},
		close() {
			memory.close();
			begun.forEach(end);
		},
		async reuse(whole, wire) {
			if (!memory.recall(whole.key)) {
				await takeOver(whole, wire);
				if (memory.recall(whole.key)) memory.keepOrder(0, whole.key, whole.order);
			}
			const remembered = memory.recall(whole.key);
			if (remembered?.result !== 'accepted') return;
			// An earlier call may already have ordered the failed videos again.
			for (const part of lostParts(whole, remembered)) await takeOver(part, wire);
		},
	};
}

/** Records the paid jobs under a name; undefined removes the record. */
function note(name: string, remembered: RememberedSubmission | undefined, now: number): void {
	dropOld(now);
	const orderedAt = recentOrders.get(name)?.orderedAt ?? now;
	if (remembered) recentOrders.set(name, { remembered, orderedAt });
	else recentOrders.delete(name);
}

function holds(recent: RecentOrder | undefined, jobs: Job[]): boolean {
	if (recent?.remembered.result !== 'accepted') return false;
	const known = recent.remembered.jobs.map(({ requestId }) => requestId);
	return jobs.some(({ requestId }) => known.includes(requestId));
}

function dropOld(now: number): void {
	for (const [name, { orderedAt }] of recentOrders) {
		if (now - orderedAt > SAME_ORDER_MS) recentOrders.delete(name);
	}
}

async function findListed(
	order: Order,
	provider: Provider,
	clock: Clock,
	signal: AbortSignal,
): Promise<RememberedSubmission | undefined> {
	const job = await findRecentJob(order, provider, clock, signal, clock.now() - SAME_ORDER_MS);
	return job && { result: 'accepted', jobs: [job] };
}
