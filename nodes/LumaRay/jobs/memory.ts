import { createHash } from 'node:crypto';

import type { Job, Order, Outcome } from '../providers/provider';
import type { Addresses, StoredFile } from '../models/files';
import type { ProviderId } from '../models/names';
import { replaceFiles, type Input } from '../models/parameters';
import type { Problem } from '../models/problem';

/** What is known of one paid request. Plain data: n8n saves it with the execution. */
export type RememberedSubmission =
	/**
	 * `outcomes`: what a blocking call answered, since the provider does not report it again. `lost`: how many of the
	 * videos failed and are no longer among the jobs. `missing`: how many jobs were asked for and not named.
	 */
	| { result: 'accepted'; jobs: Job[]; outcomes?: Outcome[]; lost?: number; missing?: number }
	/**
	 * Sent and never answered: it may have been accepted at this Unix time in milliseconds, with its files at these
	 * addresses.
	 */
	| { result: 'open'; sentAt: number; problem: Problem; addresses?: Addresses };

/** An order as it can be saved, with the key of what it paid for. Its files are found again in the item. */
export type KeptOrder = Pick<Order, 'model' | 'options' | 'estimate'> & {
	key: string;
	input: Input<StoredFile>;
};

/** How an item, or one of its videos, failed. */
export interface Failure {
	problem: Problem;
	job?: Job;
	/** The state of the job, if it is known. */
	status?: 'queued' | 'running' | 'failed' | 'cancelled';
	/** It is unknown whether a job was accepted. */
	open?: boolean;
}

/** What a parked run knows beyond its jobs. Plain data, saved with the memory. */
export interface Parking {
	/** Unix time in milliseconds at which the run began to wait; its deadline counts from here. */
	since: number;
	/** Jobs that have ended; they are collected once all have. */
	ended: PolledJob[];
	/** Items that failed before they had a job. They are not tried again while the others are waited for. */
	bad: Array<{ index: number } & Failure>;
	/** Request IDs of the jobs of earlier runs that a pass has seen unfinished: a later pass sees when they end. */
	unfinished?: string[];
}

/** A job as its last status check found it. Without a job, the submit got no answer and its job is searched for. */
export interface PolledJob {
	index: number;
	job?: Job;
	status: string;
	queuePosition?: number;
}

/**
 * What one run of the node has paid for. It outlives Retry On Fail, a wake and "Retry execution", so that none of
 * them pays again. Nothing is forgotten before the run has ended without a failed item.
 */
export interface Memory {
	/** Names the run within its execution. A parked run wakes under the same name. */
	readonly run: string;
	recall(key: string): RememberedSubmission | undefined;
	keep(key: string, remembered: RememberedSubmission): void;
	/** Failed jobs are of no use to a retry; their request IDs stay known. */
	forget(key: string, lost: Job[]): void;
	/** Keeps what is being ordered for an item. */
	keepOrder(index: number, key: string, order: Order): void;
	/**
	 * What was ordered for an item, as long as the node's own parameters are the same: an expression that yields
	 * something else in each try does not change the order.
	 */
	orderOf(index: number): KeptOrder | undefined;
	/** Keeps an outcome that names a video: providers report it for a limited time, and a retry may come later. */
	keepOutcome(requestId: string, outcome: Outcome): void;
	outcomeOf(requestId: string): Outcome | undefined;
	/** Counts a try of this execution, from 1. */
	beginTry(): number;
	/** How an item failed in this try. */
	keepFailure(index: number, failure: Failure): void;
	/** How an item last failed in this execution. */
	failureOf(index: number): Failure | undefined;
	/** The jobs that may still be running, with the items and the keys that they belong to. */
	jobs(): Array<{ index: number; key: string; job: Job }>;
	/** The request IDs of all jobs that this run has had: none of them can be that of a submit without an answer. */
	requestIds(): string[];
	/** What a parked run knows; undefined while it is not parked. */
	parking(): Parking | undefined;
	park(parking: Parking): void;
	unpark(): void;
	/** USD that other runs of this execution have committed to spend. */
	committedElsewhereUsd(): number;
	/** Notes what this run may spend, so that other runs count it. Zero takes it back. */
	commitUsd(usd: number): void;
	/** Forgets all that this run remembers. */
	clear(): void;
	/** This run of the node has ended. What it remembers stays. */
	close(): void;
}

/** Which run of the node it is that remembers. */
export interface RunIdentity {
	/** Names the run: the name under which it was parked, or its index, or a name of its own for a tool call. */
	run: string;
	/** The execution's ID: "Retry execution" makes a new one, which inherits the memory. */
	execution: string;
	/** What says what to order: the parameters before their expressions are evaluated, and the arguments of a tool. */
	parameters: unknown;
	/** A call of an AI tool: it resumes what an equal call, which has ended, left behind. */
	isToolCall?: boolean;
}

/** What one run of the node remembers. */
interface RunMemory {
	jobs: { [key: string]: RememberedSubmission };
	/** Request IDs of failed jobs. */
	spent: string[];
	orders: { [index: string]: { parameters: string; order: KeptOrder } };
	/** By request ID, behind a prefix: a provider may name a job as it likes, also `__proto__`. */
	outcomes: { [prefixedId: string]: Outcome };
	/** What the tries of an execution came to. */
	tries: { execution: string; begun: number; failures: { [index: string]: Failure } };
	parking?: Parking;
}

/** The parts of the node's context that are kept for all runs of an execution. */
interface NodeContext {
	lumaRayRuns?: { [run: string]: RunMemory };
	lumaRayCommittedUsd?: { [run: string]: number };
}

/** The runs that go on in this process right now, by the node's context. */
const openRuns = new WeakMap<object, Set<string>>();

/**
 * Opens the memory of one run of the node. Close it when the run ends.
 * @param context the node's own context (`getContext('node')`), shared by all its runs in the execution
 */
export function openMemory(context: { [key: string]: unknown }, identity: RunIdentity): Memory {
	const shared = context as NodeContext;
	const runs = (shared.lumaRayRuns ??= {});
	const committed = (shared.lumaRayCommittedUsd ??= {});
	const open = openRuns.get(context) ?? new Set();
	openRuns.set(context, open);
	const { run, execution } = identity;
	const parametersDigest = digest(identity.parameters);
	if (identity.isToolCall) adoptEqualCall(runs, run, parametersDigest, open);
	else if (!runs[run]) adoptParkedRun(runs, run);
	open.add(run);

	const known = (): RunMemory | undefined => runs[run];
	const kept = (): RunMemory => (runs[run] ??= emptyMemory(execution));
	const tries = () => {
		const memory = kept();
		if (memory.tries.execution !== execution) memory.tries = { execution, begun: 0, failures: {} };
		return memory.tries;
	};
	return {
		run,
		recall: (key) => known()?.jobs[key],
		keep(key, remembered) {
			kept().jobs[key] = remembered;
		},
		forget: (key, lost) => forgetJobs(kept(), key, lost),
		keepOrder(index, key, { model, input, options, estimate }) {
			const order = { key, model, input: replaceFiles(input, storedFile), options, estimate };
			kept().orders[index] = { parameters: parametersDigest, order };
		},
		orderOf(index) {
			const keptOrder = known()?.orders[index];
			// A parked run collects what it has ordered, whatever the parameters say by now.
			const isSame = keptOrder?.parameters === parametersDigest || known()?.parking !== undefined;
			return isSame ? keptOrder?.order : undefined;
		},
		keepOutcome(requestId, outcome) {
			if (outcome.video) kept().outcomes[prefixed(requestId)] = outcome;
		},
		outcomeOf: (requestId) => known()?.outcomes[prefixed(requestId)],
		beginTry: () => ++tries().begun,
		keepFailure(index, failure) {
			tries().failures[index] = failure;
		},
		failureOf: (index) => tries().failures[index],
		jobs: () => jobsIn(known()),
		requestIds: () => requestIdsIn(known()),
		parking: () => known()?.parking,
		park(parking) {
			kept().parking = parking;
		},
		unpark() {
			delete known()?.parking;
		},
		committedElsewhereUsd: () =>
			Object.entries(committed).reduce((sum, [other, usd]) => sum + (other === run ? 0 : usd), 0),
		commitUsd(usd) {
			if (usd > 0) committed[run] = usd;
			else delete committed[run];
		},
		clear() {
			delete runs[run];
		},
		close: () => void open.delete(run),
	};
}

/** Drops failed jobs of an order, and keeps their request IDs as those of failed jobs. */
function forgetJobs(memory: RunMemory, key: string, lost: readonly Job[]): void {
	const { jobs, spent } = memory;
	const remembered = jobs[key];
	if (remembered?.result !== 'accepted') return;
	spent.push(...lost.map(({ requestId }) => requestId));
	const left = remembered.jobs.filter((job) => !lost.includes(job));
	// Once some of its videos have orders of their own, or may be on their way without a name, the whole is never
	// ordered again.
	if (left.length === 0 && !remembered.lost && !remembered.missing) delete jobs[key];
	else jobs[key] = { ...remembered, jobs: left, lost: (remembered.lost ?? 0) + lost.length };
}

/** The key of one item's order: the same item with the same order has the same key. */
export function orderKey(
	provider: ProviderId,
	itemIndex: number,
	{ model, input, options }: Pick<Order, 'model' | 'options'> & { input: Input<StoredFile> },
): string {
	const files = Object.entries(replaceFiles(input, ({ identity }) => ({ identity })));
	// Which values of nothing are among the input depends on the edition of the model that it was checked by.
	const asked = files.filter(([, value]) => value !== false && !(Array.isArray(value) && value.length === 0));
	return `${itemIndex}:${digest([provider, model, asked, options])}`;
}

function storedFile({ field, fileName, mimeType, bytes, identity }: StoredFile): StoredFile {
	return { field, fileName, mimeType, bytes, identity };
}

/** An order under the key by which it is remembered. */
export interface KeyedOrder {
	key: string;
	order: Order;
}

/** One order for each failed video of an order that asked for several. */
export function lostParts({ key, order }: KeyedOrder, { lost = 0 }: { lost?: number }): KeyedOrder[] {
	const options = { ...order.options, generations: 1 };
	return Array.from({ length: lost }, (_, part) => ({ key: `${key}/${part}`, order: { ...order, options } }));
}

/** What of an item's order is yet to be paid: all of it, the videos that failed, or nothing. */
export function unpaidOf(memory: Memory, whole: KeyedOrder): Order[] {
	const remembered = memory.recall(whole.key);
	if (!remembered) return [whole.order];
	if (remembered.result === 'open') return [];
	return lostParts(whole, remembered).flatMap((part) => (memory.recall(part.key) ? [] : [part.order]));
}

function emptyMemory(execution: string): RunMemory {
	return {
		jobs: {},
		spent: [],
		orders: {},
		outcomes: {},
		tries: { execution, begun: 0, failures: {} },
	};
}

/**
 * n8n gives every try of a tool call, and a call that a model repeats, a run index of its own. What an equal call paid
 * for and did not deliver belongs to this one.
 */
function adoptEqualCall(
	runs: { [run: string]: RunMemory },
	run: string,
	parametersDigest: string,
	open: Set<string>,
): void {
	const left = Object.keys(runs).find((other) => {
		const { jobs, orders, parking } = runs[other];
		if (open.has(other) || parking || Object.keys(jobs).length === 0) return false;
		return Object.values(orders).some(({ parameters }) => parameters === parametersDigest);
	});
	if (left === undefined) return;
	runs[run] = runs[left];
	delete runs[left];
}

/**
 * A run without a memory that n8n starts while another one is parked is that one, woken in a way that this version does
 * not know. The memory moves with it, so that its later tries find it too.
 */
function adoptParkedRun(runs: { [run: string]: RunMemory }, run: string): void {
	const parked = Object.keys(runs).find((other) => runs[other].parking !== undefined);
	if (parked === undefined) return;
	runs[run] = runs[parked];
	delete runs[parked];
}

function jobsIn(memory: RunMemory | undefined): Array<{ index: number; key: string; job: Job }> {
	return Object.entries(memory?.jobs ?? {}).flatMap(([key, remembered]) =>
		remembered.result === 'accepted' && !remembered.outcomes
			? remembered.jobs.map((job) => ({ index: indexOf(key), key, job }))
			: [],
	);
}

/** The item that a key belongs to: every key begins with its index. */
function indexOf(key: string): number {
	return Number(key.split(':')[0]);
}

function requestIdsIn(memory: RunMemory | undefined): string[] {
	return [
		...(memory?.spent ?? []),
		...Object.values(memory?.jobs ?? {}).flatMap((remembered) =>
			remembered.result === 'accepted' ? remembered.jobs.map(({ requestId }) => requestId) : [],
		),
	];
}

function prefixed(requestId: string): string {
	return `id:${requestId}`;
}

function digest(value: unknown): string {
	return createHash('sha256')
		.update(JSON.stringify(value) ?? '')
		.digest('hex')
		.slice(0, 16);
}
