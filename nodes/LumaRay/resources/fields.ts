import type { INodeProperties } from 'n8n-workflow';

import { LABELS } from '../ray/input';
import { TABLES } from '../ray/tables';

/** Fields that several operations share. Each takes the `show` under which it appears. */

type Show = { [parameter: string]: Array<string | boolean | number> };

/** Every option that any provider allows, once, in the tables' order. */
function optionsOf(pick: 'aspectRatios' | 'resolutions' | 'durations'): string[] {
	return [...new Set(Object.values(TABLES).flatMap((table) => table[pick] as readonly string[]))];
}

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

export const resolutionField = (show: Show): INodeProperties => ({
	displayName: LABELS.resolution,
	name: 'resolution',
	type: 'options',
	options: optionsOf('resolutions').map((value) => ({ name: value, value })),
	default: '540p',
	displayOptions: { show },
	description:
		'Resolution of the video; the number is its shorter side. 720p costs 2 times as much as 540p, 1080p 4 times.',
});

export const durationField = (show: Show): INodeProperties => ({
	displayName: LABELS.duration,
	name: 'duration',
	type: 'options',
	options: optionsOf('durations').map((value) => ({ name: value.replace('s', ' Seconds'), value })),
	default: '5s',
	displayOptions: { show },
	description: 'Length of the video. 10 seconds cost twice as much as 5 and cannot loop.',
});

export const aspectRatioField = (show: Show): INodeProperties => ({
	displayName: LABELS.aspectRatio,
	name: 'aspectRatio',
	type: 'options',
	options: optionsOf('aspectRatios').map((value) => ({ name: value, value })),
	default: '16:9',
	displayOptions: { show },
	description: 'Width and height of the video',
});

/** @param submits whether there is something to submit, so that "Submit Only" makes sense */
export const waitModeField = (show: Show, submits: boolean): INodeProperties => ({
	displayName: 'Wait Mode',
	name: 'waitMode',
	type: 'options',
	options: [
		...(submits
			? [
					{
						name: 'Submit Only',
						value: 'submit',
						description: 'Returns the request ID at once, to collect the video later',
					},
				]
			: []),
		{
			name: 'Suspend',
			value: 'suspend',
			description:
				'The execution is parked in the database and goes on when the videos are ready. It holds no worker and outlives a restart: for scheduled and large flows.',
		},
		{
			name: 'Wait',
			value: 'wait',
			description: 'The execution goes on when the videos are ready, usually after 1 to 15 minutes',
		},
	],
	default: 'wait',
	displayOptions: { show: { ...show, '@tool': [false] } },
	description: 'How to wait for the video',
});

export const downloadFields = (show: Show): INodeProperties[] => [
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

export const simplifyField = (show: Show): INodeProperties => ({
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	displayOptions: { show },
	description: 'Whether to return a simplified version of the response instead of the raw data',
});

export const requestIdField = (show: Show): INodeProperties => ({
	displayName: 'Request ID',
	name: 'requestId',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. 764cabcf-b745-4b3e-ae38-1200304cf45b',
	displayOptions: { show },
	description:
		'The ID that the provider gave the job. It stands in every item and in every message of this node.',
});
