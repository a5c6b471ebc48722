import { randomUUID } from 'node:crypto';

import type { IDataObject, IPollFunctions } from 'n8n-workflow';

import { newCursor, readCursor, saveCursor, type EndCursor, type EndEvent } from '../../jobs/ended';
import { TRIGGER_LINES } from '../messages/trigger';
import { pollIntervalMs } from './pollTimes';

/**
 * The state of the trigger between polls. n8n keeps it as the node's static data, and saves it when the workflow is
 * activated and when a poll emits. This process also keeps the state of the polls in between, because some versions of
 * n8n load the static data again for each poll. After a restart or a change of leader, a poll reads more of the list.
 */

/** The key in the static data. */
const KEY = 'generations';
/**
 * How late a poll may be. A workflow that is activated again before its next poll was due, or within this time after
 * it, counts as published again: n8n 1.x and 2.4 with several mains call that an activation.
 */
const LATE_MS = 5 * 60_000;
/** The maximum number of triggers that a process keeps. If there are more, the oldest is removed. */
const MAX_KEPT = 1_000;

export interface TriggerState {
	/** The account of the cursor's generations (see `accountOf`). */
	account: string;
	/** Identifies the state that n8n has saved, to decide whether the state of this process is newer. */
	revision: string;
	cursor: EndCursor;
	/** Whether this is the first poll. */
	isFirst: boolean;
}

interface Kept extends Omit<TriggerState, 'isFirst'> {
	/** Unix time in milliseconds. */
	polledAt: number;
	/** The longest time between two polls so far, in milliseconds. */
	longestGapMs: number;
}

const kept = new Map<string, Kept>();
/** n8n passes the same context object to each poll of an activation. */
const activated = new WeakSet<object>();

/** Identifies the node of a workflow. */
export function nameOf(context: IPollFunctions): string {
	return JSON.stringify([context.getWorkflow().id, context.getNode().id]);
}

/** The state before a poll. It is new if the user has just activated the workflow or changed the account. */
export function loadState(
	context: IPollFunctions,
	account: string,
	event: EndEvent,
	now: number,
): TriggerState {
	const fresh: TriggerState = {
		account,
		revision: randomUUID(),
		cursor: newCursor(event, now),
		isFirst: true,
	};
	const known = kept.get(nameOf(context));
	const isActivation = context.getActivationMode() === 'activate' && !activated.has(context);
	if (isActivation && !(known && isInTime(context, known, now))) return fresh;
	const saved = savedState(context);
	if (saved === 'corrupt') return fresh;
	const isKnown = known?.account === account && (!saved || saved.revision === known.revision);
	if (isKnown) return { ...known, isFirst: false };
	return saved?.account === account ? { ...saved, isFirst: false } : fresh;
}

/** Whether the workflow may have been active since its last poll: no poll was missed. */
function isInTime(context: IPollFunctions, { polledAt, longestGapMs }: Kept, now: number): boolean {
	const gapMs = Math.max(longestGapMs, pollIntervalMs(context) ?? 0);
	return now - polledAt < gapMs + LATE_MS;
}

function savedState(context: IPollFunctions): Omit<TriggerState, 'isFirst'> | 'corrupt' | undefined {
	const saved = context.getWorkflowStaticData('node')[KEY] as IDataObject | undefined;
	if (saved === undefined) return undefined;
	const { account, revision, cursor } = saved ?? {};
	const read = readCursor(cursor);
	if (read && typeof account === 'string' && typeof revision === 'string') {
		return { account, revision, cursor: read };
	}
	context.logger.warn(`Luma Ray Trigger: ${TRIGGER_LINES.startsClean}`);
	return 'corrupt';
}

/** @param emits whether n8n will save the state, so that this process does not have to keep a newer one */
export function storeState(
	context: IPollFunctions,
	state: TriggerState,
	cursor: EndCursor,
	emits: boolean,
	now: number,
): void {
	const { account } = state;
	const revision = emits ? randomUUID() : state.revision;
	const data = { account, revision, cursor: saveCursor(cursor) };
	context.getWorkflowStaticData('node')[KEY] = data as unknown as IDataObject;
	activated.add(context);
	const name = nameOf(context);
	// If n8n drops the output of this poll, the next poll must find the earlier state.
	const earlier = state.isFirst ? undefined : kept.get(name);
	const longestGapMs = earlier ? Math.max(earlier.longestGapMs, now - earlier.polledAt) : 0;
	kept.delete(name);
	kept.set(name, {
		account,
		revision: state.revision,
		cursor: emits ? state.cursor : cursor,
		polledAt: now,
		longestGapMs,
	});
	for (const oldest of kept.keys()) {
		if (kept.size <= MAX_KEPT) break;
		kept.delete(oldest);
	}
}
