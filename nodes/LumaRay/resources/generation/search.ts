import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';

import { MODEL_NAMES, type ProviderId } from '../../models/names';
import { patiently } from '../../providers/patience';
import type { ListedJob } from '../../providers/provider';
import { systemClock } from '../../transport/clock';
import { connect } from '../connect';
import { providerField } from '../fields';
import { toNodeError } from '../nodeError';

/** The list in n8n's editor from which the user selects a generation. */

/** Entries of one page: about two screens of the list. */
const PAGE_ENTRIES = 25;
/**
 * The maximum number of generations that a search reads, newest first. It is small because the user waits while typing.
 */
const SEARCHED = 500;
/** How many characters fit into a line of the list. n8n cuts off a longer line, and with it the status and the age. */
const LINE_CHARACTERS = 56;
/** How often a read is tried. It is small because a user who waits should see the error soon. */
const TRIES = 2;

/**
 * The newest generations of the account at the node's provider, one page at a time.
 * @param filter what the prompt, status or request ID must contain, in any case
 * @param paginationToken how many entries were shown, and the request ID of the last one: the list may have new generations
 * at its top since then
 * @throws NodeApiError or NodeOperationError if the provider's list cannot be read
 */
export async function searchGenerations(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const { shown, last } = readToken(paginationToken);
	const id = (this.getCurrentNodeParameter(providerField.name) ?? providerField.default) as ProviderId;
	const { provider } = await connect(this, id, { logs: false });
	const { signal } = new AbortController();
	const wanted = filter?.trim().toLowerCase() ?? '';
	const atMost = wanted === '' ? shown + PAGE_ENTRIES + 1 : SEARCHED;
	const read = async () => await provider.list(MODEL_NAMES, atMost, signal);
	const listed = await patiently(read, { clock: systemClock, signal, tries: TRIES });
	if (!listed.ok) throw toNodeError(this.getNode(), listed.problem);
	const matching = listed.value.filter((one) => contains(one, wanted));
	const at = last === undefined ? -1 : matching.findIndex(({ requestId }) => requestId === last);
	const from = at < 0 ? shown : at + 1;
	const page = matching.slice(from, from + PAGE_ENTRIES);
	const now = systemClock.now();
	const results = page.map((one) => ({ name: nameOf(one, now), value: one.requestId }));
	const hasMore = matching.length > from + page.length && page.length > 0;
	return {
		results,
		...(hasMore ? { paginationToken: `${from + page.length} ${page.at(-1)?.requestId}` } : {}),
	};
}

function readToken(token = ''): { shown: number; last?: string } {
	const [, shown, last] = /^(\d{1,5}) (\S+)$/.exec(token) ?? [];
	return shown === undefined ? { shown: 0 } : { shown: Number(shown), last };
}

function contains({ parameters, status, requestId }: ListedJob, wanted: string): boolean {
	return [parameters?.prompt ?? '', status, requestId].some((text) => text.toLowerCase().includes(wanted));
}

/** `A tiger walks (succeeded, 5 minutes ago)` */
function nameOf({ parameters, status, requestId, submittedAt }: ListedJob, now: number): string {
	const prompt = (parameters?.prompt ?? '').replace(/\s+/g, ' ').trim();
	const age = submittedAt === undefined ? [] : [ageOf(now - submittedAt)];
	const state = ` (${[status, ...age].join(', ')})`;
	const subject = prompt === '' ? requestId : shortened(prompt, LINE_CHARACTERS - state.length);
	return subject + state;
}

function shortened(text: string, most: number): string {
	const characters = [...text];
	return characters.length <= most
		? text
		: `${characters
				.slice(0, most - 1)
				.join('')
				.trimEnd()}…`;
}

/** Seconds of each unit, the largest first. */
const UNITS: ReadonlyArray<[name: string, seconds: number]> = [
	['day', 86_400],
	['hour', 3_600],
	['minute', 60],
];

function ageOf(ms: number): string {
	const seconds = ms / 1000;
	const [name, length] = UNITS.find(([, one]) => seconds >= one) ?? [];
	if (name === undefined || length === undefined) return 'just now';
	const count = Math.floor(seconds / length);
	return `${count} ${name}${count === 1 ? '' : 's'} ago`;
}
