import type { INodeProperties } from 'n8n-workflow';

import { downloadFields, providerField, simplifyField } from '../fields';
import { isOffered, OPTION_FIELDS } from '../optionFields';

/** The maximum number of items per poll, so that one execution does not contain hundreds of videos. */
export const limitField = {
	displayName: 'Limit',
	name: 'limit',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 50,
	description: 'Max number of results to return',
	hint: 'Applies to each poll. The next poll returns the rest.',
} as const satisfies INodeProperties;

export const eventField = {
	displayName: 'Trigger On',
	name: 'event',
	type: 'options',
	options: [
		{ name: 'Generation Succeeded', value: 'succeeded', description: 'A video is ready' },
		{ name: 'Generation Failed', value: 'failed', description: 'A generation failed or was cancelled' },
		{
			name: 'Generation Ended',
			value: 'ended',
			description: 'A generation succeeded, failed or was cancelled',
		},
	],
	default: 'succeeded',
	description: 'Which generations start the workflow, including those that n8n did not submit',
} as const satisfies INodeProperties;

const namespaceField = {
	...OPTION_FIELDS.targetNamespace,
	description: 'The Oxen.ai namespace to watch for generations. Leave empty to use your own.',
} as const satisfies INodeProperties;

/** Removes the conditions for tools from a field, because a trigger is not a tool. */
function forTrigger({ displayOptions, ...field }: INodeProperties): INodeProperties {
	const others = Object.entries(displayOptions?.show ?? {}).filter(([name]) => name !== '@tool');
	return others.length === 0 ? field : { ...field, displayOptions: { show: Object.fromEntries(others) } };
}

export const triggerFields: INodeProperties[] = [
	providerField,
	eventField,
	...downloadFields().map(forTrigger),
	forTrigger(simplifyField),
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: ([limitField, namespaceField] as INodeProperties[]).filter(isOffered),
	},
];
