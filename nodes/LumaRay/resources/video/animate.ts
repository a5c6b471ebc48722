import {
	NodeOperationError,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import type { Task } from '../../jobs/run';
import type { Order } from '../../providers/provider';
import { checkRayInput, LABELS } from '../../ray/input';
import { clipPrice, formatUsd, type Estimate } from '../../ray/price';
import type { ProviderId, RayTable } from '../../ray/table';
import { TABLES } from '../../ray/tables';
import { callbackUrl } from '../callback';
import { connect, type Connection } from '../connect';
import {
	aspectRatioField,
	downloadFields,
	durationField,
	resolutionField,
	simplifyField,
	waitModeField,
} from '../fields';
import { itemError } from '../itemError';
import { optionsField } from '../optionFields';
import { readOrderOptions, readRunOptions, type RunOptions } from '../options';
import { prepareItems, readWaitMode, runItems } from '../runItems';
import { readImage } from './image';

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
		displayOptions: { show: { ...show, duration: ['5s'] } },
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
	waitModeField(show, true),
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

/** One item that is fit to be submitted. */
interface Ordered {
	index: number;
	order: Order;
	estimate: Estimate;
}

/**
 * Video: Animate Image. Checks every item and the budget before anything is paid, then submits all items, waits
 * for all videos together and returns one item per video in the order of the input.
 */
export async function animate(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	// After a Stop, n8n's Retry On Fail runs the node once more: nothing may be submitted then.
	if (this.getExecutionCancelSignal()?.aborted) return [[]];
	const providerId = this.getNodeParameter('provider', 0) as ProviderId;
	const table = TABLES[providerId];
	const options = readRunOptions(this);
	const prepared = await prepareItems(
		this,
		providerId,
		async (index) => await prepareItem(this, index, table, options),
	);
	const connection = await connect(this, providerId, { logs: options.includeLogs });
	if (options.maxCostUsd !== undefined) {
		await priceLive(prepared.items, connection, this.getExecutionCancelSignal());
		checkBudget(this, prepared.items, options.maxCostUsd, table);
	}
	const mode = readWaitMode(this);
	const webhookUrl = mode === 'suspend' ? callbackUrl(this, options) : undefined;
	const tasks = prepared.items.map(({ index, order }): Task => ({ index, order: { ...order, webhookUrl } }));
	return await runItems(this, connection, tasks, prepared, options, mode);
}

function priceSource(prepared: Ordered[], { name, pricesFrom }: RayTable): string {
	const sources = new Set(prepared.map(({ estimate }) => estimate.source));
	if (sources.has('own')) return "your 'Clip Price (USD)'";
	return sources.has('live') ? `the live price of ${name}` : `the price list of ${pricesFrom.date}`;
}

/** @throws NodeOperationError naming the parameter and the item that cannot be submitted */
async function prepareItem(
	context: IExecuteFunctions,
	index: number,
	table: RayTable,
	{ follow }: RunOptions,
): Promise<Ordered> {
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
	const { clipPriceUsd, ...options } = readOrderOptions(context, index);
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
	return {
		index,
		order: { input: checked.value, image, options },
		estimate: clipPrice(table, resolution, duration, { ownUsd: clipPriceUsd }),
	};
}

/** Puts the provider's live prices in place of the list's, so that a budget holds also after a change of prices. */
async function priceLive(
	prepared: Ordered[],
	{ provider }: Connection,
	signal = new AbortController().signal,
): Promise<void> {
	for (const item of prepared.filter(({ estimate }) => estimate.source === 'table')) {
		const { resolution, duration } = item.order.input;
		const liveUsd = await provider.livePrice(resolution, duration, signal);
		item.estimate = clipPrice(provider.table, resolution, duration, { liveUsd });
	}
}

/** @throws NodeOperationError where all items together would cost more than the person allows */
function checkBudget(
	context: IExecuteFunctions,
	prepared: Ordered[],
	maxCostUsd: number,
	table: RayTable,
): void {
	const clips = prepared.reduce((sum, { order }) => sum + (order.options.generations ?? 1), 0);
	const total = prepared.reduce(
		(sum, { order, estimate }) => sum + estimate.usd * (order.options.generations ?? 1),
		0,
	);
	if (total <= maxCostUsd + 1e-9) return;
	const dearest = Math.max(...prepared.map(({ estimate }) => estimate.usd));
	throw new NodeOperationError(
		context.getNode(),
		`This run would cost ${formatUsd(total)} at ${table.name}, more than 'Maximum Cost (USD)' of ${formatUsd(maxCostUsd)}`,
		{
			description: `${clips} ${clips === 1 ? 'clip' : 'clips'}, up to ${formatUsd(dearest)} each, by ${priceSource(prepared, table)}. Nothing was submitted. Send fewer items, choose a lower 'Resolution' or 'Duration', or raise 'Maximum Cost (USD)' in the options.`,
		},
	);
}
