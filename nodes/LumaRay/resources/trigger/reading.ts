import type { IPollFunctions } from 'n8n-workflow';

import { hasEnded, oldestFirst } from '../../jobs/ended';
import { MODEL_NAMES } from '../../models/names';
import { MAX_PAGES } from '../../providers/pages';
import { patiently } from '../../providers/patience';
import type { ListedJob, ListFilter, Reading } from '../../providers/provider';
import { systemClock } from '../../transport/clock';
import { TRIGGER_LINES } from '../messages/trigger';
import { isPaced, type Ended, type ItemMaker } from './endItem';
import { timeUp } from './pollError';
import type { TriggerSettings } from './settings';
import type { TriggerState } from './state';

/**
 * Reads the list for a poll. If the list is too long to read in one poll, the next polls continue the read: this
 * process keeps the pages that it has. A poll that has not reached the end of the list works with the last whole list,
 * which is a list that lags. After a restart, the read starts again.
 */

/** How long a poll may take if n8n does not set a limit, in milliseconds: n8n's own default (n8n-core, PollContext). */
const DEFAULT_BUDGET_MS = 5 * 60_000;
/** The part of this time for the list. The rest is for results and downloads. */
const LIST_SHARE = 0.5;
/** How often one poll tries to read the list. The next poll follows soon. */
const LIST_TRIES = 3;
/**
 * The maximum number of triggers for which a process keeps pages or a list. If there are more, the oldest starts again.
 */
const MAX_KEPT = 100;

/** What a poll knows about the list. */
export interface ListReading {
	/** The whole list or, if this poll did not reach its end, the ends in an earlier one. */
	jobs: readonly Ended[];
	/** The request IDs in this poll's list, if it is whole. */
	shown?: ReadonlySet<string>;
	/** What is read so far, if this poll did not reach the end of the list. */
	part?: readonly Ended[];
}

/** A read of the list that has not reached its end. */
interface Unfinished {
	/** Where the list begins, Unix time in milliseconds. */
	since: number;
	lists: NonNullable<ListFilter['lists']>;
	/**
	 * The newest submit in the first part of the read. The read does not prove anything about later submits: it may take
	 * hours, and new ones are on pages that it has already read.
	 */
	newest: number;
}

interface Kept {
	account: string;
	unfinished?: Unfinished;
	/** The ends in the last whole list, if it took several polls. */
	jobs?: readonly Ended[];
}

const kept = new Map<string, Kept>();

/** How long n8n lets a poll take, in milliseconds. */
export function budgetMs(context: IPollFunctions): number {
	// Older versions of n8n do not set a time limit.
	return (context as Partial<IPollFunctions>).getPollBudgetMs?.() ?? DEFAULT_BUDGET_MS;
}

/** Reads the list once, with a few tries. */
export async function readList(
	{ connection: { provider } }: ItemMaker,
	signal: AbortSignal,
	filter: ListFilter,
	atMost = Infinity,
	since?: number,
): Promise<Reading<ListedJob[]>> {
	const read = async (): Promise<Reading<ListedJob[]>> => {
		const list = await provider.list(MODEL_NAMES, atMost, signal, since, filter);
		// n8n itself waits as long as the provider asks, so this is not retried here.
		return list.ok || list.problem.httpStatus !== 429 ? list : { ...list, transient: false };
	};
	return await patiently(read, { clock: systemClock, signal, tries: LIST_TRIES });
}

/**
 * Starts or continues to read the list.
 * @param name identifies the trigger
 */
export async function continueReading(
	context: IPollFunctions,
	name: string,
	{ account, cursor, isFirst }: TriggerState,
	{ namespace }: TriggerSettings,
	maker: ItemMaker,
): Promise<Reading<ListReading>> {
	const known = !isFirst && kept.get(name)?.account === account ? kept.get(name) : undefined;
	kept.delete(name);
	const earlier = known?.unfinished && known.unfinished.since <= cursor.since ? known.unfinished : undefined;
	const { since, lists } = earlier ?? { since: cursor.since, lists: new Map() as Unfinished['lists'] };
	const pagesBefore = pagesIn(lists);
	const signal = AbortSignal.timeout(budgetMs(context) * LIST_SHARE);
	const listed = await readList(maker, signal, { namespace, lists }, Infinity, since);
	if (listed.ok) {
		if ([...lists.values()].some(({ isCut }) => isCut)) {
			context.logger.warn(`Luma Ray Trigger: ${TRIGGER_LINES.tooMany(MAX_PAGES)}`);
		}
		const shown = new Set(listed.value.map(({ requestId }) => requestId));
		const sure = listed.value.filter(({ submittedAt = 0 }) => submittedAt <= (earlier?.newest ?? Infinity));
		const jobs = oldestFirst(cursor, sure);
		// In an old list, only ends are still true.
		if (earlier) keep(name, { account, jobs: jobs.filter(hasEnded).map(slim) });
		return { ok: true, value: { jobs, shown } };
	}
	// A rate limit says nothing about the page at which the read continues. Any other failure may be due to that page.
	const mayContinue = isPaced(listed.problem)
		? pagesIn(lists) > 0
		: pagesIn(lists) > pagesBefore && (listed.transient || signal.aborted);
	const part = mayContinue ? slimPart(lists) : [];
	const newest = earlier?.newest ?? newestIn(part);
	keep(name, { account, jobs: known?.jobs, ...(mayContinue && { unfinished: { since, lists, newest } }) });
	if (mayContinue && signal.aborted) {
		context.logger.info(`Luma Ray Trigger: ${TRIGGER_LINES.reading(part.length)}`);
		return { ok: true, value: { jobs: known?.jobs ?? [], part } };
	}
	return {
		...listed,
		transient: listed.transient || signal.aborted,
		problem: timeUp(listed.problem, signal),
	};
}

function keep(name: string, one: Kept): void {
	kept.set(name, one);
	for (const oldest of kept.keys()) {
		if (kept.size <= MAX_KEPT) break;
		kept.delete(oldest);
	}
}

function pagesIn(lists: Unfinished['lists']): number {
	return [...lists.values()].reduce((sum, { pages }) => sum + pages, 0);
}

/** Makes what is kept between polls small. */
function slimPart(lists: Unfinished['lists']): ListedJob[] {
	for (const list of lists.values()) list.items = list.items.map(slim);
	return [...lists.values()].flatMap(({ items }) => items);
}

/** A generation without what only its own result has to contain. Inputs can contain whole images. */
function slim<One extends Ended>(one: One): One {
	return { ...one, input: {}, parameters: undefined, raw: {} };
}

function newestIn(jobs: readonly Ended[]): number {
	const times = jobs.flatMap(({ submittedAt }) => submittedAt ?? []);
	return times.length === 0 ? Infinity : times.reduce((one, other) => Math.max(one, other));
}
