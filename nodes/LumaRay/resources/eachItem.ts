import { NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { createPool } from '../jobs/pool';
import type { ProviderId } from '../models/names';
import type { Problem } from '../models/problem';
import { connect, type Connection } from './connect';
import { continuesOnFail } from './continues';
import { problemOfError } from './messages';
import { toNodeError } from './nodeError';
import { badItem } from './output';

/** Items that are processed at the same time. */
const AT_ONCE = 10;

/** What an operation returns for one input item: output items, or the problem that prevented them. */
export type ItemWork = (
	index: number,
	connection: Connection,
	signal: AbortSignal,
) => Promise<INodeExecutionData[] | { problem: Problem }>;

/**
 * Runs an operation that costs nothing for every input item, several at once, and returns the outputs in the order
 * of the input. A failed item ends the node, or is returned with its problem under Continue On Fail.
 * @throws NodeOperationError or NodeApiError for the first failed item
 */
export async function eachItem(context: IExecuteFunctions, work: ItemWork): Promise<INodeExecutionData[][]> {
	const provider = context.getNodeParameter('provider', 0) as ProviderId;
	const connection = await connect(context, provider, { logs: false });
	const signal = context.getExecutionCancelSignal() ?? new AbortController().signal;
	const pool = createPool(AT_ONCE);
	const outputs = await Promise.all(
		context
			.getInputData()
			.map(
				async (_item, index) =>
					await pool(async () => await outputOf(context, index, connection, work, signal)),
			),
	);
	return [outputs.flat()];
}

async function outputOf(
	context: IExecuteFunctions,
	index: number,
	connection: Connection,
	work: ItemWork,
	signal: AbortSignal,
): Promise<INodeExecutionData[]> {
	const about = { provider: connection.provider.id };
	let made: Awaited<ReturnType<ItemWork>>;
	try {
		made = await work(index, connection, signal);
	} catch (error) {
		if (continuesOnFail(context)) return [badItem(context, index, problemOfError(error as Error), about)];
		throw new NodeOperationError(context.getNode(), error as Error, { itemIndex: index });
	}
	if (Array.isArray(made)) return made;
	if (!continuesOnFail(context)) throw toNodeError(context.getNode(), made.problem, index);
	return [badItem(context, index, made.problem, about)];
}
