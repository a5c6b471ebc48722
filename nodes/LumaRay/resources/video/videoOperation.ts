import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { orderKey, unpaidOf, type KeptOrder } from '../../jobs/memory';
import type { OrderTask } from '../../jobs/context';
import type { Catalogue } from '../../models/catalogue';
import type { FileSource, StoredFile } from '../../models/files';
import type { ModelName, ProviderId } from '../../models/names';
import type { LivePrice } from '../../models/prices';
import { filesIn, isFileParameter, replaceFiles } from '../../models/parameters';
import { CATALOGUES } from '../../providers/catalogues';
import type { Order } from '../../providers/provider';
import { callbackUrl } from '../callback';
import { connect, type Connection } from '../connect';
import { downloadFields, simplifyField, waitModeFields } from '../fields';
import { inputFields, inputOptions, type ParameterTexts } from '../inputFields';
import { beforeJobs } from '../runErrors';
import { memoryOf } from '../nodeMemory';
import type { Operation } from '../operation';
import { FILE_OPTIONS, optionsField, SUBMIT_OPTIONS } from '../optionFields';
import { readRunOptions, type RunOptions } from '../options';
import { isResumed, prepareItems, resumeItems, type PreparedItems } from '../prepare';
import { runItems } from '../runItems';
import { endStopped } from '../stop';
import { readWaitMode } from '../waitMode';
import { checkBudget, type Unpaid } from './budget';
import { hintAtDifferences } from './differenceHint';
import { placedFile, rememberedFile } from './files';
import { readLivePrice, readOffer, type Offer } from './offer';
import { readOrder } from './readOrder';

/** An operation that orders videos. Its value is the name of the model. */
export interface VideoOperation extends Operation {
	value: ModelName;
}

/** How the form shows an operation. */
export interface OperationTexts extends Pick<Operation, 'name' | 'action' | 'description'> {
	/** The text of its parameters, if it differs from other operations. */
	parameters?: ParameterTexts;
}

/** The fields after each operation's own fields. */
const lastFields = (model: ModelName, takesFile: boolean): INodeProperties[] => [
	...waitModeFields(true),
	...downloadFields({ waitMode: ['suspend', 'wait'] }),
	simplifyField,
	optionsField(
		SUBMIT_OPTIONS.filter((name) => takesFile || !FILE_OPTIONS.includes(name)),
		inputOptions(model),
	),
];

/**
 * The operation that orders videos from a model: one per item, or several with "Number of Generations". Its fields come
 * from the catalogues.
 */
export function videoOperation(model: ModelName, { parameters, ...names }: OperationTexts): VideoOperation {
	const inputs = inputFields(model, undefined, parameters);
	const takesFile = inputs.some(({ name }) => isFileParameter(name));
	return {
		...names,
		value: model,
		fields: [...inputs, ...lastFields(model, takesFile)],
		execute: async (context) => await execute(context, model),
	};
}

/**
 * Checks every item and the budget before anything is paid, then submits all items, waits for all videos together and
 * returns one item per video in the order of the input.
 */
async function execute(context: IExecuteFunctions, model: ModelName): Promise<INodeExecutionData[][]> {
	if (context.getExecutionCancelSignal()?.aborted) return await endStopped(context);
	const { options, prepared, connection } = await beforeJobs(context, async () => {
		const options = readRunOptions(context);
		const providerId = context.getNodeParameter('provider', 0) as ProviderId;
		const connection = await connect(context, providerId, { logs: options.includeLogs });
		if (isResumed(context)) return { options, prepared: resumeOrders(context), connection };
		const catalogue = CATALOGUES[providerId];
		const readLive = livePriceReader(context, connection, model);
		const offer = await offerFor(context, connection, model, options);
		const prepared = await prepareItems(
			context,
			async (index) => await prepareOrder(context, index, model, catalogue, offer, options, readLive),
		);
		await reuseRecentOrders(context, prepared, connection);
		if (options.maxCostUsd !== undefined) {
			checkBudget(context, unpaidItems(context, prepared), options.maxCostUsd, catalogue, offer.entry);
		}
		if (offer.unexplained) hintAtDifferences(context, catalogue, model, offer.unexplained);
		return { options, prepared, connection };
	});
	const mode = readWaitMode(context);
	const webhookUrl = mode === 'suspend' ? callbackUrl(context, options) : undefined;
	for (const { task } of prepared.items) if ('order' in task) task.order.webhookUrl = webhookUrl;
	return await runItems(context, connection, prepared, options, mode);
}

/** The provider's current offer, or the whole catalogue entry if the user has turned the check off. */
async function offerFor(
	context: IExecuteFunctions,
	connection: Connection,
	model: ModelName,
	{ checkLiveModel }: RunOptions,
): Promise<Offer> {
	if (!checkLiveModel) return { entry: connection.provider.catalogue.models[model] };
	return await readOffer(connection, model, context.getExecutionCancelSignal());
}

/**
 * Reads the live price when an order first needs it. If an order is certain to need it, it is read with the
 * description.
 */
function livePriceReader(
	context: IExecuteFunctions,
	connection: Connection,
	model: ModelName,
): () => Promise<LivePrice | undefined> {
	let price: Promise<LivePrice | undefined> | undefined;
	const read = async () =>
		await (price ??= readLivePrice(connection, model, context.getExecutionCancelSignal()));
	const memory = memoryOf(context);
	const isPaid = (index: number) => {
		const kept = memory.orderOf(index);
		return kept !== undefined && memory.recall(kept.key) !== undefined;
	};
	const options = context.getNode().parameters.options ?? {};
	const mayHaveOwn = typeof options !== 'object' || 'clipPriceUsd' in options;
	const isNeeded = !mayHaveOwn && context.getInputData().some((_item, index) => !isPaid(index));
	// Providers with the price in the description need no second read.
	if (isNeeded && connection.provider.livePrice) void read();
	return read;
}

/** An MCP client stops waiting and calls again, so an equal recent order is the same order. */
async function reuseRecentOrders(
	context: IExecuteFunctions,
	{ items }: PreparedItems,
	{ provider }: Connection,
): Promise<void> {
	const memory = memoryOf(context);
	if (!('reuse' in memory)) return;
	const signal = context.getExecutionCancelSignal() ?? new AbortController().signal;
	for (const { task } of items) {
		if ('order' in task) await memory.reuse(task, { provider, signal });
	}
}

/** The orders that are not paid for yet, with their items. */
function unpaidItems(context: IExecuteFunctions, { items }: PreparedItems): Unpaid[] {
	const memory = memoryOf(context);
	return items.flatMap(({ task }) =>
		'order' in task ? unpaidOf(memory, task).map((order) => ({ index: task.index, order })) : [],
	);
}

/** The order of an item: the one that an earlier try has paid for, or a new one from its parameters. */
async function prepareOrder(
	context: IExecuteFunctions,
	index: number,
	model: ModelName,
	catalogue: Catalogue,
	offer: Offer,
	options: RunOptions,
	readLive: () => Promise<LivePrice | undefined>,
): Promise<OrderTask> {
	const { id } = catalogue;
	const memory = memoryOf(context);
	const kept = memory.orderOf(index);
	if (kept && memory.recall(kept.key)) {
		const order = await restoreOrder(kept, async (file) => await rememberedFile(context, index, file));
		// A different file makes it a different order.
		if (orderKey(id, index, order) === kept.key) return { index, key: kept.key, order };
	}
	const order = await readOrder(context, index, model, catalogue, offer, options, readLive);
	return { index, key: orderKey(id, index, order), order };
}

/** A kept order with its files. */
async function restoreOrder(
	kept: KeptOrder,
	restore: (file: StoredFile) => Promise<FileSource>,
): Promise<Order> {
	const files = new Map<string, FileSource>();
	for (const file of filesIn(kept.input)) files.set(file.identity, await restore(file));
	return { ...kept, input: replaceFiles(kept.input, (file) => files.get(file.identity) ?? placedFile(file)) };
}

/** The orders of a parked run. The provider already has their files. */
function resumeOrders(context: IExecuteFunctions): PreparedItems {
	const memory = memoryOf(context);
	return resumeItems(context, (index) => {
		const kept = memory.orderOf(index);
		if (!kept) return undefined;
		return { index, key: kept.key, order: { ...kept, input: replaceFiles(kept.input, placedFile) } };
	});
}
