import {
	NodeOperationError,
	type IBinaryData,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { createMemory } from '../../jobs/memory';
import { runJobs, type Result, type Task } from '../../jobs/run';
import type { Order } from '../../providers/provider';
import { checkImageUrl, checkRayInput, LABELS, type Violation } from '../../ray/input';
import { clipPrice, formatUsd, type Estimate } from '../../ray/price';
import type { ProviderId, RayTable } from '../../ray/table';
import { TABLES } from '../../ray/tables';
import { systemClock } from '../../transport/clock';
import { toNodeError } from '../../transport/failures';
import { imageFromItem, type ImageSource } from '../../transport/image';
import { videoCollector } from '../collect';
import { connect } from '../connect';
import { aspectRatioField, downloadFields, durationField, resolutionField, simplifyField } from '../fields';
import { optionsField, readOrderOptions, readRunOptions, type RunOptions } from '../options';
import { badItem, simplified, unsimplified } from '../output';

const show = { resource: ['video'], operation: ['animate'] };

export const animateFields: INodeProperties[] = [
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
	{
		displayName: 'Image Source',
		name: 'imageSource',
		type: 'options',
		options: [
			{ name: 'URL', value: 'url', description: 'An address that the provider can download' },
			{
				name: 'Binary Data',
				value: 'binary',
				description: 'A file of the workflow; it is uploaded to the provider',
			},
		],
		default: 'url',
		displayOptions: { show },
		description: 'Where the image comes from that the video starts with',
	},
	{
		displayName: LABELS.imageUrl,
		name: 'imageUrl',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. https://example.com/tiger.png',
		displayOptions: { show: { ...show, imageSource: ['url'] } },
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
			'Whether the end of the video leads seamlessly into its beginning. 10-second clips cannot loop.',
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
	{
		displayName: 'Wait Mode',
		name: 'waitMode',
		type: 'options',
		options: [
			{
				name: 'Wait',
				value: 'wait',
				description: 'The execution goes on when the videos are ready, usually after 1 to 15 minutes',
			},
			{
				name: 'Submit Only',
				value: 'submit',
				description: 'Returns the request ID at once, to collect the video later',
			},
		],
		default: 'wait',
		displayOptions: { show: { ...show, '@tool': [false] } },
		description: 'Whether to wait for the video',
	},
	...downloadFields({ ...show, waitMode: ['wait'] }),
	simplifyField(show),
	optionsField(
		[
			'additionalFields',
			'cancelOnStop',
			'cancelOnTimeout',
			'clipPriceUsd',
			'concurrency',
			'follow',
			'includeLogs',
			'maxCostUsd',
			'pollIntervalSeconds',
			'priority',
			'startTimeoutSeconds',
			'timeoutMinutes',
		],
		show,
	),
];

/** One item that is fit to be submitted. */
interface Prepared {
	index: number;
	order: Order;
	estimate: Estimate;
}

/**
 * Video: Animate Image. Checks every item and the budget before anything is paid, then submits all items, waits
 * for all videos together and returns one item per video in the order of the input.
 */
export async function animate(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const signal = this.getExecutionCancelSignal();
	// After a Stop, n8n's Retry On Fail runs the node once more: nothing may be submitted then.
	if (signal?.aborted) return [[]];
	const providerId = this.getNodeParameter('provider', 0) as ProviderId;
	const table = TABLES[providerId];
	const options = readRunOptions(this);
	const output = new Map<number, INodeExecutionData[]>();
	const prepared: Prepared[] = [];
	for (let index = 0; index < this.getInputData().length; index++) {
		try {
			prepared.push(await prepareItem(this, index, table));
		} catch (error) {
			if (!this.continueOnFail() || !(error instanceof NodeOperationError)) {
				throw new NodeOperationError(this.getNode(), error as Error, { itemIndex: index });
			}
			const { message, description } = error;
			output.set(index, [
				badItem(index, { message, description: description ?? '' }, { provider: providerId }),
			]);
		}
	}
	checkBudget(this, prepared, options, table);

	const connection = await connect(this, providerId, { logs: options.includeLogs });
	const waits = this.getNodeParameter('waitMode', 0, 'wait') !== 'submit';
	const downloads = waits && this.getNodeParameter('downloadVideo', 0, false) === true;
	const runIndex = Number(this.getWorkflowDataProxy(0).$runIndex ?? 0);
	const memory = createMemory(this.getContext('node') as IDataObject, runIndex);
	const results = await runJobs<IBinaryData>(
		prepared.map(({ index, order }): Task => ({ index, order })),
		{
			...options,
			provider: connection.provider,
			clock: systemClock,
			signal: signal ?? new AbortController().signal,
			memory,
			follow: waits ? options.follow : 'none',
			failFast: !this.continueOnFail(),
			...(downloads ? { collect: videoCollector(this, connection) } : {}),
			log: (message, { provider, requestId }, itemIndex) =>
				this.logger.info(`Luma Ray: ${message}`, { provider, requestId, itemIndex }),
		},
	);
	if (results === undefined) return [[]];

	if (!this.continueOnFail()) throwFirstProblem(this, results);
	const byIndex = new Map(prepared.map((one) => [one.index, one]));
	for (const result of results) {
		const item = outputItem(this, result, byIndex.get(result.index)!, table, options);
		output.set(result.index, [...(output.get(result.index) ?? []), item]);
	}
	const items = [...output.keys()].sort((one, other) => one - other).flatMap((index) => output.get(index)!);
	if (!items.some(({ json }) => 'error' in json)) memory.clear();
	return [items];
}

/** @throws NodeOperationError naming the parameter and the item that cannot be submitted */
async function prepareItem(context: IExecuteFunctions, index: number, table: RayTable): Promise<Prepared> {
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
	if (!checked.ok) throw violationError(context, index, checked.violation);
	const image = await readImage(context, index, table);
	const { clipPriceUsd, ...options } = readOrderOptions(context, index);
	const { resolution, duration } = checked.value;
	return {
		index,
		order: { input: checked.value, image, options },
		estimate: clipPrice(table, resolution, duration, clipPriceUsd),
	};
}

async function readImage(
	context: IExecuteFunctions,
	index: number,
	table: RayTable,
): Promise<string | ImageSource> {
	if (context.getNodeParameter('imageSource', index) !== 'binary') {
		const url = checkImageUrl(context.getNodeParameter('imageUrl', index, null));
		if (!url.ok) throw violationError(context, index, url.violation);
		return url.value;
	}
	const field = context.getNodeParameter('imageBinaryField', index) as string;
	const image = await imageFromItem(context, index, field);
	const refusal =
		image.bytes === 0
			? 'is empty (0 bytes)'
			: !image.mimeType.startsWith('image/')
				? `holds ${image.mimeType}, not an image`
				: image.bytes > table.maxImageBytes
					? `holds ${image.bytes} bytes; ${table.name} takes up to ${table.maxImageBytes}`
					: undefined;
	if (refusal === undefined) return image;
	throw new NodeOperationError(
		context.getNode(),
		`The binary field '${field}' of 'Input Data Field Name' ${refusal} [item ${index}]`,
		{ itemIndex: index, description: 'Check what the node before this one puts into that field.' },
	);
}

function violationError(context: IExecuteFunctions, index: number, violation: Violation): NodeOperationError {
	const { message, description } = violation;
	return new NodeOperationError(context.getNode(), `${message} [item ${index}]`, {
		itemIndex: index,
		description,
	});
}

/** @throws NodeOperationError where all items together would cost more than the person allows */
function checkBudget(
	context: IExecuteFunctions,
	prepared: Prepared[],
	{ maxCostUsd }: RunOptions,
	table: RayTable,
): void {
	if (maxCostUsd === undefined) return;
	const total = prepared.reduce((sum, { estimate }) => sum + estimate.usd, 0);
	if (total <= maxCostUsd + 1e-9) return;
	const dearest = Math.max(...prepared.map(({ estimate }) => estimate.usd));
	throw new NodeOperationError(
		context.getNode(),
		`This run would cost ${formatUsd(total)} at ${table.name}, more than 'Maximum Cost (USD)' of ${formatUsd(maxCostUsd)}`,
		{
			description: `${prepared.length} ${prepared.length === 1 ? 'clip' : 'clips'}, up to ${formatUsd(dearest)} each, by the price list of ${table.pricesFrom.date}. Nothing was submitted. Send fewer items, choose a lower 'Resolution' or 'Duration', or raise 'Maximum Cost (USD)' in the options.`,
		},
	);
}

/** The most request ids that one message lists; all of them are in n8n's log. */
const MAX_LISTED = 10;

/** @throws NodeApiError or NodeOperationError for the first bad item, naming the jobs that nobody waits for now */
function throwFirstProblem(context: IExecuteFunctions, results: Array<Result<IBinaryData>>): void {
	const bad = results.find((result) => !result.ok && !result.halted);
	if (!bad || bad.ok) return;
	const left = results.flatMap((result) =>
		result !== bad && result.job && (result.ok || result.halted) ? [result.job.requestId] : [],
	);
	const listed = left.slice(0, MAX_LISTED).join(', ') + (left.length > MAX_LISTED ? ', …' : '');
	const others =
		left.length === 0
			? ''
			: ` ${left.length} other ${left.length === 1 ? 'job was' : 'jobs were'} submitted and not collected: ${listed}. Retry takes them up without paying again; Generation: Wait collects each by its request ID.`;
	const { problem, job, index } = bad;
	throw toNodeError(
		context.getNode(),
		{
			...problem,
			requestId: problem.requestId ?? job?.requestId,
			description: `${problem.description ?? ''}${others}`.trim(),
		},
		index,
	);
}

function outputItem(
	context: IExecuteFunctions,
	result: Result<IBinaryData>,
	{ index, order, estimate }: Prepared,
	table: RayTable,
	options: RunOptions,
): INodeExecutionData {
	const { job, outcome } = result;
	if (!result.ok) {
		return badItem(index, result.problem, {
			provider: context.getNodeParameter('provider', 0) as string,
			requestId: job?.requestId,
			status: result.status,
		});
	}
	const status = outcome?.status ?? 'queued';
	const json = context.getNodeParameter('simplify', index, true)
		? simplified({ table, job: result.job, status, outcome, order, estimate, withLogs: options.includeLogs })
		: unsimplified(result.job, (outcome?.raw ?? result.answer) as IDataObject | undefined);
	const binaryField = String(context.getNodeParameter('outputBinaryField', index, 'data'));
	return {
		json,
		...(result.stored ? { binary: { [binaryField]: result.stored } } : {}),
		pairedItem: { item: index },
	};
}
