import { createHash } from 'node:crypto';

import type { Job, Order, Outcome } from '../providers/provider';
import type { Addresses, StoredFile } from '../models/files';
import type { ProviderId } from '../models/names';
import { replaceFiles, type Input } from '../models/parameters';
import type { Problem } from '../models/problem';

/** The known outcome of one paid request. Plain data: n8n saves it with the execution. */
export type RememberedSubmission =
	/**
	 * `outcomes`: the answer of a blocking call, which the provider does not repeat. `lost`: how many videos failed;
	 * their jobs are no longer in `jobs`. `missing`: how many of the ordered jobs the answer did not name.
	 */
	| { result: 'accepted'; jobs: Job[]; outcomes?: Outcome[]; lost?: number; missing?: number }
	/**
	 * Sent, without an answer: the provider may have accepted it. `sentAt`: Unix time in milliseconds. `addresses`: of
	 * its files.
	 */
	| { result: 'open'; sentAt: number; problem: Problem; addresses?: Addresses };

/** An order in a form that can be saved, with its key. The contents of its files stay in the item. */
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
	/** It is unknown whether the provider accepted a job. */
	open?: boolean;
}

/** The state of a parked run, except for its jobs. Plain data, saved with the memory. */
export interface Parking {
	/** When the run started to wait (Unix time in milliseconds). Its timeout counts from here. */
	since: number;
	/** Jobs that have ended. They are collected when all jobs have ended. */
	ended: PolledJob[];
	/** Items that failed before they had a job. They are not tried again while the run waits for the others. */
	bad: Array<{ index: number } & Failure>;
	/** Request IDs of earlier runs' jobs that a pass saw unfinished, so a later pass notices when they end. */
	unfinished?: string[];
}

/** A job with the result of its last status check. `job` is absent while the job of a submit is searched for. */
export interface PolledJob {
	index: number;
	job?: Job;
	status: string;
	queuePosition?: number;
}

/**
 * What one run of the node has paid for. It survives Retry On Fail, a wake and "Retry execution", so none of them pays
 * again. It keeps everything until the run ends without a failed item.
 */
export interface Memory {
	/** The name of the run within its execution. A parked run keeps its name when it wakes. */
	readonly run: string;
	recall(key: string): RememberedSubmission | undefined;
	keep(key: string, remembered: RememberedSubmission): void;
	/** Forgets failed jobs, which a retry cannot reuse. Their request IDs stay known. */
	forget(key: string, lost: Job[]): void;
	/** Keeps the order of an item. */
	keepOrder(index: number, key: string, order: Order): void;
	/**
	 * The order of an item, as long as the node's parameters are the same. If an expression gives another value in each
	 * try, the order does not change.
	 */
	orderOf(index: number): KeptOrder | undefined;
	/** Keeps an outcome with a video: providers report it only for a limited time, and a retry may come later. */
	keepOutcome(requestId: string, outcome: Outcome): void;
	outcomeOf(requestId: string): Outcome | undefined;
	/** Starts a try of this execution and returns its number, from 1. */
	beginTry(): number;
	/** Keeps how an item failed in this try. */
	keepFailure(index: number, failure: Failure): void;
	/** How an item last failed in this execution. */
	failureOf(index: number): Failure | undefined;
	/** The jobs that may still be running, with their items and keys. */
	jobs(): Array<{ index: number; key: string; job: Job }>;
	/** The request IDs of all jobs that this run has had. A submit without an answer cannot have any of these. */
	requestIds(): string[];
	/** The state of a parked run; undefined if the run is not parked. */
	parking(): Parking | undefined;
	park(parking: Parking): void;
	unpark(): void;
	/** USD that other runs of this execution have committed to spend. */
	committedElsewhereUsd(): number;
	/** Records what this run may spend, so that other runs count it. Zero removes the record. */
	commitUsd(usd: number): void;
	/** Forgets everything that this run remembers. */
	clear(): void;
	/** Marks the run as ended, but keeps the memory. */
	close(): void;
}

/** Identifies the run of the node that a memory belongs to. */
export interface RunIdentity {
	/** The name of the run: the name that it was parked under, or its index, or a unique name for a tool call. */
	run: string;
	/** The execution's ID. "Retry execution" starts a new execution, which inherits the memory. */
	execution: string;
	/**
	 * The values that determine the orders: the parameters before expressions are evaluated, and the arguments of a
	 * tool call.
	 */
	parameters: unknown;
	/** A call of an AI tool. It resumes the unfinished work of an equal call that has ended. */
	isToolCall?: boolean;
}

/** The memory of one run of the node. */
interface RunMemory {
	jobs: { [key: string]: RememberedSubmission };
	/** Request IDs of failed jobs. */
	spent: string[];
	orders: { [index: string]: { parameters: string; order: KeptOrder } };
	/** By prefixed request ID: the provider chooses the IDs, and one might be `__proto__`. */
	outcomes: { [prefixedId: string]: Outcome };
	/** The tries of an execution so far. */
	tries: { execution: string; begun: number; failures: { [index: string]: Failure } };
	parking?: Parking;
}

/** The parts of the node's context that all runs of an execution share. */
interface NodeContext {
	lumaRayRuns?: { [run: string]: RunMemory };
	lumaRayCommittedUsd?: { [run: string]: number };
}

/** The names of the runs that are active in this process, by the node's context. */
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
			// A parked run collects what it has ordered, even if the parameters have changed since.
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

/** Moves failed jobs of an order to the spent request IDs. */
function forgetJobs(memory: RunMemory, key: string, lost: readonly Job[]): void {
	const { jobs, spent } = memory;
	const remembered = jobs[key];
	if (remembered?.result !== 'accepted') return;
	spent.push(...lost.map(({ requestId }) => requestId));
	const left = remembered.jobs.filter((job) => !lost.includes(job));
	// If some of its videos have their own orders, or may exist without a known ID, the whole order must never be
	// submitted again.
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
	// An empty value may be missing in the input, depending on the edition of the model that checked it.
	const asked = files.filter(([, value]) => value !== false && !(Array.isArray(value) && value.length === 0));
	return `${itemIndex}:${digest([provider, model, asked, options])}`;
}

function storedFile({ field, fileName, mimeType, bytes, identity }: StoredFile): StoredFile {
	return { field, fileName, mimeType, bytes, identity };
}

/** An order with the key that it is remembered under. */
export interface KeyedOrder {
	key: string;
	order: Order;
}

/** One order for each failed video of an order of several videos. */
export function lostParts({ key, order }: KeyedOrder, { lost = 0 }: { lost?: number }): KeyedOrder[] {
	const options = { ...order.options, generations: 1 };
	return Array.from({ length: lost }, (_, part) => ({ key: `${key}/${part}`, order: { ...order, options } }));
}

/** The part of an item's order that is not paid for yet: the whole order, its failed videos, or nothing. */
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
 * Takes over jobs that an equal call paid for and did not deliver: n8n gives each try of a tool call, and each call
 * that a model repeats, a new run index.
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
 * Gives a run without a memory the memory of the parked run, if there is one: it must be the same run, which n8n has
 * woken in a way that this version does not know. The memory moves to the new name, so that later tries find it, too.
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
