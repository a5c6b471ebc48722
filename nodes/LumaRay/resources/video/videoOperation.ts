import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { orderKey, unpaidOf } from '../../jobs/memory';
import type { OrderTask } from '../../jobs/setting';
import type { Order } from '../../providers/provider';
import type { ProviderId, RayTable } from '../../ray/table';
import { callbackUrl } from '../callback';
import { connect, type Connection } from '../connect';
import { downloadFields, simplifyField, waitModeFields } from '../fields';
import { beforeJobs } from '../leftBehind';
import { memoryOf } from '../nodeMemory';
import type { Operation } from '../operation';
import { optionsField, SUBMIT_OPTIONS } from '../optionFields';
import { readRunOptions } from '../options';
import { isResumed, prepareItems, resumeItems, type Prepared } from '../prepare';
import { runItems } from '../runItems';
import { endStopped } from '../stop';
import { readWaitMode } from '../waitMode';
import { checkBudget, type Unpaid } from './budget';
import { PLACED_IMAGE, rememberedImage } from './image';
import { readOrder } from './readOrder';

/** An operation that orders videos: what is its own, and the model that it orders from. */
export interface VideoOperation extends Operation {
	/** What each provider allows its model, and what it asks for it. */
	tables: { readonly [id in ProviderId]: RayTable };
}

/** The fields behind those of each operation. */
const LAST_FIELDS: INodeProperties[] = [
	...waitModeFields(true),
	...downloadFields({ waitMode: ['suspend', 'wait'] }),
	simplifyField,
	optionsField(SUBMIT_OPTIONS),
];

/**
 * Makes an operation that orders one video per item, or several with "Number of Generations".
 * @param own what is particular to it; the fields that all of these operations have come behind its own
 */
export function videoOperation(own: Omit<VideoOperation, 'execute'>): VideoOperation {
	return {
		...own,
		fields: [...own.fields, ...LAST_FIELDS],
		execute: async (context) => await execute(context, own),
	};
}

/**
 * Checks every item and the budget before anything is paid, then submits all items, waits for all videos together and
 * returns one item per video in the order of the input.
 */
async function execute(
	context: IExecuteFunctions,
	{ tables }: Pick<VideoOperation, 'tables'>,
): Promise<INodeExecutionData[][]> {
	if (context.getExecutionCancelSignal()?.aborted) return await endStopped(context);
	const { options, prepared, connection } = await beforeJobs(context, async () => {
		const options = readRunOptions(context);
		const providerId = context.getNodeParameter('provider', 0) as ProviderId;
		const prepared = isResumed(context)
			? resumeOrders(context)
			: await prepareItems(context, async (index) => {
					const read = async () => await readOrder(context, index, tables[providerId], options);
					return await prepareOrder(context, index, providerId, read);
				});
		const connection = await connect(context, providerId, { logs: options.includeLogs });
		await reuseRecentOrders(context, prepared, connection);
		if (options.maxCostUsd !== undefined && !isResumed(context)) {
			await checkBudget(context, unpaidItems(context, prepared), options.maxCostUsd, connection);
		}
		return { options, prepared, connection };
	});
	const mode = readWaitMode(context);
	const webhookUrl = mode === 'suspend' ? callbackUrl(context, options) : undefined;
	for (const { task } of prepared.items) if ('order' in task) task.order.webhookUrl = webhookUrl;
	return await runItems(context, connection, prepared, options, mode);
}

/** An MCP client calls again when it has stopped waiting: an equal order of a moment ago is the same one. */
async function reuseRecentOrders(
	context: IExecuteFunctions,
	{ items }: Prepared,
	{ provider }: Connection,
): Promise<void> {
	const memory = memoryOf(context);
	if (!('reuse' in memory)) return;
	const signal = context.getExecutionCancelSignal() ?? new AbortController().signal;
	for (const { task } of items) {
		if ('order' in task) await memory.reuse(task, { provider, signal });
	}
}

/** The orders that nothing is paid for yet, with their items. */
function unpaidItems(context: IExecuteFunctions, { items }: Prepared): Unpaid[] {
	const memory = memoryOf(context);
	return items.flatMap(({ task }) =>
		'order' in task ? unpaidOf(memory, task).map((order) => ({ index: task.index, order })) : [],
	);
}

/**
 * The order of an item: what an earlier try has paid for, or what its parameters say now.
 * @param read reads the parameters
 */
async function prepareOrder(
	context: IExecuteFunctions,
	index: number,
	providerId: ProviderId,
	read: () => Promise<Order>,
): Promise<OrderTask> {
	const memory = memoryOf(context);
	const kept = memory.orderOf(index);
	if (kept && memory.recall(kept.key)) {
		const order: Order = { ...kept, image: kept.image ?? (await rememberedImage(context, index)) };
		// Another file is another order.
		if (orderKey(providerId, index, order) === kept.key) return { index, key: kept.key, order };
	}
	const order = await read();
	return { index, key: orderKey(providerId, index, order), order };
}

/** The orders of a run that was parked. Their images are with the provider already. */
function resumeOrders(context: IExecuteFunctions): Prepared {
	const memory = memoryOf(context);
	return resumeItems(context, (index) => {
		const kept = memory.orderOf(index);
		if (!kept) return undefined;
		return { index, key: kept.key, order: { ...kept, image: kept.image ?? PLACED_IMAGE } };
	});
}
