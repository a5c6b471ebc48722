import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { orderKey, unpaidOf } from '../../jobs/memory';
import type { OrderTask } from '../../jobs/setting';
import type { Order } from '../../providers/provider';
import { checkRayInput, LABELS } from '../../ray/input';
import { clipPrice } from '../../ray/price';
import type { ProviderId, RayTable } from '../../ray/table';
import { TABLES } from '../../ray/tables';
import { callbackUrl } from '../callback';
import { connect, type Connection } from '../connect';
import {
	aspectRatioField,
	downloadFields,
	durationField,
	LOOP_DURATIONS,
	resolutionField,
	simplifyField,
	waitModeFields,
} from '../fields';
import { itemError } from '../itemError';
import { beforeJobs } from '../leftBehind';
import { memoryOf } from '../nodeMemory';
import { optionsField } from '../optionFields';
import { readOrderOptions, readRunOptions, type RunOptions } from '../options';
import { isResumed, prepareItems, resumeItems, type Prepared } from '../prepare';
import { runItems } from '../runItems';
import { endStopped } from '../stop';
import { readWaitMode } from '../waitMode';
import { checkBudget, type Unpaid } from './budget';
import { PLACED_IMAGE, readImage, rememberedImage } from './image';

const show = { resource: ['video'], operation: ['animate'] };

export const animateFields: INodeProperties[] = [
	{
		displayName: 'Image Source',
		name: 'imageSource',
		type: 'options',
		options: [
			{ name: 'URL', value: 'url', description: 'An address that the provider can download' },
			{
				name: 'Binary Data',
				value: 'binary',
				description: 'A file of the workflow, for example from a form. It is uploaded to the provider.',
			},
		],
		default: 'url',
		// Agents hand over text, no files.
		displayOptions: { show: { ...show, '@tool': [false] } },
		description: 'Where the image comes from that the video starts with',
	},
	{
		displayName: LABELS.imageUrl,
		name: 'imageUrl',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. https://example.com/tiger.png',
		// `hide`, so that it is there also where Image Source is not.
		displayOptions: { show, hide: { imageSource: ['binary'] } },
		description:
			'The image that the video starts with. It must be reachable from the internet without signing in.',
	},
	{
		displayName: 'Input Data Field Name',
		name: 'imageBinaryField',
		type: 'string',
		default: 'data',
		required: true,
		displayOptions: { show: { ...show, imageSource: ['binary'] } },
		hint: 'The name of the input binary field that holds the image',
	},
	{
		displayName: LABELS.prompt,
		name: 'prompt',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		required: true,
		placeholder: 'e.g. Slow push-in while her hair moves in the wind',
		displayOptions: { show },
		description: 'What happens in the video: the motion of the subject and of the camera',
	},
	aspectRatioField(show),
	resolutionField(show),
	durationField(show),
	{
		displayName: LABELS.loop,
		name: 'loop',
		type: 'boolean',
		default: false,
		displayOptions: { show: { ...show, duration: LOOP_DURATIONS } },
		description:
			'Whether the end of the video leads seamlessly into its beginning. Only 5-second clips can loop.',
	},
	{
		displayName: LABELS.referenceImageUrls,
		name: 'referenceImageUrls',
		type: 'string',
		typeOptions: { multipleValues: true, multipleValueButtonText: 'Add Reference Image' },
		default: [],
		placeholder: 'e.g. https://example.com/style.png',
		displayOptions: { show },
		description: 'Images that guide the look of the video. An expression may yield a whole list.',
	},
	...waitModeFields(show, true),
	...downloadFields({ ...show, waitMode: ['suspend', 'wait'] }),
	simplifyField(show),
	optionsField(
		[
			'additionalFields',
			'branch',
			'callback',
			'callbackBaseUrl',
			'cancelOnStop',
			'cancelOnTimeout',
			'clipPriceUsd',
			'concurrency',
			'follow',
			'imageUpload',
			'includeLogs',
			'maxCostUsd',
			'numGenerations',
			'pollIntervalSeconds',
			'priority',
			'repository',
			'startTimeoutSeconds',
			'targetNamespace',
			'timeoutMinutes',
		],
		show,
	),
];

/**
 * Video: Animate Image. Checks every item and the budget before anything is paid, then submits all items, waits
 * for all videos together and returns one item per video in the order of the input.
 */
export async function animate(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	if (this.getExecutionCancelSignal()?.aborted) return await endStopped(this);
	const { options, prepared, connection } = await beforeJobs(this, async () => {
		const options = readRunOptions(this);
		const providerId = this.getNodeParameter('provider', 0) as ProviderId;
		const prepared = isResumed(this)
			? resumeOrders(this)
			: await prepareItems(this, async (index) => await prepareOrder(this, index, providerId, options));
		const connection = await connect(this, providerId, { logs: options.includeLogs });
		await reuseRecentOrders(this, prepared, connection);
		if (options.maxCostUsd !== undefined && !isResumed(this)) {
			await checkBudget(this, unpaidItems(this, prepared), options.maxCostUsd, connection);
		}
		return { options, prepared, connection };
	});
	const mode = readWaitMode(this);
	const webhookUrl = mode === 'suspend' ? callbackUrl(this, options) : undefined;
	for (const { task } of prepared.items) if ('order' in task) task.order.webhookUrl = webhookUrl;
	return await runItems(this, connection, prepared, options, mode);
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

/** The order of an item: what an earlier try has paid for, or what its parameters say now. */
async function prepareOrder(
	context: IExecuteFunctions,
	index: number,
	providerId: ProviderId,
	options: RunOptions,
): Promise<OrderTask> {
	const memory = memoryOf(context);
	const kept = memory.orderOf(index);
	if (kept && memory.recall(kept.key)) {
		const order: Order = { ...kept, image: kept.image ?? (await rememberedImage(context, index)) };
		// Another file is another order.
		if (orderKey(providerId, index, order) === kept.key) return { index, key: kept.key, order };
	}
	const order = await readOrder(context, index, TABLES[providerId], options);
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

/** @throws NodeOperationError naming the parameter and the item that cannot be submitted */
async function readOrder(
	context: IExecuteFunctions,
	index: number,
	table: RayTable,
	{ follow }: RunOptions,
): Promise<Order> {
	const parameter = (name: string) => context.getNodeParameter(name, index, null);
	const checked = checkRayInput(
		{
			prompt: parameter('prompt'),
			aspectRatio: parameter('aspectRatio'),
			resolution: parameter('resolution'),
			duration: parameter('duration'),
			loop: parameter('loop'),
			referenceImageUrls: parameter('referenceImageUrls'),
		},
		table,
	);
	if (!checked.ok) {
		const { message, description } = checked.violation;
		throw itemError(context, index, message, description);
	}
	const { clipPriceUsd, ...options } = readOrderOptions(context, index, table);
	const image = await readImage(context, index, table, options.imageRepository !== undefined);
	const { generations = 1 } = options;
	if (follow === 'direct' && generations > 1) {
		throw itemError(
			context,
			index,
			`'Number of Generations' cannot be ${generations} where 'Follow' is Direct`,
			"The blocking call makes one video. Set 'Follow' to Automatic.",
		);
	}
	const { resolution, duration } = checked.value;
	const isPriced = !table.pricedBy.some((name) => Object.hasOwn(options.additionalFields ?? {}, name));
	const estimate = isPriced ? clipPrice(table, resolution, duration, { ownUsd: clipPriceUsd }) : undefined;
	return { input: checked.value, image, options, estimate };
}
