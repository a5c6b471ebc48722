import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { OFFERED } from '../providers/offered';

/** Fields that several operations share, with their conditions other than resource and operation. */

const PROVIDERS = Object.values(OFFERED);

/** A package with one provider has this field, too, so that a workflow means the same in every package. */
export const providerField: INodeProperties = {
	displayName: 'Provider',
	name: 'provider',
	type: PROVIDERS.length > 1 ? 'options' : 'hidden',
	noDataExpression: true,
	options: PROVIDERS.map(({ catalogue: { id, name } }) => ({
		name,
		value: id,
		description: `Use Luma Ray 3.2 through ${name}`,
	})),
	default: PROVIDERS[0].catalogue.id,
	description: 'The service that runs the model and bills you',
};

const WAIT: INodePropertyOptions = {
	name: 'Wait',
	value: 'wait',
	description: 'The execution keeps running, usually for 1 to 15 minutes, and uses an n8n worker',
};
const SUSPEND: INodePropertyOptions = {
	name: 'Suspend',
	value: 'suspend',
	description: 'The execution pauses, uses no worker and survives a restart. Best for scheduled workflows.',
};
const SUBMIT: INodePropertyOptions = {
	name: 'Submit Only',
	value: 'submit',
	description: 'Return the request ID immediately. Get the video later with Generation: Get or Wait.',
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
		description: isTool
			? 'How to wait for the videos. A tool cannot suspend, because its agent waits for the answer.'
			: 'How to wait for the videos',
		builderHint: {
			propertyHint: isTool
				? "'wait' for the video, or 'submit' and collect it later; a tool cannot suspend"
				: "Use 'suspend' in workflows that a schedule or another trigger starts",
		},
	});
	const forNode = field(false, [WAIT, SUSPEND, ...(submits ? [SUBMIT] : [])]);
	return submits ? [forNode, field(true, [WAIT, SUBMIT])] : [forNode];
};

/** @param show the values of other fields that make these fields visible */
export const downloadFields = (show: { [parameter: string]: string[] } = {}): INodeProperties[] => [
	{
		displayName: 'Download Video',
		name: 'downloadVideo',
		type: 'boolean',
		default: true,
		displayOptions: { show: { ...show, '@tool': [false] } },
		description:
			'Whether to download the video as binary data. When disabled, only the video URL is returned, which expires after a while.',
	},
	{
		displayName: 'Output Data Field Name',
		name: 'outputBinaryField',
		type: 'string',
		default: 'data',
		required: true,
		placeholder: 'e.g. data',
		displayOptions: { show: { ...show, downloadVideo: [true] }, hide: { '@tool': [true] } },
		hint: 'The name of the output field to put the binary file data in',
	},
];

export const simplifyField: INodeProperties = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	// An agent always gets the simplified version, because it is short.
	displayOptions: { show: { '@tool': [false] } },
	description: 'Whether to return a simplified version of the response instead of the raw data',
};

export const requestIdField: INodeProperties = {
	displayName: 'Request ID',
	name: 'requestId',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	required: true,
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			placeholder: 'Select a generation…',
			typeOptions: { searchListMethod: 'searchGenerations', searchable: true },
		},
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. 764cabcf-b745-4b3e-ae38-1200304cf45b',
		},
		{
			displayName: 'By URL',
			name: 'url',
			type: 'string',
			placeholder: `e.g. ${PROVIDERS[0].exampleUrl}`,
			hint: 'The dashboard page, status URL or response URL of the generation',
		},
	],
	displayOptions: { show: { '@tool': [false] } },
	description:
		'The generation to work with. Every item and every message of this node contains its request ID.',
};

/** The request ID, also for an AI tool: an agent provides text and cannot choose from a list. */
export const requestIdFields: INodeProperties[] = [
	requestIdField,
	{
		...requestIdField,
		default: { mode: 'id', value: '' },
		modes: requestIdField.modes?.filter(({ name }) => name !== 'list'),
		displayOptions: { show: { '@tool': [true] } },
	},
];
