import { NodeOperationError, type INodeExecutionData, type IPollFunctions } from 'n8n-workflow';

import { hasEnded, matches } from '../../jobs/ended';
import type { ListedJob, ListFilter } from '../../providers/provider';
import { noExample } from '../messages/trigger';
import { endItem, MAX_TRIES, type ItemMaker } from './endItem';
import { pollError } from './pollError';
import { readList } from './reading';
import type { TriggerSettings } from './settings';

/**
 * Pages of each list that a manual run reads at most: a user waits for it. They have 500 generations of each model at
 * fal, and 2,000 of all models at Oxen.
 */
const MOST_PAGES = 10;

/**
 * What a manual run shows: the matching generation that ended last, from the first pages that have a match.
 * @throws NodeOperationError if no generation matches
 */
export async function example(
	context: IPollFunctions,
	{ provider, event, namespace }: TriggerSettings,
	maker: ItemMaker,
): Promise<INodeExecutionData> {
	const looked = new Map<string, ListedJob>();
	const lists: NonNullable<ListFilter['lists']> = new Map();
	const accepts = (one: ListedJob): boolean => {
		looked.set(one.requestId, one);
		return hasEnded(one) && matches(event, one);
	};
	// A list is read until a page has one that matches.
	const filter = { namespace, mostPages: MOST_PAGES, lists, accepts };
	const listed = await readList(maker, maker.signal, filter, 1);
	if (!listed.ok) throw pollError(context.getNode(), listed.problem, listed.retryAfterMs);
	const newest = [...looked.values()]
		.filter((one) => hasEnded(one) && matches(event, one))
		.sort((one, other) => (other.completedAt ?? 0) - (one.completedAt ?? 0))[0];
	if (!newest) {
		const isCut = [...lists.values()].some((list) => list.isCut);
		const { message, description } = noExample(provider, event, {
			count: looked.size,
			...(isCut && { pages: MOST_PAGES }),
		});
		throw new NodeOperationError(context.getNode(), message, { description });
	}
	const made = await endItem(newest, MAX_TRIES, maker);
	if ('item' in made) return made.item;
	throw pollError(context.getNode(), made.problem ?? { name: 'notEnded' }, made.retryAfterMs);
}
