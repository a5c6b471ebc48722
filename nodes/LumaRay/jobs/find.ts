import { SUBMIT_TIMEOUT_MS } from '../providers/patience';
import type { Addresses } from '../models/files';
import { wireInput } from '../providers/input';
import type { Job, Json, ListedJob, Order, Provider, WireInput } from '../providers/provider';
import type { Clock } from '../transport/clock';
import { orderKey } from './memory';

/** Milliseconds before each look: a provider's list may lag behind its queue. */
const LOOKS_MS = [1_000, 4_000, 10_000];
/** Jobs that one look goes through, newest first. */
const LISTED = 100;
/** How far a provider's time of a job may lie before the submit: other clocks, and whole seconds. */
const EARLY_MS = 5_000;
/** How far after it: as long as its answer was waited for, and a little. */
const LATE_MS = SUBMIT_TIMEOUT_MS + 30_000;
/** Request ids that a process keeps in mind; what is older lies far before any submit that is looked for. */
const MAX_TAKEN = 10_000;

/** What a process knows of its own jobs, over all its runs, so that no run takes up the job of another. */
export interface Claims {
	/** Request ids that belong to an item of some run. */
	taken: Set<string>;
	/** Orders whose submits are not answered yet, with the Unix time in milliseconds before which none was sent. */
	inTheAir: Map<Order, number>;
	/**
	 * Submits without an answer whose jobs are being looked for, by the video that they ask for: thousands may ask for the
	 * same one.
	 */
	sought: Map<string, Set<OpenSubmit>>;
}

const claims = new WeakMap<Clock, Claims>();

/** The claims of the process that this clock stands for: there is one clock in each. */
export function claimsOf(clock: Clock): Claims {
	const known = claims.get(clock) ?? { taken: new Set(), inTheAir: new Map(), sought: new Map() };
	claims.set(clock, known);
	for (const oldest of known.taken) {
		if (known.taken.size <= MAX_TAKEN) break;
		known.taken.delete(oldest);
	}
	return known;
}

/** A submit that was never answered. */
export interface OpenSubmit {
	order: Order;
	/** Unix time in milliseconds at which the submit went out. */
	sentAt: number;
	/** Where the provider was given the files of the order. */
	addresses?: Addresses;
}

/**
 * Looks for the jobs of a submit that was never answered, in the provider's own list, by its time and its input. A job
 * is accepted only if the list proves every part of its input: with the same prompt alone it may be a job of another
 * program with another image. What is found is added to the claims.
 * @param once reads the list a single time, at once
 * @returns the jobs if exactly as many fit as were asked for; undefined if it remains unknown
 */
export async function findJobs(
	open: OpenSubmit,
	provider: Provider,
	known: Claims,
	clock: Clock,
	once = false,
): Promise<Job[] | undefined> {
	const video = orderKey(provider.id, 0, open.order);
	const ofVideo = known.sought.get(video) ?? new Set();
	known.sought.set(video, ofVideo.add(open));
	try {
		return await readLists(open, video, provider, known, clock, once ? [0] : LOOKS_MS);
	} finally {
		ofVideo.delete(open);
		if (ofVideo.size === 0) known.sought.delete(video);
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
	// A job that was paid for is looked for also after a Stop, to cancel it; so no signal ends this.
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
 * A job of this account that was submitted since then for the very same video, has not failed and belongs to no run of
 * this process.
 * @param since Unix time in milliseconds
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
 * Whether a job may be that of a submit in the air, whose answer will tell, or of another one that is looked for. Where
 * both are for the very same video, it matters to nobody which of them gets it.
 */
function mayBeAnothers(
	listed: ListedJob,
	video: string,
	provider: Provider,
	{ inTheAir, sought }: Claims,
): boolean {
	const { submittedAt = 0 } = listed;
	for (const [order, sentAt] of inTheAir) {
		if (submittedAt >= sentAt - EARLY_MS && mayBeOf(listed, { order }, provider)) return true;
	}
	for (const [otherVideo, others] of sought) {
		if (otherVideo === video) continue;
		for (const other of others) {
			if (isInTime(listed, other) && mayBeOf(listed, other, provider)) return true;
		}
	}
	return false;
}

type SentInput = Pick<OpenSubmit, 'order' | 'addresses'>;

/** Whether the list shows exactly the input of the submit: all that was sent, and nothing else. */
function proves({ input }: ListedJob, submit: SentInput, provider: Provider): boolean {
	const sent = inputOf(submit, provider);
	if (sent.unknown.length > 0) return false;
	return namesOf(input, sent.input).every((name) => isSame(input[name], sent.input[name]));
}

/** Whether a job may be that of the order: nothing that the list shows and that is known of the order differs. */
function mayBeOf({ model, input }: ListedJob, submit: SentInput, provider: Provider): boolean {
	if (model !== undefined && model !== submit.order.model) return false;
	const sent = inputOf(submit, provider);
	return namesOf(input, sent.input)
		.filter((name) => input[name] !== undefined && !sent.unknown.includes(name))
		.every((name) => isSame(input[name], sent.input[name]));
}

/** The input as it went out, by the names of the wire. */
function inputOf({ order, addresses }: SentInput, { catalogue }: Provider): WireInput {
	const { input, unknown } = wireInput(catalogue.models[order.model], order.input, addresses);
	return { input: { ...input, ...order.options.additionalFields }, unknown };
}

function namesOf(...inputs: Json[]): string[] {
	return [...new Set(inputs.flatMap((input) => Object.keys(input)))];
}

/** A list may show a parameter that was not sent with the value that stands for that. */
function isSame(shown: unknown, sent: unknown): boolean {
	const stated = (value: unknown) =>
		value === null || value === false || (Array.isArray(value) && value.length === 0) ? undefined : value;
	return sortedJson(stated(shown)) === sortedJson(stated(sent));
}

/** JSON with the keys of every object in one order: a provider's database may have another order than the request. */
function sortedJson(value: unknown): string | undefined {
	return JSON.stringify(value, (_key, part: unknown) =>
		typeof part === 'object' && part !== null && !Array.isArray(part)
			? Object.fromEntries(Object.entries(part).sort())
			: part,
	);
}
