import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { OFFERED } from '../providers/offered';

/** The options of an operation as the user sees them. `options.ts` reads them. */

const forProvider = (provider: string) => ({ show: { '/provider': [provider] } });

const follow = {
	displayName: 'Status Updates',
	name: 'follow',
	type: 'options',
	options: [
		{
			name: 'Automatic',
			value: 'auto',
			description:
				'The provider reports changes as they happen. The node also checks the status from time to time.',
		},
		{ name: 'Poll', value: 'poll', description: 'The node checks the status at intervals' },
		{
			name: 'Direct',
			value: 'direct',
			description:
				'One HTTP request stays open until the video is ready. If the connection is lost, so is the video. Use for tests only.',
		},
	],
	default: 'auto',
	description: 'How the node finds out that a video is ready',
} as const satisfies INodeProperties;

/** By name, except `followJob`: the option `follow` of operations that submit nothing. */
export const OPTION_FIELDS = {
	additionalFields: {
		displayName: 'Additional Fields (JSON)',
		name: 'additionalFields',
		type: 'json',
		default: '{}',
		placeholder: 'e.g. { "seed": 42 }',
		description:
			'Fields to send to the model unchanged, such as parameters that this node does not have yet. They override the fields above.',
	},
	branch: {
		displayName: 'Branch',
		name: 'branch',
		type: 'string',
		default: 'main',
		placeholder: 'e.g. main',
		displayOptions: { show: { imageUpload: ['repository'], '/provider': ['oxen'] } },
		description: 'The branch of the repository to upload files to',
	},
	callback: {
		displayName: 'Callback',
		name: 'callback',
		type: 'options',
		options: [
			{
				name: 'Automatic',
				value: 'auto',
				description: 'Call this n8n if its URL is reachable from the internet',
			},
			{
				name: 'Never',
				value: 'never',
				description: 'Do not call this n8n. The node checks the status itself.',
			},
			{ name: 'Custom', value: 'custom', description: 'Call this n8n at the Callback Base URL' },
		],
		default: 'auto',
		displayOptions: { show: { '/provider': ['fal'], '/waitMode': ['suspend'] } },
		description: 'How fal.ai wakes a suspended execution when its video is ready',
	},
	callbackBaseUrl: {
		displayName: 'Callback Base URL',
		name: 'callbackBaseUrl',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://n8n.example.com',
		displayOptions: { show: { callback: ['custom'], '/provider': ['fal'], '/waitMode': ['suspend'] } },
		description: 'The base URL where fal.ai can reach this n8n',
	},
	cancelOnStop: {
		displayName: 'Cancel on Stop',
		name: 'cancelOnStop',
		type: 'boolean',
		default: true,
		description:
			'Whether to cancel unfinished generations at the provider when the execution is stopped. When disabled, they continue and are billed, and you can get their videos by request ID.',
	},
	cancelOnTimeout: {
		displayName: 'Cancel on Timeout',
		name: 'cancelOnTimeout',
		type: 'boolean',
		default: false,
		description:
			'Whether to cancel a generation at the provider if its video is not ready within the timeout',
	},
	checkLiveModel: {
		displayName: 'Check Live Model',
		name: 'checkLiveModel',
		type: 'boolean',
		default: true,
		description:
			"Whether to check each item against the provider's current description of the model before submitting it. The check is free.",
	},
	clipPriceUsd: {
		displayName: 'Clip Price (USD)',
		name: 'clipPriceUsd',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 2 },
		default: 0,
		description: "The price of one video on your account. Leave at 0 to use the provider's price.",
	},
	concurrency: {
		displayName: 'Concurrency',
		name: 'concurrency',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 100 },
		default: 10,
		description:
			'The maximum number of items to submit at the same time. It does not limit how many generations run.',
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
				description: 'Send the file together with the prompt, up to 9 MB',
			},
			{
				name: 'Repository',
				value: 'repository',
				description: 'Upload the file to your public Oxen.ai repository, up to 90 MB',
			},
		],
		default: 'inline',
		displayOptions: forProvider('oxen'),
		description: 'How to send a binary file to Oxen.ai',
	},
	includeLogs: {
		displayName: 'Include Logs',
		name: 'includeLogs',
		type: 'boolean',
		default: false,
		displayOptions: forProvider('fal'),
		description: 'Whether to return the log lines of the generation',
	},
	maxCostUsd: {
		displayName: 'Maximum Cost (USD)',
		name: 'maxCostUsd',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 2 },
		default: 10,
		description:
			'The maximum estimated cost of all items of this run. For an AI tool, it covers all calls of one execution. If the estimate is higher, nothing is submitted.',
		builderHint: { propertyHint: 'Always set this, because every video costs money' },
	},
	numGenerations: {
		displayName: 'Number of Generations',
		name: 'numGenerations',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 4 },
		default: 1,
		displayOptions: forProvider('oxen'),
		description:
			'Number of videos to generate for each item, from 1 to 4. Each one is billed and returned as a separate item.',
	},
	pollIntervalSeconds: {
		displayName: 'Poll Interval (Seconds)',
		name: 'pollIntervalSeconds',
		type: 'number',
		typeOptions: { minValue: 1, numberPrecision: 1 },
		default: 10,
		description:
			'How many seconds to wait between two status checks of a generation. Without this option, the interval depends on how long the generation has been running.',
	},
	priority: {
		displayName: 'Priority',
		name: 'priority',
		type: 'options',
		options: [
			{ name: 'Low', value: 'low', description: 'Start after the other generations of your account' },
			{ name: 'Normal', value: 'normal' },
		],
		default: 'normal',
		displayOptions: forProvider('fal'),
		description: 'How soon fal.ai starts the generation',
	},
	repository: {
		displayName: 'Repository',
		name: 'repository',
		type: 'resourceLocator',
		default: { mode: 'name', value: '' },
		// Oxen documents no list of repositories.
		modes: [
			{
				displayName: 'By Name',
				name: 'name',
				type: 'string',
				placeholder: 'e.g. my-namespace/my-images',
			},
			{
				displayName: 'By URL',
				name: 'url',
				type: 'string',
				placeholder: 'e.g. https://www.oxen.ai/my-namespace/my-images',
			},
		],
		displayOptions: { show: { imageUpload: ['repository'], '/provider': ['oxen'] } },
		description:
			'The repository to upload files to. It must be public, because the model reads the file without a key. Everyone can see its files. If the repository does not exist, this node creates a public one.',
	},
	startTimeoutSeconds: {
		displayName: 'Start Timeout (Seconds)',
		name: 'startTimeoutSeconds',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 600,
		displayOptions: forProvider('fal'),
		description:
			'How many seconds fal.ai may take to start the generation. After that, fal.ai ends it and bills nothing.',
	},
	targetNamespace: {
		displayName: 'Target Namespace',
		name: 'targetNamespace',
		type: 'string',
		default: '',
		placeholder: 'e.g. my-team',
		displayOptions: forProvider('oxen'),
		description: 'The Oxen.ai namespace that pays for the video and stores it. Leave empty to use your own.',
	},
	timeoutMinutes: {
		displayName: 'Timeout (Minutes)',
		name: 'timeoutMinutes',
		type: 'number',
		typeOptions: { minValue: 0.01, numberPrecision: 2 },
		default: 30,
		description:
			'How many minutes to wait for the videos. After that, the item fails with a message that includes the request ID. The generation continues unless Cancel on Timeout is on.',
	},
} as const satisfies { [name: string]: INodeProperties };

export type OptionName = keyof typeof OPTION_FIELDS;

/** The options of an operation that submits jobs: all of them. */
export const SUBMIT_OPTIONS = Object.keys(OPTION_FIELDS).filter(
	(name) => name !== 'followJob',
) as OptionName[];

/** The options for files of the workflow. */
export const FILE_OPTIONS: OptionName[] = ['branch', 'imageUpload', 'repository'];

/** The option that limits the cost comes first, so that users do not miss it. */
const FIRST: OptionName = 'maxCostUsd';

/**
 * The collection "Options" with the named options: the first one, then the others alphabetically, as n8n requires.
 * @param more options that are not among the named ones
 */
export function optionsField(names: OptionName[], more: INodeProperties[] = []): INodeProperties {
	const rank = ({ name }: INodeProperties) => (name === FIRST ? 0 : 1);
	const options = [...names.map((name): INodeProperties => OPTION_FIELDS[name]), ...more]
		.filter(isOffered)
		.sort((one, other) => rank(one) - rank(other) || one.displayName.localeCompare(other.displayName));
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: options as Array<INodeProperties | INodePropertyOptions | INodePropertyCollection>,
	};
}

/** Whether an option is for all providers, or for one of this package. */
export function isOffered({ displayOptions }: INodeProperties): boolean {
	const providers = displayOptions?.show?.['/provider'];
	return !Array.isArray(providers) || providers.some((id) => String(id) in OFFERED);
}
