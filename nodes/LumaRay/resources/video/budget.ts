import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import type { Order } from '../../providers/provider';
import { clipPrice, formatUsd, type Estimate } from '../../ray/price';
import type { RayTable } from '../../ray/table';
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
 * @throws NodeOperationError where all together would cost more than the person allows, or nobody can tell
 */
export async function checkBudget(
	context: IExecuteFunctions,
	items: Unpaid[],
	maxCostUsd: number,
	connection: Connection,
): Promise<void> {
	const { table } = connection.provider;
	const estimates: Estimate[] = [];
	for (const { index, order } of items) {
		if (!order.estimate) throw unpricedError(context, index, table);
		order.estimate = await priceLive(order, order.estimate, connection, context.getExecutionCancelSignal());
		for (let clip = 0; clip < (order.options.generations ?? 1); clip++) estimates.push(order.estimate);
	}
	const total = estimates.reduce((sum, { usd }) => sum + usd, 0);
	// A model may call its tool any number of times: one budget holds for all calls of an execution.
	const memory = memoryOf(context);
	const before = isTool(context) ? memory.committedElsewhereUsd() : 0;
	if (total + before <= maxCostUsd + ROUNDING_USD) return memory.commitUsd(isTool(context) ? total : 0);
	const clips = `${estimates.length} ${estimates.length === 1 ? 'clip' : 'clips'}`;
	const dearest = Math.max(...estimates.map(({ usd }) => usd));
	throw new NodeOperationError(
		context.getNode(),
		`This ${isTool(context) ? 'call' : 'run'} would cost ${formatUsd(total)} at ${table.name}${sayBefore(before)}, more than 'Maximum Cost (USD)' of ${formatUsd(maxCostUsd)}`,
		{
			description: `${clips}, up to ${formatUsd(dearest)} each, by ${priceSource(estimates, table)}. Nothing was submitted. Send fewer items, choose a lower 'Resolution' or 'Duration', or raise 'Maximum Cost (USD)' in the options.`,
		},
	);
}

function sayBefore(usd: number): string {
	return usd > 0 ? `, ${formatUsd(usd)} were spent by earlier calls of this execution` : '';
}

async function priceLive(
	{ input: { resolution, duration } }: Order,
	estimate: Estimate,
	{ provider }: Connection,
	signal = new AbortController().signal,
): Promise<Estimate> {
	if (estimate.source === 'own') return estimate;
	const liveUsd = await provider.livePrice(resolution, duration, signal);
	return clipPrice(provider.table, resolution, duration, { liveUsd });
}

function priceSource(estimates: Estimate[], { name, pricesFrom }: RayTable): string {
	const sources = new Set(estimates.map(({ source }) => source));
	if (sources.has('own')) return "your 'Clip Price (USD)'";
	return sources.has('live') ? `the live price of ${name}` : `the price list of ${pricesFrom.date}`;
}

function unpricedError(
	context: IExecuteFunctions,
	index: number,
	{ pricedBy }: RayTable,
): NodeOperationError {
	return itemError(
		context,
		index,
		"'Additional Fields (JSON)' changes the price, so 'Maximum Cost (USD)' cannot be held",
		`Nothing was submitted. Take ${pricedBy.join(', ')} out of 'Additional Fields (JSON)' and set the fields of the node, or leave 'Maximum Cost (USD)' out.`,
	);
}
