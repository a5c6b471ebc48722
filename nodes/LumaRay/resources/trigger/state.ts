import { randomUUID } from 'node:crypto';

import type { IDataObject, IPollFunctions } from 'n8n-workflow';

import { newCursor, readCursor, saveCursor, type EndCursor, type EndEvent } from '../../jobs/ended';
import { TRIGGER_LINES } from '../messages/trigger';

/**
 * What the trigger knows, from poll to poll. n8n keeps it as the node's static data, and saves that when the workflow is
 * activated and when a poll emits. What the polls between found out is also kept in this process: some of n8n's ways to
 * poll load the static data for each poll again. Without it (a restart, another leader) a poll reads more of the list.
 */

/** The static data's key. */
const KEY = 'generations';
/** A workflow that is active again so soon was published again: an n8n with several mains calls that an activation. */
const SAME_ACTIVATION_MS = 5 * 60_000;
/** Triggers of a process. Beyond it the oldest is forgotten. */
const MAX_KEPT = 1_000;

export interface TriggerState {
	/** Whose generations the cursor is about (see `accountOf`). */
	account: string;
	/** Names what n8n has saved, to tell whether what this process knows is newer. */
	revision: string;
	cursor: EndCursor;
	/** Whether there was a poll before this one. */
	isFirst: boolean;
}

interface Kept extends Omit<TriggerState, 'isFirst'> {
	/** Unix time in milliseconds. */
	polledAt: number;
}

const kept = new Map<string, Kept>();
/** n8n hands the same functions to each poll of an activation. */
const activated = new WeakSet<object>();

/** Names the node of a workflow. */
export function nameOf(context: IPollFunctions): string {
	return JSON.stringify([context.getWorkflow().id, context.getNode().id]);
}

/** The state before a poll. A new one if the user has just activated the workflow, or changed whose generations count. */
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
	if (isActivation && !(known && now - known.polledAt < SAME_ACTIVATION_MS)) return fresh;
	const saved = savedState(context);
	if (saved === 'corrupt') return fresh;
	const isKnown = known?.account === account && (!saved || saved.revision === known.revision);
	if (isKnown) return { ...known, isFirst: false };
	return saved?.account === account ? { ...saved, isFirst: false } : fresh;
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

/** @param emits whether n8n will save the state: what this process knows is then no newer than that */
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
	// If n8n drops what this poll emits, the next one must find the state of before.
	kept.delete(name);
	kept.set(name, { account, revision: state.revision, cursor: emits ? state.cursor : cursor, polledAt: now });
	for (const oldest of kept.keys()) {
		if (kept.size <= MAX_KEPT) break;
		kept.delete(oldest);
	}
}
