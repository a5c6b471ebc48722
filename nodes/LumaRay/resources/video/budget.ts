import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import type { Order } from '../../providers/provider';
import { newestEdition, type Catalogue } from '../../models/catalogue';
import { clipPrice, formatUsd, type Estimate } from '../../models/prices';
import { isTool } from '../../transport/tool';
import type { Connection } from '../connect';
import { itemError } from '../itemError';
import { memoryOf } from '../nodeMemory';

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
): Promise<void> {
	const { catalogue } = connection.provider;
	const signal = context.getExecutionCancelSignal();
	const counted: Array<{ usd: number; source: Estimate['source'] }> = [];
	for (const { index, order } of items) {
		order.estimate = await priceLive(order, connection, signal);
		const { usd, source } = order.estimate;
		if (usd === null) throw unpricedError(context, index, catalogue);
		for (let clip = 0; clip < (order.options.generations ?? 1); clip++) counted.push({ usd, source });
	}
	const total = counted.reduce((sum, { usd }) => sum + usd, 0);
	// A model may call its tool any number of times: one budget holds for all calls of an execution.
	const memory = memoryOf(context);
	const before = isTool(context) ? memory.committedElsewhereUsd() : 0;
	if (total + before <= maxCostUsd + ROUNDING_USD) return memory.commitUsd(isTool(context) ? total : 0);
	const clips = `${counted.length} ${counted.length === 1 ? 'clip' : 'clips'}`;
	const dearest = Math.max(...counted.map(({ usd }) => usd));
	throw new NodeOperationError(
		context.getNode(),
		`This ${isTool(context) ? 'call' : 'run'} would cost ${formatUsd(total)} at ${catalogue.name}${sayBefore(before)}, more than 'Maximum Cost (USD)' of ${formatUsd(maxCostUsd)}`,
		{
			description: `${clips}, up to ${formatUsd(dearest)} each, by ${priceSource(counted, items, catalogue)}. Nothing was submitted. Send fewer items, choose a lower 'Resolution' or 'Duration', or raise 'Maximum Cost (USD)' in the options.`,
		},
	);
}

function sayBefore(usd: number): string {
	return usd > 0 ? `, ${formatUsd(usd)} were spent by earlier calls of this execution` : '';
}

/** The estimate of an order by the provider's live price, if that can say more than what is known. */
async function priceLive(
	{ model, input, estimate }: Order,
	{ provider }: Connection,
	signal = new AbortController().signal,
): Promise<Estimate> {
	if (estimate.source === 'own' || (estimate.usd === null && estimate.reason === 'additionalFields')) {
		return estimate;
	}
	const liveUsd = await provider.livePrice(model, input, signal);
	return clipPrice(newestEdition(provider.catalogue.models[model]), input, { liveUsd });
}

function priceSource(
	counted: Array<Pick<Estimate, 'source'>>,
	[{ order }]: Unpaid[],
	{ name, models }: Catalogue,
): string {
	const sources = new Set(counted.map(({ source }) => source));
	if (sources.has('own')) return "your 'Clip Price (USD)'";
	const { date } = newestEdition(models[order.model]);
	return sources.has('live') ? `the live price of ${name}` : `the price list of ${date}`;
}

function unpricedError(
	context: IExecuteFunctions,
	index: number,
	{ pricedBy }: Catalogue,
): NodeOperationError {
	return itemError(
		context,
		index,
		"'Additional Fields (JSON)' changes the price, so 'Maximum Cost (USD)' cannot be held",
		`Nothing was submitted. Take ${pricedBy.join(', ')} out of 'Additional Fields (JSON)' and set the fields of the node, or leave 'Maximum Cost (USD)' out.`,
	);
}
