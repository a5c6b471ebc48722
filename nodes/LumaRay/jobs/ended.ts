import type { ListedJob } from '../providers/provider';

/**
 * Which generations have ended since the last poll. Lists of providers are ordered by submit, but a generation counts
 * once, by its end. All times are the provider's own, in Unix milliseconds, so clocks may differ.
 *
 * n8n saves the cursor with a poll that emits something, and drops it after one that does not. So a poll must come to the
 * same result with an older cursor: it reads more of the list, and what did not match then does not match now.
 */

/** Which ends count. `failed` includes cancelled. */
export type EndEvent = 'succeeded' | 'failed' | 'ended';

/** What a poll sees of a generation. */
export type Sighting = Pick<ListedJob, 'requestId' | 'status' | 'submittedAt' | 'completedAt'>;

/** A generation that has not ended, or whose end has not been emitted yet. */
export interface OpenJob {
	/** When it was submitted. */
	at: number;
	/** Polls that could not emit its end. */
	tries: number;
}

export interface EndCursor {
	/** The event of the last poll: a user may change it. */
	event: EndEvent;
	/** Generations submitted before this are known: they are in `open`, or their end is done with. */
	since: number;
	/** Generations submitted from `since` on whose end is done with, and when they were submitted. */
	seen: Map<string, number>;
	open: Map<string, OpenJob>;
}

const HOUR_MS = 3_600_000;
/**
 * How far `since` stays behind the newest submit: a list may lag, and fal.ai's may show a generation only once it has
 * ended (fal docs list them by end time).
 */
const OVERLAP_MS = 3 * HOUR_MS;
/** A queue that is this slow is taken for stuck. */
const LONGEST_OVERLAP_MS = 24 * HOUR_MS;
/** How far a new cursor looks back for what is in progress. As much as this machine's clock may be fast. */
export const FIRST_LOOK_MS = 24 * HOUR_MS;
/** Static data is a column of the workflow: a few hundred kB at most. */
const MAX_SEEN = 5_000;
const MAX_OPEN = 2_000;

/**
 * A cursor before its first poll.
 * @param now this machine's time: nothing of the provider's is known yet
 */
export function newCursor(event: EndEvent, now: number): EndCursor {
	return { event, since: now - FIRST_LOOK_MS, seen: new Map(), open: new Map() };
}

export function hasEnded({ status }: Pick<Sighting, 'status'>): boolean {
	return status !== 'queued' && status !== 'running';
}

/** Whether an end counts for an event. */
export function matches(event: EndEvent, { status }: Pick<Sighting, 'status'>): boolean {
	if (event === 'ended') return status !== 'queued' && status !== 'running';
	return event === 'succeeded' ? status === 'succeeded' : status === 'failed' || status === 'cancelled';
}

/**
 * The generations whose end is to be emitted, in the order of their ends. After a change of the event, what ended before
 * the change counts only if it counted then, too: the user did not ask for old ones.
 */
export function dueJobs<One extends Sighting>(
	cursor: EndCursor,
	sightings: readonly One[],
	event: EndEvent,
): One[] {
	const due = sightings.filter(
		(one) => isNew(cursor, one) && matches(event, one) && matches(cursor.event, one),
	);
	// A list whose pages move while they are read shows some twice.
	return [...new Map(due.map((one) => [one.requestId, one])).values()].sort(
		(one, other) => endOf(one) - endOf(other),
	);
}

function isNew({ since, seen, open }: EndCursor, { requestId, submittedAt = Infinity }: Sighting): boolean {
	return open.has(requestId) || (!seen.has(requestId) && submittedAt >= since);
}

function endOf({ completedAt, submittedAt }: Sighting): number {
	return completedAt ?? submittedAt ?? 0;
}

/** What a poll came to besides what it emitted. */
export interface PollResult {
	event: EndEvent;
	/** Due generations that the next poll emits, with how often that was tried. */
	left: ReadonlyMap<string, number>;
	/** Open generations that the provider does not know any more. */
	gone: ReadonlySet<string>;
	/** This machine's time, to recognize a submit time that cannot be true. */
	now: number;
}

/**
 * The cursor after a poll.
 * @param sightings everything that the poll has seen: the list, and the generations it asked for one by one
 */
export function advance(cursor: EndCursor, sightings: readonly Sighting[], result: PollResult): EndCursor {
	const { event, left, gone, now } = result;
	const times = sightings.flatMap(({ submittedAt: at }) =>
		at !== undefined && at <= now + LONGEST_OVERLAP_MS ? [at] : [],
	);
	const newest = times.reduce((one, other) => Math.max(one, other), cursor.since);
	const open = new Map([...cursor.open].filter(([id]) => !gone.has(id)));
	const seen = new Map(cursor.seen);
	for (const one of sightings) {
		const { requestId: id, submittedAt: at = newest } = one;
		const tries = left.get(id);
		if (!hasEnded(one) || tries !== undefined) {
			// One that is done with and that a lagging list shows as open does not end twice.
			if (!seen.has(id)) open.set(id, { at, tries: tries ?? 0 });
		} else {
			open.delete(id);
			seen.set(id, at);
		}
	}
	// The list shows what is left, so that it need not be asked for one by one.
	const oldestLeft = sightings.reduce(
		(at, { requestId, submittedAt = Infinity }) =>
			left.has(requestId) && submittedAt >= cursor.since ? Math.min(at, submittedAt) : at,
		Infinity,
	);
	const reached = Math.max(cursor.since, Math.min(newest - overlapOf(sightings), oldestLeft));
	return bounded({ event, since: reached, seen, open }, cursor.since);
}

/** Twice the longest life of a generation in the list, so that a slow queue loses none. */
function overlapOf(sightings: readonly Sighting[]): number {
	const lives = sightings.map(
		({ submittedAt, completedAt }) => (completedAt ?? 0) - (submittedAt ?? Infinity),
	);
	const longest = lives.reduce((one, other) => Math.max(one, other), 0);
	return Math.min(LONGEST_OVERLAP_MS, Math.max(OVERLAP_MS, 2 * longest));
}

/** Drops what the list still shows, by `since`, or what `since` has passed. */
function bounded({ event, since, seen, open }: EndCursor, earlier: number): EndCursor {
	const byAge = [...open].sort(([, one], [, other]) => one.at - other.at);
	const unkept = byAge[MAX_OPEN]?.[1].at ?? Infinity;
	let reached = Math.max(earlier, Math.min(since, unkept));
	const times = [...seen.values()].sort((one, other) => other - one);
	if (times.length > MAX_SEEN) reached = Math.max(reached, Math.min(times[MAX_SEEN - 1], unkept));
	return {
		event,
		since: reached,
		seen: new Map([...seen].filter(([, at]) => at >= reached)),
		open: new Map(byAge.slice(0, MAX_OPEN)),
	};
}

/** A cursor as JSON. */
export interface SavedCursor {
	event: EndEvent;
	since: number;
	seen: Array<[string, number]>;
	open: Array<[string, number, number]>;
}

export function saveCursor({ event, since, seen, open }: EndCursor): SavedCursor {
	return { event, since, seen: [...seen], open: [...open].map(([id, { at, tries }]) => [id, at, tries]) };
}

/** @returns undefined for anything that `saveCursor` did not make */
export function readCursor(value: unknown): EndCursor | undefined {
	const { event, since, seen, open } = (value ?? {}) as { [key in keyof SavedCursor]?: unknown };
	if (event !== 'succeeded' && event !== 'failed' && event !== 'ended') return undefined;
	if (!Number.isFinite(since) || !isRows(seen, 1) || !isRows(open, 2)) return undefined;
	return {
		event,
		since: since as number,
		seen: new Map(seen.map(([id, at]) => [id, at])),
		open: new Map(open.map(([id, at, tries]) => [id, { at, tries }])),
	};
}

function isRows(value: unknown, numbers: number): value is Array<[string, ...number[]]> {
	return (
		Array.isArray(value) &&
		value.every(
			(row) =>
				Array.isArray(row) &&
				row.length === numbers + 1 &&
				row.every((cell, place) => (place === 0 ? typeof cell === 'string' : Number.isFinite(cell))),
		)
	);
}
