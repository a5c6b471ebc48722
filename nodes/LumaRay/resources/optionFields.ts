import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

/** The options of an operation as the person sees them. `options.ts` reads them. */

const forProvider = (provider: string) => ({ show: { '/provider': [provider] } });

const follow = {
	displayName: 'Follow',
	name: 'follow',
	type: 'options',
	options: [
		{
			name: 'Automatic',
			value: 'auto',
			description: 'By the event stream of the provider, with polling behind it',
		},
		{ name: 'Poll', value: 'poll', description: 'By asking again and again' },
		{
			name: 'Direct',
			value: 'direct',
			description:
				'By the blocking call of the provider. A lost connection loses the job: for trying out only.',
		},
	],
	default: 'auto',
	description: 'How to notice that a video is ready',
} as const satisfies INodeProperties;

/** By name, but for `followJob`: the option `follow` where there is nothing left to submit. */
export const OPTION_FIELDS = {
	additionalFields: {
		displayName: 'Additional Fields (JSON)',
		name: 'additionalFields',
		type: 'json',
		default: '{}',
		placeholder: 'e.g. { "seed": 42 }',
		description:
			'Sent to the model as they are, over the fields above: for parameters that the provider adds later',
	},
	branch: {
		displayName: 'Branch',
		name: 'branch',
		type: 'string',
		default: 'main',
		displayOptions: forProvider('oxen'),
		description: 'The branch of the repository that files are put into',
	},
	callback: {
		displayName: 'Callback',
		name: 'callback',
		type: 'options',
		options: [
			{
				name: 'Automatic',
				value: 'auto',
				description: 'Where the address of this n8n can be reached from the internet',
			},
			{ name: 'Never', value: 'never', description: 'This n8n looks by itself' },
			{ name: 'Custom', value: 'custom', description: 'Under an address of your own' },
		],
		default: 'auto',
		displayOptions: { show: { '/provider': ['fal'], '/waitMode': ['suspend'] } },
		description: 'Whether fal.ai wakes a suspended execution as soon as its video is ready',
	},
	callbackBaseUrl: {
		displayName: 'Callback Base URL',
		name: 'callbackBaseUrl',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://n8n.example.com',
		displayOptions: { show: { callback: ['custom'], '/provider': ['fal'], '/waitMode': ['suspend'] } },
		description: 'The address under which fal.ai reaches this n8n',
	},
	cancelOnStop: {
		displayName: 'Cancel on Stop',
		name: 'cancelOnStop',
		type: 'boolean',
		default: true,
		description:
			'Whether to cancel unfinished jobs at the provider when the execution is stopped. Off: they go on, are billed, and you can collect them by their request ID.',
	},
	cancelOnTimeout: {
		displayName: 'Cancel on Timeout',
		name: 'cancelOnTimeout',
		type: 'boolean',
		default: false,
		description: 'Whether to cancel a job at the provider that is not ready within Timeout',
	},
	checkLiveModel: {
		displayName: 'Check Live Model',
		name: 'checkLiveModel',
		type: 'boolean',
		default: true,
		description:
			'Whether to compare each item with how the provider describes the model now, before anything is paid. Free.',
	},
	clipPriceUsd: {
		displayName: 'Clip Price (USD)',
		name: 'clipPriceUsd',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 4 },
		default: 0,
		description:
			'What one clip costs on your account. 0 stands for the price of the provider: its live one, or the list price if that cannot be read.',
	},
	concurrency: {
		displayName: 'Concurrency',
		name: 'concurrency',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 100 },
		default: 10,
		description: 'How many items are submitted at once. All jobs then run together.',
	},
	follow,
	followJob: { ...follow, options: follow.options.filter(({ value }) => value !== 'direct') },
	imageUpload: {
		displayName: 'Image Upload',
		name: 'imageUpload',
		type: 'options',
		options: [
			{
				name: 'Inline',
				value: 'inline',
				description: 'Inside the request, up to 9 MB; larger files go into Repository if one is set',
			},
			{
				name: 'Repository',
				value: 'repository',
				description: 'Into a public Oxen repository of yours, up to 90 MB',
			},
		],
		default: 'inline',
		displayOptions: forProvider('oxen'),
		description: 'How a file from binary data reaches Oxen.ai',
	},
	includeLogs: {
		displayName: 'Include Logs',
		name: 'includeLogs',
		type: 'boolean',
		default: false,
		displayOptions: forProvider('fal'),
		description: 'Whether to return the log lines of the job',
	},
	maxCostUsd: {
		displayName: 'Maximum Cost (USD)',
		name: 'maxCostUsd',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 4 },
		default: 10,
		description:
			'What all items of this run together may cost by estimate; for an AI tool, all calls of one execution. If it would be more, nothing is submitted.',
	},
	numGenerations: {
		displayName: 'Number of Generations',
		name: 'numGenerations',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 4 },
		default: 1,
		displayOptions: forProvider('oxen'),
		description: 'How many videos to make of each item, 1 to 4. Each is billed and is an item of its own.',
	},
	pollIntervalSeconds: {
		displayName: 'Poll Interval (Seconds)',
		name: 'pollIntervalSeconds',
		type: 'number',
		typeOptions: { minValue: 1, numberPrecision: 1 },
		default: 10,
		description:
			'Seconds between two looks at a job. Without this option the node chooses them by the age of the job.',
	},
	priority: {
		displayName: 'Priority',
		name: 'priority',
		type: 'options',
		options: [
			{ name: 'Low', value: 'low', description: 'After the other jobs of the account' },
			{ name: 'Normal', value: 'normal' },
		],
		default: 'normal',
		displayOptions: forProvider('fal'),
		description: 'How soon the queue of fal.ai takes the job',
	},
	repository: {
		displayName: 'Repository',
		name: 'repository',
		type: 'string',
		default: '',
		placeholder: 'e.g. my-namespace/my-images',
		displayOptions: forProvider('oxen'),
		description:
			'Where files are put, as namespace/name. It has to be public, as the model reads the file without a key: everybody can see what is in it. One that does not exist is created, public.',
	},
	startTimeoutSeconds: {
		displayName: 'Start Timeout (Seconds)',
		name: 'startTimeoutSeconds',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 600,
		displayOptions: forProvider('fal'),
		description:
			'Seconds within which fal.ai must have started the job; else it gives the job up and bills nothing',
	},
	targetNamespace: {
		displayName: 'Target Namespace',
		name: 'targetNamespace',
		type: 'string',
		default: '',
		placeholder: 'e.g. my-team',
		displayOptions: forProvider('oxen'),
		description: 'The namespace of Oxen.ai that pays and keeps the video; empty stands for your own',
	},
	timeoutMinutes: {
		displayName: 'Timeout (Minutes)',
		name: 'timeoutMinutes',
		type: 'number',
		typeOptions: { minValue: 0.01, numberPrecision: 2 },
		default: 30,
		description:
			'How long to wait for the videos. After that the item ends with a message that names the request ID; the job itself goes on unless Cancel on Timeout is on.',
	},
} as const satisfies { [name: string]: INodeProperties };

export type OptionName = keyof typeof OPTION_FIELDS;

/** The options of an operation that submits jobs: all of them. */
export const SUBMIT_OPTIONS = Object.keys(OPTION_FIELDS).filter(
	(name) => name !== 'followJob',
) as OptionName[];

/** Those that are about a file of the workflow. */
export const FILE_OPTIONS: OptionName[] = ['branch', 'imageUpload', 'repository'];

/**
 * The collection "Options" with the named options, in alphabetical order as n8n wants it.
 * @param more options that are not among the named ones
 */
export function optionsField(names: OptionName[], more: INodeProperties[] = []): INodeProperties {
	const options = [...names.map((name): INodeProperties => OPTION_FIELDS[name]), ...more].sort((one, other) =>
		one.displayName.localeCompare(other.displayName),
	);
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: options as Array<INodeProperties | INodePropertyOptions | INodePropertyCollection>,
	};
}
