import { SUBMIT_TIMEOUT_MS } from '../providers/patience';
import type { Job, Listed, Order, Provider, ToldInput } from '../providers/provider';
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
	/** The image as the provider was given it, where the order does not say. */
	imageUrl?: string;
}

/**
 * Looks for the jobs of a submit that was never answered, in the provider's own list, by its time and by all that
 * the list tells of a job's input. What is found is added to the claims.
 * @returns the jobs where exactly as many fit as were asked for, and undefined where nobody can tell
 */
export async function findJobs(
	open: OpenSubmit,
	provider: Provider,
	known: Claims,
	clock: Clock,
): Promise<Job[] | undefined> {
	const video = orderKey(provider.id, 0, open.order);
	const ofVideo = known.sought.get(video) ?? new Set();
	known.sought.set(video, ofVideo.add(open));
	const found = await look(open, video, provider, known, clock);
	ofVideo.delete(open);
	if (ofVideo.size === 0) known.sought.delete(video);
	return found;
}

async function look(
	open: OpenSubmit,
	video: string,
	provider: Provider,
	known: Claims,
	clock: Clock,
): Promise<Job[] | undefined> {
	const { taken } = known;
	const wanted = open.order.options.generations ?? 1;
	// A job that was paid for is looked for also after a Stop, to cancel it; so no signal ends this.
	const { signal } = new AbortController();
	for (const pause of LOOKS_MS) {
		await clock.sleep(pause);
		const listed = await provider.list(LISTED, signal, open.sentAt - EARLY_MS);
		if (!listed.ok) {
			if (listed.passing) continue;
			return undefined;
		}
		const fitting = listed.value.filter(
			(one) => !taken.has(one.requestId) && isInTime(one, open) && fits(one, open, provider),
		);
		if (fitting.some((one) => mayBeAnothers(one, video, provider, known))) continue;
		if (fitting.length > wanted) return undefined;
		if (fitting.length === wanted) {
			return fitting.map(({ requestId }) => {
				taken.add(requestId);
				return { ...provider.attach(requestId), submittedAt: open.sentAt };
			});
		}
	}
	return undefined;
}

function isInTime({ submittedAt = 0 }: Listed, { sentAt }: OpenSubmit): boolean {
	return submittedAt >= sentAt - EARLY_MS && submittedAt <= sentAt + LATE_MS;
}

/**
 * Whether a job may be that of a submit in the air, whose answer will tell, or of another one that is looked for. Where
 * both are for the very same video, it matters to nobody which of them gets it.
 */
function mayBeAnothers(
	listed: Listed,
	video: string,
	provider: Provider,
	{ inTheAir, sought }: Claims,
): boolean {
	const { submittedAt = 0 } = listed;
	for (const [order, sentAt] of inTheAir) {
		if (submittedAt >= sentAt - EARLY_MS && fits(listed, { order }, provider)) return true;
	}
	for (const [otherVideo, others] of sought) {
		if (otherVideo === video) continue;
		for (const other of others) {
			if (isInTime(listed, other) && fits(listed, other, provider)) return true;
		}
	}
	return false;
}

/** Whether nothing that the list tells of a job speaks against the order. */
function fits(
	listed: Listed,
	{ order, imageUrl }: Pick<OpenSubmit, 'order' | 'imageUrl'>,
	{ inputNames }: Provider,
): boolean {
	const { input, image, options } = order;
	const ordered: ToldInput = { ...input, imageUrl: typeof image === 'string' ? image : imageUrl };
	return (Object.keys(inputNames) as Array<keyof ToldInput>).every((parameter) => {
		const told = listed[parameter];
		const sent = options.additionalFields?.[inputNames[parameter]] ?? ordered[parameter];
		// A list without prompts tells nothing at all.
		if (parameter === 'prompt') return told === sent;
		return told === undefined || sent === undefined || JSON.stringify(told) === JSON.stringify(sent);
	});
}
