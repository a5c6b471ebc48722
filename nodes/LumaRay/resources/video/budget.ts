import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import type { Order } from '../../providers/provider';
import { newestEdition, type Catalogue, type CatalogueEntry } from '../../models/catalogue';
import type { Estimate } from '../../models/prices';
import { isTool } from '../../transport/tool';
import { itemError } from '../itemError';
import { overBudget, unpriced, type Bill } from '../messages/order';
import { memoryOf } from '../nodeMemory';

/** The rounding difference in USD that a sum of prices may have. */
const ROUNDING_USD = 1e-9;

/** An order that is not paid for yet. */
export interface Unpaid {
	index: number;
	order: Order;
}

/**
 * Checks that a run stays within its budget. If it is unknown which edition of the model applies, the most expensive
 * one counts.
 * @param items the items that are not paid for yet
 * @throws NodeOperationError if they would cost more in total than the user allows, or if the cost is unknown
 */
export function checkBudget(
	context: IExecuteFunctions,
	items: Unpaid[],
	maxCostUsd: number,
	catalogue: Catalogue,
	entry: CatalogueEntry,
): void {
	const counted: Array<{ usd: number; source: Estimate['source'] }> = [];
	for (const { index, order } of items) {
		const { estimate } = order;
		if (estimate.usd === null) throw itemError(context, index, unpriced(estimate.reason, catalogue));
		const { source, atMostUsd: usd = estimate.usd } = estimate;
		for (let clip = 0; clip < (order.options.generations ?? 1); clip++) counted.push({ usd, source });
	}
	const total = counted.reduce((sum, { usd }) => sum + usd, 0);
	// A model may call its tool any number of times, so one budget covers all calls of an execution.
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
	const { date } = newestEdition(entry);
	const { message, description } = overBudget(bill, catalogue.name, date);
	throw new NodeOperationError(context.getNode(), message, { description });
}

/** The source to name if the prices have several: the user's own price, else the live one. */
function sourceOf(counted: Array<Pick<Estimate, 'source'>>): Estimate['source'] {
	const sources = counted.map(({ source }) => source);
	return (['own', 'live'] as const).find((source) => sources.includes(source)) ?? 'table';
}
