import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import type { Order } from '../../providers/provider';
import { newestEdition } from '../../models/catalogue';
import { clipPrice, dearestPrice, type Estimate } from '../../models/prices';
import { isTool } from '../../transport/tool';
import type { Connection } from '../connect';
import { itemError } from '../itemError';
import { overBudget, unpriced, type Bill } from '../messages/order';
import { memoryOf } from '../nodeMemory';
import type { Offer } from './offer';

/** USD by which sums of prices may be off. */
const ROUNDING_USD = 1e-9;

/** An order that nothing is paid for yet. */
export interface Unpaid {
	index: number;
	order: Order;
}

/**
 * Holds a run to its budget, by the provider's live prices where it gives any: prices change, tables do not.
 * @param items those that nothing is paid for yet; their estimates become those that were counted
 * @throws NodeOperationError if all together would cost more than the user allows, or if the cost is unknown
 */
export async function checkBudget(
	context: IExecuteFunctions,
	items: Unpaid[],
	maxCostUsd: number,
	connection: Connection,
	offer: Offer,
): Promise<void> {
	const { catalogue } = connection.provider;
	const signal = context.getExecutionCancelSignal();
	const counted: Array<{ usd: number; source: Estimate['source'] }> = [];
	for (const { index, order } of items) {
		order.estimate = await priceLive(order, connection, offer, signal);
		const { estimate } = order;
		if (estimate.usd === null) throw itemError(context, index, unpriced(estimate.reason, catalogue));
		const { usd, source } = estimate;
		for (let clip = 0; clip < (order.options.generations ?? 1); clip++) counted.push({ usd, source });
	}
	const total = counted.reduce((sum, { usd }) => sum + usd, 0);
	// A model may call its tool any number of times: one budget holds for all calls of an execution.
	const memory = memoryOf(context);
	const before = isTool(context) ? memory.committedElsewhereUsd() : 0;
	if (total + before <= maxCostUsd + ROUNDING_USD) return memory.commitUsd(isTool(context) ? total : 0);
	const bill: Bill = {
		totalUsd: total,
		beforeUsd: before,
		maxCostUsd,
		clips: counted.length,
		dearestUsd: Math.max(...counted.map(({ usd }) => usd)),
		source: sourceOf(counted),
		isToolCall: isTool(context),
	};
	const { date } = newestEdition(offer.entry);
	const { message, description } = overBudget(bill, catalogue.name, date);
	throw new NodeOperationError(context.getNode(), message, { description });
}

/** The estimate of an order by the provider's live price, if that can say more than what is known. */
async function priceLive(
	{ model, input, estimate }: Order,
	{ provider }: Connection,
	{ entry, schema }: Offer,
	signal = new AbortController().signal,
): Promise<Estimate> {
	if (estimate.source === 'own' || (estimate.usd === null && estimate.reason === 'additionalFields')) {
		return estimate;
	}
	const edition = newestEdition(entry);
	const liveUsd = await provider.livePrice(model, edition, input, signal);
	// Without a word of the provider, any edition may apply: a budget counts the dearest.
	if (liveUsd === undefined && !schema) return { ...dearestPrice(entry.editions, input), source: 'table' };
	return clipPrice(edition, input, { liveUsd });
}

/** The source to name for several prices: the user's own, else the live one. */
function sourceOf(counted: Array<Pick<Estimate, 'source'>>): Estimate['source'] {
	const sources = counted.map(({ source }) => source);
	return (['own', 'live'] as const).find((source) => sources.includes(source)) ?? 'table';
}
