import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { LABELS } from '../ray/input';
import { timesCheapest } from '../ray/price';
import type { AspectRatio, Duration, Resolution } from '../ray/table';
import { TABLES } from '../ray/tables';

/** Fields that several operations share, and what they depend on besides resource and operation. */

/** Every option that any provider allows, once, in the tables' order. */
function optionsOf<T extends AspectRatio | Resolution | Duration>(
	pick: 'aspectRatios' | 'resolutions' | 'durations' | 'loopDurations',
): T[] {
	return [...new Set(Object.values(TABLES).flatMap((table) => table[pick] as readonly T[]))];
}

/** The durations at which a clip can loop. */
const LOOP_DURATIONS = optionsOf<Duration>('loopDurations');

/** The shapes that people know by a name; the others speak for themselves. */
const SHAPES: { [ratio in AspectRatio]?: string } = {
	'21:9': 'Cinema',
	'16:9': 'Widescreen',
	'4:3': 'Classic screen',
	'1:1': 'Square',
	'9:16': 'Upright, for phones',
};

/** Prices in proportion to the cheapest clip, which both providers share; what a clip costs is in a hint. */
const times = (resolution: Resolution, duration: Duration) => timesCheapest(TABLES.fal, resolution, duration);

export const providerField: INodeProperties = {
	displayName: 'Provider',
	name: 'provider',
	type: 'options',
	noDataExpression: true,
	options: [
		{ name: 'fal.ai', value: 'fal', description: 'Luma Ray 3.2 in the queue of fal.ai' },
		{ name: 'Oxen.ai', value: 'oxen', description: 'Luma Ray 3.2 in the queue of Oxen.ai' },
	],
	default: 'fal',
	description: 'The service that runs the model and bills it',
};

/** The image that a video starts with. */
export const imageFields: INodeProperties[] = [
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
		displayOptions: { show: { '@tool': [false] } },
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
		displayOptions: { hide: { imageSource: ['binary'] } },
		description:
			'The image that the video starts with. It must be reachable from the internet without signing in.',
	},
	{
		displayName: 'Input Data Field Name',
		name: 'imageBinaryField',
		type: 'string',
		default: 'data',
		required: true,
		displayOptions: { show: { imageSource: ['binary'] } },
		hint: 'The name of the input binary field that holds the image',
	},
];

export const promptField: INodeProperties = {
	displayName: LABELS.prompt,
	name: 'prompt',
	type: 'string',
	typeOptions: { rows: 3 },
	default: '',
	required: true,
	placeholder: 'e.g. Slow push-in while her hair moves in the wind',
	description: 'What happens in the video: the motion of the subject and of the camera',
};

export const resolutionField: INodeProperties = {
	displayName: LABELS.resolution,
	name: 'resolution',
	type: 'options',
	options: optionsOf<Resolution>('resolutions').map((value) => ({
		name: value,
		value,
		description: value === '540p' ? 'The lowest price' : `${times(value, '5s')} times the price of 540p`,
	})),
	default: '540p',
	description: 'Resolution of the video; the number is its shorter side',
};

export const durationField: INodeProperties = {
	displayName: LABELS.duration,
	name: 'duration',
	type: 'options',
	options: optionsOf<Duration>('durations').map((value) => ({
		name: value.replace('s', ' Seconds'),
		value,
		description:
			(value === '5s' ? '' : `${times('540p', value)} times the price of 5 seconds. `) +
			(LOOP_DURATIONS.includes(value) ? 'Can loop' : `${value.replace('s', '-second')} clips cannot loop.`),
	})),
	default: '5s',
	description: 'Length of the video',
};

export const aspectRatioField: INodeProperties = {
	displayName: LABELS.aspectRatio,
	name: 'aspectRatio',
	type: 'options',
	options: optionsOf<AspectRatio>('aspectRatios').map((value) => ({
		name: value,
		value,
		...(SHAPES[value] === undefined ? {} : { description: SHAPES[value] }),
	})),
	default: '16:9',
	description: 'Width and height of the video',
};

export const loopField: INodeProperties = {
	displayName: LABELS.loop,
	name: 'loop',
	type: 'boolean',
	default: false,
	displayOptions: { show: { duration: LOOP_DURATIONS } },
	description:
		'Whether the end of the video leads seamlessly into its beginning. Only 5-second clips can loop.',
};

export const referenceImagesField: INodeProperties = {
	displayName: LABELS.referenceImageUrls,
	name: 'referenceImageUrls',
	type: 'string',
	typeOptions: { multipleValues: true, multipleValueButtonText: 'Add Reference Image' },
	default: [],
	placeholder: 'e.g. https://example.com/style.png',
	description: 'Images that guide the look of the video. An expression may yield a whole list.',
};

const WAIT: INodePropertyOptions = {
	name: 'Wait',
	value: 'wait',
	description: 'Keeps the execution running, usually for 1 to 15 minutes. Holds a worker of n8n.',
};
const SUSPEND: INodePropertyOptions = {
	name: 'Suspend',
	value: 'suspend',
	description: 'Parks the execution until then. Holds no worker, outlives a restart: for scheduled flows.',
};
const SUBMIT: INodePropertyOptions = {
	name: 'Submit Only',
	value: 'submit',
	description: 'Returns the request ID at once, for Generation: Get or Wait to collect the video',
};

/**
 * How to wait. An AI tool cannot suspend: its agent waits for the answer.
 * @param submits whether there is something to submit, so that "Submit Only" makes sense
 */
export const waitModeFields = (submits: boolean): INodeProperties[] => {
	const field = (isTool: boolean, options: INodePropertyOptions[]): INodeProperties => ({
		displayName: 'Wait Mode',
		name: 'waitMode',
		type: 'options',
		// n8n's list shows two lines of a description.
		options,
		default: 'wait',
		displayOptions: { show: { '@tool': [isTool] } },
		description: 'How to wait until the videos are ready',
	});
	const forNode = field(false, [WAIT, SUSPEND, ...(submits ? [SUBMIT] : [])]);
	return submits ? [forNode, field(true, [WAIT, SUBMIT])] : [forNode];
};

/** @param show on which other fields these depend */
export const downloadFields = (show: { [parameter: string]: string[] } = {}): INodeProperties[] => [
	{
		displayName: 'Download Video',
		name: 'downloadVideo',
		type: 'boolean',
		default: false,
		displayOptions: { show: { ...show, '@tool': [false] } },
		description:
			'Whether to put the video itself into the output as binary data. The address that the provider gives expires after a while.',
	},
	{
		displayName: 'Output Data Field Name',
		name: 'outputBinaryField',
		type: 'string',
		default: 'data',
		required: true,
		displayOptions: { show: { ...show, downloadVideo: [true] }, hide: { '@tool': [true] } },
		hint: 'The name of the output binary field to put the video in',
	},
];

export const simplifyField: INodeProperties = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	// An agent gets the simplified version, which is short.
	displayOptions: { show: { '@tool': [false] } },
	description: 'Whether to return a simplified version of the response instead of the raw data',
};

export const requestIdField: INodeProperties = {
	displayName: 'Request ID',
	name: 'requestId',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. 764cabcf-b745-4b3e-ae38-1200304cf45b',
	description:
		'The ID that the provider gave the job. It stands in every item and in every message of this node.',
};
