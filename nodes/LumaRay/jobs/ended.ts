import type { ListedJob } from '../providers/provider';

/**
 * Finds the generations that have ended since the last poll. Providers order their lists by submit time, but the
 * trigger emits each generation once, when it ends. All times are the provider's own, in Unix milliseconds, so clocks
 * may differ.
 *
 * n8n saves the cursor only after a poll that emits something. So a poll must get the same result with an older cursor:
 * it then reads more of the list, and generations that did not match before still do not match.
 */

/** The ends that the trigger emits. `failed` includes cancelled. */
export type EndEvent = 'succeeded' | 'failed' | 'ended';

/** A generation as a poll sees it. */
export type Sighting = Pick<ListedJob, 'requestId' | 'status' | 'submittedAt' | 'completedAt'>;

/** A generation that has not ended, or whose end has not been emitted yet. */
export interface OpenJob {
	/** When it was submitted, Unix time in milliseconds. */
	at: number;
	/** How many polls failed to emit its end. */
	tries: number;
}

export interface EndCursor {
	/** The event of the last poll. The user may change it between polls. */
	event: EndEvent;
	/** All generations submitted before this are either in `open` or done. */
	since: number;
	/**
	 * All generations that ended before this are either in `open` or done. Zero unless `since` is too early: if many
	 * generations never end, or if the first poll did not read the whole list.
	 */
	endedSince: number;
	/** Generations that were submitted and have ended since then, and are done. */
	seen: Map<string, SeenJob>;
	open: Map<string, OpenJob>;
}

/** A generation that is done. Unix times in milliseconds. */
interface SeenJob {
	/** When it was submitted. */
	at: number;
	endedAt: number;
}

const HOUR_MS = 3_600_000;
/**
 * How far `since` stays behind the newest submit: a list may lag, and fal.ai may list a generation only after it has
 * ended (its docs say that the list is sorted by end time).
 */
const OVERLAP_MS = 3 * HOUR_MS;
/** A slower queue counts as stuck. */
const LONGEST_OVERLAP_MS = 24 * HOUR_MS;
/** How far back a new cursor reads for generations in progress. This machine's clock may be ahead by this much. */
export const FIRST_READ_MS = 24 * HOUR_MS;
/** Static data is a column of the workflow: a few hundred kB at most. */
const MAX_SEEN = 5_000;
const MAX_OPEN = 2_000;
/**
 * The maximum number of listed generations that one poll handles. It is more than MAX_SEEN; otherwise, a poll might
 * make no progress.
 */
const MOST = 10_000;

/**
 * The cursor for the first poll.
 * @param now this machine's time, since no time of the provider is known yet
 */
export function newCursor(event: EndEvent, now: number): EndCursor {
	return { event, since: now - FIRST_READ_MS, endedSince: 0, seen: new Map(), open: new Map() };
}

export function hasEnded({ status }: Pick<Sighting, 'status'>): boolean {
	return status !== 'queued' && status !== 'running';
}

/** Whether the trigger emits a generation with this status for an event. */
export function matches(event: EndEvent, { status }: Pick<Sighting, 'status'>): boolean {
	if (event === 'ended') return status !== 'queued' && status !== 'running';
	return event === 'succeeded' ? status === 'succeeded' : status === 'failed' || status === 'cancelled';
}

/**
 * The generations to emit, in the order they ended. After the user changes the event, a generation that ended before
 * the change is emitted only if it matches both events: the user did not ask for old ones.
 */
export function dueJobs<One extends Sighting>(
	cursor: EndCursor,
	sightings: readonly One[],
	event: EndEvent,
): One[] {
	const due = sightings.filter(
		(one) => isNew(cursor, one) && matches(event, one) && matches(cursor.event, one),
	);
	// If new generations move the pages of a list while they are read, some generations appear twice.
	return [...new Map(due.map((one) => [one.requestId, one])).values()].sort(
		(one, other) => endOf(one) - endOf(other),
	);
}

function isNew({ since, endedSince, seen, open }: EndCursor, one: Sighting): boolean {
	const { requestId, submittedAt = Infinity } = one;
	if (open.has(requestId)) return true;
	if (seen.has(requestId) || submittedAt < since) return false;
	return !hasEnded(one) || endOf(one, Infinity) >= endedSince;
}

/** When a generation ended. If the provider gives no end time, this is the submit time, which is earlier. */
function endOf({ completedAt, submittedAt }: Sighting, unknown = 0): number {
	return completedAt ?? submittedAt ?? unknown;
}

/** The result of a poll, in addition to what it emitted. */
export interface PollResult {
	event: EndEvent;
	/** Due generations that are left for the next poll, with the number of polls that failed to emit them. */
	left: ReadonlyMap<string, number>;
	/** Open generations that the provider no longer knows. */
	gone: ReadonlySet<string>;
	/** This machine's time, to recognize an impossible submit time. */
	now: number;
}

/**
 * The cursor after a poll.
 * @param sightings everything that the poll has seen: the list, and the generations that it checked one by one
 */
export function advance(cursor: EndCursor, sightings: readonly Sighting[], result: PollResult): EndCursor {
	const { event, left, gone, now } = result;
	const times = sightings.flatMap(({ submittedAt: at }) =>
		at !== undefined && at <= now + LONGEST_OVERLAP_MS ? [at] : [],
	);
	const newest = times.reduce((one, other) => Math.max(one, other), cursor.since);
	const open = new Map([...cursor.open].filter(([id]) => !gone.has(id)));
	const seen = new Map(cursor.seen);
	const leftEnds = new Map<string, number>();
	for (const one of sightings) {
		const { requestId: id, submittedAt: at = newest } = one;
		const tries = left.get(id);
		if (!hasEnded(one) || tries !== undefined) {
			// A list may lag and show an emitted generation as open. It must not be emitted twice.
			if (!seen.has(id)) open.set(id, { at, tries: tries ?? 0 });
			if (tries !== undefined) leftEnds.set(id, endOf(one));
		} else {
			open.delete(id);
			if (isNew(cursor, one)) seen.set(id, { at, endedAt: endOf(one, at) });
		}
	}
	// `since` is never later than the submits of the generations that are left, so the list still shows them.
	const oldestLeft = sightings.reduce(
		(at, { requestId, submittedAt = Infinity }) =>
			left.has(requestId) && submittedAt >= cursor.since ? Math.min(at, submittedAt) : at,
		Infinity,
	);
	const reached = Math.max(cursor.since, Math.min(newest - overlapOf(sightings), oldestLeft));
	return bounded({ ...cursor, event, since: reached, seen, open }, cursor.since, leftEnds);
}

/**
 * The cursor after a first poll that read only a part of the list. Generations that had ended by then do not count,
 * even if a later poll reads them. Nothing is known about the rest, so `since` stays.
 */
export function beginWithin(cursor: EndCursor, sightings: readonly Sighting[], now: number): EndCursor {
	const latest = sightings
		.map((one) => Math.max(endOf(one), one.submittedAt ?? 0))
		.filter((time) => time <= now + LONGEST_OVERLAP_MS)
		.reduce((one, other) => Math.max(one, other), 0);
	const result = { event: cursor.event, left: new Map(), gone: new Set<string>(), now };
	const { seen, open } = advance(cursor, sightings, result);
	return { ...cursor, endedSince: latest, seen, open };
}

/**
 * What a poll handles of a list: all of it, or the oldest generations that matter, so that the cursor stays behind the
 * others and later polls handle them.
 */
export function oldestFirst<One extends Sighting>(
	cursor: EndCursor,
	sightings: readonly One[],
): readonly One[] {
	if (sightings.length <= MOST) return sightings;
	const isOpen = ({ requestId }: Sighting) => cursor.open.has(requestId);
	const timeOf = ({ submittedAt = Infinity }: Sighting) => submittedAt;
	const others = sightings
		.filter((one) => !isOpen(one) && isNew(cursor, one))
		.sort((one, other) => timeOf(one) - timeOf(other));
	return [...sightings.filter(isOpen), ...others.slice(0, MOST)];
}

/** Twice the longest time that a listed generation took, so that none is lost in a slow queue. */
function overlapOf(sightings: readonly Sighting[]): number {
	const times = sightings.map(
		({ submittedAt, completedAt }) => (completedAt ?? 0) - (submittedAt ?? Infinity),
	);
	const longest = times.reduce((one, other) => Math.max(one, other), 0);
	return Math.min(LONGEST_OVERLAP_MS, Math.max(OVERLAP_MS, 2 * longest));
}

/**
 * Keeps the cursor small: drops done generations before `since` and `endedSince`, and open ones that the list still shows.
 * @param earlier `since` before this poll
 * @param leftEnds when the generations ended that are left to the next poll
 */
function bounded(
	{ event, since, endedSince, seen, open }: EndCursor,
	earlier: number,
	leftEnds: ReadonlyMap<string, number>,
): EndCursor {
	const byAge = [...open].sort(([, one], [, other]) => one.at - other.at);
	const unkept = byAge.slice(MAX_OPEN);
	// The list must show those that do not fit into `open`.
	const unkeptAt = unkept[0]?.[1].at ?? Infinity;
	let reached = Math.max(earlier, Math.min(since, unkeptAt));
	const times = newestFirst([...seen.values()].map(({ at }) => at));
	if (times.length > MAX_SEEN) reached = Math.max(reached, Math.min(times[MAX_SEEN - 1], unkeptAt));
	// Generations that never end hold `since` back. Then the end times show which generations are done.
	const ends = newestFirst([...seen.values()].flatMap(({ at, endedAt }) => (at >= reached ? [endedAt] : [])));
	const firstLeft = unkept.reduce((end, [id]) => Math.min(end, leftEnds.get(id) ?? Infinity), Infinity);
	const reachedEnd =
		ends.length > MAX_SEEN ? Math.max(endedSince, Math.min(ends[MAX_SEEN - 1], firstLeft)) : endedSince;
	return {
		event,
		since: reached,
		endedSince: reachedEnd,
		seen: new Map([...seen].filter(([, { at, endedAt }]) => at >= reached && endedAt >= reachedEnd)),
		open: new Map(byAge.slice(0, MAX_OPEN)),
	};
}

function newestFirst(times: number[]): number[] {
	return times.sort((one, other) => other - one);
}

/** A cursor in a form that can be saved as JSON. */
export interface SavedCursor {
	event: EndEvent;
	since: number;
	endedSince: number;
	seen: Array<[string, number, number]>;
	open: Array<[string, number, number]>;
}

export function saveCursor({ event, since, endedSince, seen, open }: EndCursor): SavedCursor {
	return {
		event,
		since,
		endedSince,
		seen: [...seen].map(([id, { at, endedAt }]) => [id, at, endedAt]),
		open: [...open].map(([id, { at, tries }]) => [id, at, tries]),
	};
}

/** @returns undefined for anything that `saveCursor` did not make */
export function readCursor(value: unknown): EndCursor | undefined {
	const { event, since, endedSince, seen, open } = (value ?? {}) as { [key in keyof SavedCursor]?: unknown };
	if (event !== 'succeeded' && event !== 'failed' && event !== 'ended') return undefined;
	if (!Number.isFinite(since) || !Number.isFinite(endedSince)) return undefined;
	if (!isRows(seen) || !isRows(open)) return undefined;
	return {
		event,
		since: since as number,
		endedSince: endedSince as number,
		seen: new Map(seen.map(([id, at, endedAt]) => [id, { at, endedAt }])),
		open: new Map(open.map(([id, at, tries]) => [id, { at, tries }])),
	};
}

function isRows(value: unknown): value is Array<[string, number, number]> {
	return (
		Array.isArray(value) &&
		value.every(
			(row) =>
				Array.isArray(row) &&
				row.length === 3 &&
				row.every((cell, place) => (place === 0 ? typeof cell === 'string' : Number.isFinite(cell))),
		)
	);
}
