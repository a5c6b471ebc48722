import {
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeProperties,
	type INodePropertyCollection,
	type INodePropertyOptions,
} from 'n8n-workflow';

import type { Json, OrderOptions } from '../providers/provider';

/** The options of an operation: how they look, and how they are read and checked. */

type OptionField = INodeProperties;

const forProvider = (provider: string) => ({ show: { '/provider': [provider] } });

const OPTION_FIELDS: { [name: string]: OptionField } = {
	additionalFields: {
		displayName: 'Additional Fields (JSON)',
		name: 'additionalFields',
		type: 'json',
		default: '{}',
		placeholder: 'e.g. { "seed": 42 }',
		description:
			'Sent to the model as they are, over the fields above: for parameters that the provider adds later',
	},
	cancelOnStop: {
		displayName: 'Cancel on Stop',
		name: 'cancelOnStop',
		type: 'boolean',
		default: true,
		description:
			'Whether to cancel unfinished jobs at the provider when the execution is stopped. Off: they go on, are billed, and can be taken up by their request ID.',
	},
	cancelOnTimeout: {
		displayName: 'Cancel on Timeout',
		name: 'cancelOnTimeout',
		type: 'boolean',
		default: false,
		description: 'Whether to cancel a job at the provider that is not ready within Timeout',
	},
	clipPriceUsd: {
		displayName: 'Clip Price (USD)',
		name: 'clipPriceUsd',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 4 },
		default: 0,
		description:
			'What one clip costs on your account, in place of the list price. 0 stands for the list price.',
	},
	concurrency: {
		displayName: 'Concurrency',
		name: 'concurrency',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 100 },
		default: 10,
		description: 'How many items are submitted at once. All jobs then run together.',
	},
	follow: {
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
			'What all items of this run together may cost by estimate. If it would be more, nothing is submitted.',
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
	timeoutMinutes: {
		displayName: 'Timeout (Minutes)',
		name: 'timeoutMinutes',
		type: 'number',
		typeOptions: { minValue: 0.01, numberPrecision: 2 },
		default: 30,
		description:
			'How long to wait for the videos. After that the item ends with a message that names the request ID; the job itself goes on unless Cancel on Timeout is on.',
	},
};

type OptionName = keyof typeof OPTION_FIELDS;

/** The collection "Options" with the named options, in alphabetical order as n8n wants it. */
export function optionsField(names: OptionName[], show: { [parameter: string]: string[] }): INodeProperties {
	const options = names
		.map((name) => OPTION_FIELDS[name])
		.sort((one, other) => one.displayName.localeCompare(other.displayName));
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: { show },
		options: options as Array<INodeProperties | INodePropertyOptions | INodePropertyCollection>,
	};
}

/** What the options say for the whole run. Times in milliseconds unless the name says otherwise. */
export interface RunOptions {
	follow: 'auto' | 'poll' | 'direct';
	timeoutMs: number;
	cancelOnTimeout: boolean;
	cancelOnStop: boolean;
	pollIntervalSeconds?: number;
	concurrency: number;
	maxCostUsd?: number;
	includeLogs: boolean;
}

/**
 * The options that hold for the whole run, as the first item gives them.
 * @throws NodeOperationError naming the option whose value is of no use
 */
export function readRunOptions(context: IExecuteFunctions): RunOptions {
	const options = context.getNodeParameter('options', 0, {}) as IDataObject;
	const number = (name: OptionName, least: number) => readNumber(context, 0, options, name, least);
	return {
		follow: readChoice(context, 0, options, 'follow', ['auto', 'poll', 'direct']) ?? 'auto',
		timeoutMs: (number('timeoutMinutes', 0.01) ?? 30) * 60_000,
		cancelOnTimeout: readBoolean(context, 0, options, 'cancelOnTimeout') ?? false,
		cancelOnStop: readBoolean(context, 0, options, 'cancelOnStop') ?? true,
		pollIntervalSeconds: number('pollIntervalSeconds', 1),
		concurrency: Math.floor(number('concurrency', 1) ?? 10),
		maxCostUsd: number('maxCostUsd', 0),
		includeLogs: readBoolean(context, 0, options, 'includeLogs') ?? false,
	};
}

/**
 * The options of one item.
 * @throws NodeOperationError naming the option whose value is of no use, and the item
 */
export function readOrderOptions(
	context: IExecuteFunctions,
	itemIndex: number,
): OrderOptions & { clipPriceUsd?: number } {
	const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;
	const additionalFields = readObject(context, itemIndex, options, 'additionalFields');
	const priority = readChoice(context, itemIndex, options, 'priority', ['normal', 'low']);
	const startTimeoutSeconds = readNumber(context, itemIndex, options, 'startTimeoutSeconds', 1);
	const clipPriceUsd = readNumber(context, itemIndex, options, 'clipPriceUsd', 0);
	return {
		...(additionalFields === undefined ? {} : { additionalFields }),
		...(priority === undefined ? {} : { priority }),
		...(startTimeoutSeconds === undefined ? {} : { startTimeoutSeconds }),
		...(clipPriceUsd === undefined ? {} : { clipPriceUsd }),
	};
}

function refuse(
	context: IExecuteFunctions,
	itemIndex: number,
	name: OptionName,
	isNot: string,
): NodeOperationError {
	const { displayName } = OPTION_FIELDS[name];
	return new NodeOperationError(context.getNode(), `'${displayName}' is not ${isNot} [item ${itemIndex}]`, {
		itemIndex,
		description: 'Change it under Options. If an expression fills it, check what the expression yields.',
	});
}

function readNumber(
	context: IExecuteFunctions,
	itemIndex: number,
	options: IDataObject,
	name: OptionName,
	least: number,
): number | undefined {
	const value = options[name];
	if (value === undefined) return undefined;
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	if (typeof number !== 'number' || !Number.isFinite(number) || number < least) {
		throw refuse(context, itemIndex, name, `a number from ${least}`);
	}
	return number;
}

function readBoolean(
	context: IExecuteFunctions,
	itemIndex: number,
	options: IDataObject,
	name: OptionName,
): boolean | undefined {
	const value = options[name];
	if (value === undefined || typeof value === 'boolean') return value;
	if (value === 'true' || value === 'false') return value === 'true';
	throw refuse(context, itemIndex, name, 'true or false');
}

function readChoice<T extends string>(
	context: IExecuteFunctions,
	itemIndex: number,
	options: IDataObject,
	name: OptionName,
	choices: readonly T[],
): T | undefined {
	const value = options[name];
	if (value === undefined) return undefined;
	const choice = choices.find((one) => one === value);
	if (choice === undefined) throw refuse(context, itemIndex, name, `one of ${choices.join(', ')}`);
	return choice;
}

function readObject(
	context: IExecuteFunctions,
	itemIndex: number,
	options: IDataObject,
	name: OptionName,
): Json | undefined {
	const value = options[name];
	if (value === undefined || value === '') return undefined;
	let object: unknown = value;
	if (typeof value === 'string') {
		try {
			object = JSON.parse(value);
		} catch {
			throw refuse(context, itemIndex, name, 'valid JSON');
		}
	}
	if (typeof object !== 'object' || object === null || Array.isArray(object)) {
		throw refuse(context, itemIndex, name, 'a JSON object');
	}
	return Object.keys(object).length === 0 ? undefined : (object as Json);
}
