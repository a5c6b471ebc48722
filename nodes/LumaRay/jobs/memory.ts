import { createHash } from 'node:crypto';

import type { Job, Order, Outcome } from '../providers/provider';
import type { ProviderId } from '../ray/table';
import type { Problem } from '../transport/failures';

/** What is known of one paid request. Plain data: n8n saves it with the execution. */
export type Remembered =
	/**
	 * `outcomes`: what a blocking call answered, for nobody else can tell it. `lost`: how many of the videos asked for have
	 * ended badly and are no longer among the jobs.
	 */
	| { fate: 'accepted'; jobs: Job[]; outcomes?: Outcome[]; lost?: number }
	/**
	 * Sent, and never answered: it may have been accepted at this Unix time in milliseconds, with the image as the
	 * provider was given it, where its list tells it again.
	 */
	| { fate: 'open'; sentAt: number; problem: Problem; imageUrl?: string };

/** An order as it can be saved; binary data is found again in the item. */
export type KeptOrder = Pick<Order, 'input' | 'options' | 'estimate'> & { image?: string };

/** How an item, or one of its videos, ended badly. */
export interface Failure {
	problem: Problem;
	job?: Job;
	/** How the job stands, where that is known. */
	status?: 'queued' | 'running' | 'failed' | 'cancelled';
	/** Nobody knows whether a job was accepted. */
	open?: boolean;
}

/** What a parked run knows beyond its jobs. Plain data, saved with the memory. */
export interface Parking {
	/** Unix time in milliseconds at which the run began to wait; its deadline counts from here. */
	since: number;
	/** Jobs that have ended; they are collected once all have. */
	ended: LookedAt[];
	/** Items that were refused; they are not submitted again while the others are waited for. */
	bad: Array<{ index: number } & Failure>;
}

/** A job as the last look at it found it. */
export interface LookedAt {
	index: number;
	job: Job;
	status: string;
	queuePosition?: number;
}

/**
 * What a node run has paid for. It outlives Retry On Fail and "Retry execution", so that neither pays again.
 * Nothing is forgotten before the run has ended without a bad item.
 */
export interface Memory {
	recall(key: string): Remembered | undefined;
	keep(key: string, remembered: Remembered): void;
	/** Jobs that ended badly are no use any more; their request ids stay known. */
	forget(key: string, lost: Job[]): void;
	/** Keeps what is being ordered for an item. */
	keepOrder(index: number, order: Order): void;
	/**
	 * What was ordered for an item, as long as the node's own parameters are the same: an expression that yields something
	 * else each time is no other wish.
	 */
	orderOf(index: number): KeptOrder | undefined;
	/** Keeps an outcome that names a video: providers tell it for a limited time, and a retry may come later. */
	keepOutcome(requestId: string, outcome: Outcome): void;
	outcomeOf(requestId: string): Outcome | undefined;
	/** Counts a try of this execution, from 1. */
	beginTry(): number;
	/** How an item ended badly in this try. */
	keepFailure(index: number, failure: Failure): void;
	/** How an item last ended badly in this execution. */
	failureOf(index: number): Failure | undefined;
	/** The jobs that may still go on, with the items that they belong to. */
	jobs(): Array<{ index: number; job: Job }>;
	/** The request ids of all jobs that this run has had: none of them can be that of a submit without an answer. */
	requestIds(): string[];
	/** What a parked run knows; undefined while it is not parked. */
	parking(): Parking | undefined;
	park(parking: Parking): void;
	unpark(): void;
	/** Forgets all that this run remembers. */
	clear(): void;
}

/** Which run of the node it is that remembers. */
export interface Remembering {
	/** A loop runs a node many times. */
	runIndex: number;
	/** The execution's id: "Retry execution" makes a new one, which inherits the memory. */
	execution: string;
	/** The parameters that say what to order, as the workflow holds them, before their expressions are evaluated. */
	parameters: unknown;
}

/** What one run of the node remembers. */
interface RunMemory {
	jobs: { [key: string]: Remembered };
	/** Request ids of jobs that ended badly. */
	spent: string[];
	orders: { [index: string]: KeptOrder & { parameters: string } };
	outcomes: { [requestId: string]: Outcome };
	/** What the tries of an execution came to. */
	tries: { execution: string; begun: number; failures: { [index: string]: Failure } };
	parking?: Parking;
}

/** Where in the node's context the memory lies, by run. */
const PLACE = 'lumaRayRuns';

/**
 * The memory of one run of the node.
 * @param context the node's own context (`getContext('node')`), shared by all its runs in the execution
 */
export function createMemory(
	context: { [key: string]: unknown },
	{ runIndex, execution, parameters }: Remembering,
): Memory {
	const runs = (context[PLACE] ??= {}) as { [runIndex: string]: RunMemory | undefined };
	const wish = digest(parameters);
	const known = (): RunMemory | undefined => runs[runIndex];
	const kept = (): RunMemory =>
		(runs[runIndex] ??= {
			jobs: {},
			spent: [],
			orders: {},
			outcomes: {},
			tries: { execution, begun: 0, failures: {} },
		});
	const tries = () => {
		const run = kept();
		if (run.tries.execution !== execution) run.tries = { execution, begun: 0, failures: {} };
		return run.tries;
	};
	return {
		recall: (key) => known()?.jobs[key],
		keep(key, remembered) {
			kept().jobs[key] = remembered;
		},
		forget(key, lost) {
			const { jobs, spent } = kept();
			const remembered = jobs[key];
			if (remembered?.fate !== 'accepted') return;
			spent.push(...lost.map(({ requestId }) => requestId));
			const left = remembered.jobs.filter((job) => !lost.includes(job));
			// Once some of its videos have orders of their own, the whole is never ordered again.
			if (left.length === 0 && !remembered.lost) delete jobs[key];
			else jobs[key] = { ...remembered, jobs: left, lost: (remembered.lost ?? 0) + lost.length };
		},
		keepOrder(index, { input, options, estimate, image }) {
			const order = { input, options, estimate, ...(typeof image === 'string' ? { image } : {}) };
			kept().orders[index] = { ...order, parameters: wish };
		},
		orderOf(index) {
			const { parameters, ...order } = known()?.orders[index] ?? {};
			const isSame = parameters === wish || (parameters !== undefined && known()?.parking);
			return isSame ? (order as KeptOrder) : undefined;
		},
		keepOutcome(requestId, outcome) {
			if (outcome.status === 'succeeded' && !outcome.problem) kept().outcomes[requestId] = outcome;
		},
		outcomeOf: (requestId) => known()?.outcomes[requestId],
		beginTry: () => ++tries().begun,
		keepFailure(index, failure) {
			tries().failures[index] = failure;
		},
		failureOf: (index) => tries().failures[index],
		jobs: () =>
			Object.entries(known()?.jobs ?? {}).flatMap(([key, remembered]) =>
				remembered.fate === 'accepted' && !remembered.outcomes
					? remembered.jobs.map((job) => ({ index: Number(key.split(':')[0]), job }))
					: [],
			),
		requestIds: () => [
			...(known()?.spent ?? []),
			...Object.values(known()?.jobs ?? {}).flatMap((remembered) =>
				remembered.fate === 'accepted' ? remembered.jobs.map(({ requestId }) => requestId) : [],
			),
		],
		parking: () => known()?.parking,
		park(parking) {
			kept().parking = parking;
		},
		unpark() {
			delete known()?.parking;
		},
		clear() {
			delete runs[runIndex];
		},
	};
}

/** The same item with the same parameters has the same key; anything that changes the video changes it. */
export function orderKey(provider: ProviderId, itemIndex: number, order: Order): string {
	const image = typeof order.image === 'string' ? order.image : order.image.identity;
	return `${itemIndex}:${digest([provider, order.input, image, order.options])}`;
}

/** An order under the key by which it is remembered. */
export interface KeyedOrder {
	key: string;
	order: Order;
}

/** One order each for the videos of an order that ended badly while others of it did not. */
export function lostParts({ key, order }: KeyedOrder, { lost = 0 }: { lost?: number }): KeyedOrder[] {
	const options = { ...order.options, generations: 1 };
	return Array.from({ length: lost }, (_, part) => ({ key: `${key}/${part}`, order: { ...order, options } }));
}

/** What of an item's order is yet to be paid: all of it, the videos that ended badly, or nothing. */
export function unpaidOf(memory: Memory, provider: ProviderId, itemIndex: number, order: Order): Order[] {
	const whole = { key: orderKey(provider, itemIndex, order), order };
	const remembered = memory.recall(whole.key);
	if (!remembered) return [order];
	if (remembered.fate === 'open') return [];
	return lostParts(whole, remembered).flatMap((part) => (memory.recall(part.key) ? [] : [part.order]));
}

function digest(value: unknown): string {
	return createHash('sha256')
		.update(JSON.stringify(value) ?? '')
		.digest('hex')
		.slice(0, 16);
}
