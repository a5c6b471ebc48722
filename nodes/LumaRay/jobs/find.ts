import { SUBMIT_TIMEOUT_MS } from '../providers/patience';
import type { Addresses } from '../models/files';
import { wireInput } from '../providers/input';
import type { Job, Json, ListedJob, Order, Provider, WireInput } from '../providers/provider';
import type { Clock } from '../transport/clock';
import { orderKey } from './memory';

/** Milliseconds before each read of the list: it may lag behind the provider's queue. */
const READ_PAUSES_MS = [1_000, 4_000, 10_000];
/** How many jobs one read returns, newest first. */
const LISTED = 100;
/** How far a job's submit time may be before ours, in milliseconds: clocks differ, and providers round to seconds. */
const EARLY_MS = 5_000;
/** How far it may be after ours, in milliseconds: the time that a submit waits for its answer, plus some slack. */
const LATE_MS = SUBMIT_TIMEOUT_MS + 30_000;
/** Request IDs that a process remembers. Older ones cannot match any submit that is being searched for. */
const MAX_TAKEN = 10_000;

/** The jobs of all runs of this process, so that no run claims the job of another. */
export interface Claims {
	/** Request IDs that belong to an item of a run. */
	taken: Set<string>;
	/** Orders whose submits are in flight, with the Unix time in milliseconds of the latest try. */
	inFlight: Map<Order, number>;
	/**
	 * Submits without an answer whose jobs are being searched for, by the requested video: thousands may request the
	 * same one.
	 */
	searched: Map<string, Set<OpenSubmit>>;
}

const claims = new WeakMap<Clock, Claims>();

/** The claims of this process. Each process has one clock; tests run several processes. */
export function claimsOf(clock: Clock): Claims {
	const known = claims.get(clock) ?? { taken: new Set(), inFlight: new Map(), searched: new Map() };
	claims.set(clock, known);
	for (const oldest of known.taken) {
		if (known.taken.size <= MAX_TAKEN) break;
		known.taken.delete(oldest);
	}
	return known;
}

/** A submit without an answer. */
export interface OpenSubmit {
	order: Order;
	/** When the submit was sent (Unix time in milliseconds). */
	sentAt: number;
	/** The addresses of the order's files, as the provider got them. */
	addresses?: Addresses;
}

/**
 * Searches the provider's list for the jobs of a submit without an answer, by time and input. A job matches only if the
 * list proves every part of its input: a job that only has the same prompt may belong to another program and have a
 * different image. Adds the found jobs to the claims.
 * @param once reads the list once, without a pause
 * @returns the jobs if the number of matches is the number of ordered jobs; undefined if the outcome remains unknown
 */
export async function findJobs(
	open: OpenSubmit,
	provider: Provider,
	known: Claims,
	clock: Clock,
	once = false,
): Promise<Job[] | undefined> {
	const video = orderKey(provider.id, 0, open.order);
	const ofVideo = known.searched.get(video) ?? new Set();
	known.searched.set(video, ofVideo.add(open));
	try {
		return await readLists(open, video, provider, known, clock, once ? [0] : READ_PAUSES_MS);
	} finally {
		ofVideo.delete(open);
		if (ofVideo.size === 0) known.searched.delete(video);
	}
}

async function readLists(
	open: OpenSubmit,
	video: string,
	provider: Provider,
	known: Claims,
	clock: Clock,
	pausesMs: number[],
): Promise<Job[] | undefined> {
	const { taken } = known;
	const wanted = provider.jobsAsked(open.order);
	// The search continues after a Stop, to cancel the paid job. So no signal aborts it.
	const { signal } = new AbortController();
	for (const pause of pausesMs) {
		if (pause > 0) await clock.sleep(pause);
		const listed = await provider.list([open.order.model], LISTED, signal, open.sentAt - EARLY_MS);
		if (!listed.ok) {
			if (listed.transient) continue;
			return undefined;
		}
		const fitting = listed.value.filter(
			(one) => !taken.has(one.requestId) && isInTime(one, open) && proves(one, open, provider),
		);
		if (fitting.some((one) => mayBeAnothers(one, video, provider, known))) continue;
		if (fitting.length > wanted) return undefined;
		if (fitting.length === wanted) {
			return fitting.map(({ requestId }) => {
				taken.add(requestId);
				return { ...provider.attach(requestId, open.order.model), submittedAt: open.sentAt };
			});
		}
	}
	return undefined;
}

/**
 * Finds a job of this account for exactly the same video that has not failed and belongs to no run of this process.
 * @param since the earliest submit time, Unix time in milliseconds
 */
export async function findRecentJob(
	order: Order,
	provider: Provider,
	clock: Clock,
	signal: AbortSignal,
	since: number,
): Promise<Job | undefined> {
	const listed = await provider.list([order.model], LISTED, signal, since);
	if (!listed.ok) return undefined;
	const { taken } = claimsOf(clock);
	const found = listed.value.find(
		(one) =>
			!taken.has(one.requestId) &&
			!['failed', 'cancelled'].includes(one.status) &&
			(one.submittedAt ?? 0) >= since &&
			proves(one, { order }, provider),
	);
	return found && { ...provider.attach(found.requestId, order.model), submittedAt: found.submittedAt ?? 0 };
}

function isInTime({ submittedAt = 0 }: ListedJob, { sentAt }: OpenSubmit): boolean {
	return submittedAt >= sentAt - EARLY_MS && submittedAt <= sentAt + LATE_MS;
}

/**
 * Whether a job may belong to a submit in flight (whose answer will say so), or to another submit that is being
 * searched for. If both submits are for exactly the same video, either may get the job.
 */
function mayBeAnothers(
	listed: ListedJob,
	video: string,
	provider: Provider,
	{ inFlight, searched }: Claims,
): boolean {
	const { submittedAt = 0 } = listed;
	for (const [order, sentAt] of inFlight) {
		if (submittedAt >= sentAt - EARLY_MS && mayBeOf(listed, { order }, provider)) return true;
	}
	for (const [otherVideo, others] of searched) {
		if (otherVideo === video) continue;
		for (const other of others) {
			if (isInTime(listed, other) && mayBeOf(listed, other, provider)) return true;
		}
	}
	return false;
}

type SentInput = Pick<OpenSubmit, 'order' | 'addresses'>;

/** Whether the list shows exactly the input of the submit: everything that was sent, and nothing else. */
function proves({ input }: ListedJob, submit: SentInput, provider: Provider): boolean {
	const sent = inputOf(submit, provider);
	if (sent.unknown.length > 0) return false;
	return namesOf(input, sent.input).every((name) => isSame(input[name], sent.input[name]));
}

/** Whether a job may belong to the order: no input that is known on both sides differs. */
function mayBeOf({ model, input }: ListedJob, submit: SentInput, provider: Provider): boolean {
	if (model !== undefined && model !== submit.order.model) return false;
	const sent = inputOf(submit, provider);
	return namesOf(input, sent.input)
		.filter((name) => input[name] !== undefined && !sent.unknown.includes(name))
		.every((name) => isSame(input[name], sent.input[name]));
}

/** The input as it was sent, keyed by the names on the wire. */
function inputOf({ order, addresses }: SentInput, { catalogue }: Provider): WireInput {
	const { input, unknown } = wireInput(catalogue.models[order.model], order.input, addresses);
	return { input: { ...input, ...order.options.additionalFields }, unknown };
}

function namesOf(...inputs: Json[]): string[] {
	return [...new Set(inputs.flatMap((input) => Object.keys(input)))];
}

/** For a parameter that was not sent, a list may show null, false or an empty list. */
function isSame(shown: unknown, sent: unknown): boolean {
	const stated = (value: unknown) =>
		value === null || value === false || (Array.isArray(value) && value.length === 0) ? undefined : value;
	return sortedJson(stated(shown)) === sortedJson(stated(sent));
}

/** JSON with sorted keys: a provider's database may not keep the order of the request. */
function sortedJson(value: unknown): string | undefined {
	return JSON.stringify(value, (_key, part: unknown) =>
		typeof part === 'object' && part !== null && !Array.isArray(part)
			? Object.fromEntries(Object.entries(part).sort())
			: part,
	);
}
