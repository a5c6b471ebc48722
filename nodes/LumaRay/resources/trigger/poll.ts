import type { INodeExecutionData, IPollFunctions } from 'n8n-workflow';

import { advance, beginWithin, dueJobs, type EndCursor } from '../../jobs/ended';
import { checkStatus } from '../../jobs/status';
import { createPool } from '../../jobs/pool';
import type { Problem } from '../../models/problem';
import type { Reading } from '../../providers/provider';
import { systemClock } from '../../transport/clock';
import { videoCollector } from '../collect';
import { connect } from '../connect';
import { wordProblem } from '../messages';
import { TRIGGER_LINES } from '../messages/trigger';
import { concernsAccount, endItem, isPaced, type Ended, type ItemMaker } from './endItem';
import { example } from './example';
import { pollError } from './pollError';
import { budgetMs, continueReading, type ListReading } from './reading';
import { accountOf, readSettings, type TriggerSettings } from './settings';
import { loadState, nameOf, storeState, type TriggerState } from './state';

/** Polls in a row that may fail with a transient problem before n8n shows a failed execution. */
const SILENT_FAILURES = 5;
/** Generations that are read and downloaded at the same time. */
const AT_ONCE = 4;
/** Milliseconds after which an open generation that the provider does not know counts as deleted. */
const GONE_AFTER_MS = 24 * 3_600_000;

/** Polls in progress in this process. n8n starts the next poll on schedule even if the last one has not ended. */
const polling = new Set<string>();
/** Failed polls in a row. */
const failures = new Map<string, number>();

/**
 * One poll of the trigger: the generations that have ended since the last one, as items.
 * @returns null if none has ended
 * @throws NodeApiError if the provider refuses the key or the request rate, or cannot be reached in several polls
 */
export async function pollEnded(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	const settings = readSettings(context);
	const maker = await makerFor(context, settings);
	if (context.getMode() === 'manual') return [[await example(context, settings, maker)]];
	const name = nameOf(context);
	if (polling.has(name)) return null;
	polling.add(name);
	try {
		return await pollOnce(context, settings, maker);
	} finally {
		polling.delete(name);
	}
}

async function makerFor(context: IPollFunctions, settings: TriggerSettings): Promise<ItemMaker> {
	const { provider, downloads, form } = settings;
	const connection = await connect(context, provider, { logs: false });
	const collect = videoCollector(context, connection, downloads);
	return { connection, collect, form, signal: AbortSignal.timeout(budgetMs(context)) };
}

async function pollOnce(
	context: IPollFunctions,
	settings: TriggerSettings,
	maker: ItemMaker,
): Promise<INodeExecutionData[][] | null> {
	const { event } = settings;
	const name = nameOf(context);
	const state = loadState(context, accountOf(context, settings), event, systemClock.now());
	const reading = await continueReading(context, name, state, settings, maker);
	if (!reading.ok) return failed(context, name, state, reading);
	failures.delete(name);
	const { jobs, part } = reading.value;
	if (part && state.isFirst) {
		const now = systemClock.now();
		storeState(context, state, beginWithin(state.cursor, part, now), false, now);
		return null;
	}
	const { found, gone, paced } = await findUnlisted(context, state.cursor, reading.value, maker);
	const sightings: Ended[] = [...jobs, ...found];
	// Generations that ended before the first poll do not count.
	const due = state.isFirst ? [] : dueJobs(state.cursor, sightings, event);
	const { items, left, refusal } = await collectDue(due, state.cursor, settings.limit, maker);
	const now = systemClock.now();
	const cursor = advance(state.cursor, sightings, { event, left, gone, now });
	storeState(context, state, cursor, items.length > 0, now);
	if (items.length > 0) return [items];
	const refused = refusal ?? paced;
	if (refused) throw pollError(context.getNode(), refused.problem, refused.retryAfterMs);
	return null;
}

/** Ends a poll that could not read the list. Nothing is lost: the next poll reads the list from the same place. */
function failed(
	context: IPollFunctions,
	name: string,
	{ isFirst }: TriggerState,
	{ transient, problem, retryAfterMs }: Reading<never> & { ok: false },
): null {
	const inRow = (failures.get(name) ?? 0) + 1;
	failures.set(name, inRow);
	const mayPass = transient && !isFirst && inRow < SILENT_FAILURES;
	if (!mayPass) throw pollError(context.getNode(), problem, retryAfterMs);
	context.logger.warn(`Luma Ray Trigger: ${TRIGGER_LINES.notListed(wordProblem(problem).message)}`);
	return null;
}

/** Polls the open generations that are not in a whole list, one by one, until the provider asks to slow down. */
async function findUnlisted(
	context: IPollFunctions,
	{ open }: EndCursor,
	{ shown }: ListReading,
	{ connection: { provider }, signal }: ItemMaker,
): Promise<{ found: Ended[]; gone: Set<string>; paced?: Refusal }> {
	const found: Ended[] = [];
	const gone = new Set<string>();
	let paced: Refusal | undefined;
	const pool = createPool(AT_ONCE);
	const find = async (requestId: string, submittedAt: number) => {
		if (signal.aborted || paced) return;
		const checked = await checkStatus(provider.attach(requestId), provider, systemClock, signal, 1);
		if (checked.ok) {
			const { status, outcome } = checked.value;
			found.push({ requestId, status, submittedAt, completedAt: outcome?.completedAt });
		} else if (isPaced(checked.problem)) {
			paced = { problem: checked.problem, retryAfterMs: checked.retryAfterMs };
		} else if (checked.notFound && systemClock.now() - submittedAt > GONE_AFTER_MS) {
			gone.add(requestId);
			context.logger.warn(`Luma Ray Trigger: ${TRIGGER_LINES.gone(requestId)}`);
		}
	};
	const unlisted = shown ? [...open].filter(([requestId]) => !shown.has(requestId)) : [];
	await Promise.all(unlisted.map(async ([id, { at }]) => await pool(async () => await find(id, at))));
	return { found, gone, paced };
}

interface Refusal {
	problem: Problem;
	retryAfterMs?: number;
}

/**
 * The items of the first due generations. The rest, and those that cannot be read now, are left for the next poll. It
 * tries those that cannot be read last, so that they do not delay the others if the limit is low.
 */
async function collectDue(
	due: Ended[],
	{ open }: EndCursor,
	limit: number,
	maker: ItemMaker,
): Promise<{ items: INodeExecutionData[]; left: Map<string, number>; refusal?: Refusal }> {
	const triesOf = ({ requestId }: Ended) => open.get(requestId)?.tries ?? 0;
	const inTurn = [...due].sort((one, other) => triesOf(one) - triesOf(other));
	const chosen = new Set(inTurn.slice(0, limit));
	const left = new Map(inTurn.slice(limit).map((one) => [one.requestId, triesOf(one)]));
	const pool = createPool(AT_ONCE);
	let refusal: Refusal | undefined;
	const collectOne = async (one: Ended): Promise<INodeExecutionData[]> => {
		const tries = triesOf(one);
		if (maker.signal.aborted || refusal) {
			left.set(one.requestId, tries);
			return [];
		}
		const made = await endItem(one, tries, maker);
		if ('item' in made) return [made.item];
		const { problem, retryAfterMs } = made;
		const isRefusal = problem !== undefined && concernsAccount(problem);
		if (isRefusal) refusal = { problem, retryAfterMs };
		left.set(one.requestId, problem && isPaced(problem) ? tries : tries + 1);
		return [];
	};
	const items = await Promise.all(
		due.filter((one) => chosen.has(one)).map(async (one) => await pool(async () => await collectOne(one))),
	);
	return { items: items.flat(), left, refusal };
}
