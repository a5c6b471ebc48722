import type { IDataObject, IExecuteFunctions, NodeOperationError } from 'n8n-workflow';

import type { Json, OrderOptions } from '../providers/provider';
import { originOf, trimBase } from '../transport/urls';
import { itemError } from './itemError';
import { OPTION_FIELDS, type OptionName } from './optionFields';

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
	callback: 'auto' | 'never' | 'custom';
	callbackBaseUrl?: string;
}

/**
 * The options that hold for the whole run, as the first item gives them.
 * @throws NodeOperationError naming the option whose value is of no use
 */
export function readRunOptions(context: IExecuteFunctions): RunOptions {
	const options = readerOf(context, 0);
	return {
		follow: options.choice('follow', ['auto', 'poll', 'direct']) ?? 'auto',
		timeoutMs: (options.number('timeoutMinutes', 0.01) ?? 30) * 60_000,
		cancelOnTimeout: options.boolean('cancelOnTimeout') ?? false,
		cancelOnStop: options.boolean('cancelOnStop') ?? true,
		pollIntervalSeconds: options.number('pollIntervalSeconds', 1),
		concurrency: Math.floor(options.number('concurrency', 1) ?? 10),
		maxCostUsd: options.number('maxCostUsd', 0),
		includeLogs: options.boolean('includeLogs') ?? false,
		callback: options.choice('callback', ['auto', 'never', 'custom']) ?? 'auto',
		callbackBaseUrl: httpUrlOf(options, 'callbackBaseUrl'),
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
	const options = readerOf(context, itemIndex);
	return withoutAbsent({
		additionalFields: options.object('additionalFields'),
		priority: options.choice('priority', ['normal', 'low']),
		startTimeoutSeconds: options.number('startTimeoutSeconds', 1),
		clipPriceUsd: options.number('clipPriceUsd', 0),
		targetNamespace: options.text('targetNamespace'),
		generations: options.count('numGenerations', 4),
		imageRepository: imageRepositoryOf(options),
	});
}

/** Where images are put, if anywhere: a repository that is named serves those that are too large for inline. */
function imageRepositoryOf(options: Reader): OrderOptions['imageRepository'] {
	const always = options.choice('imageUpload', ['inline', 'repository']) === 'repository';
	const repository = options.text('repository');
	if (repository === undefined) {
		if (always) throw options.refusal('repository', "filled, and 'Image Upload' is Repository");
		return undefined;
	}
	if (!/^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(repository))
		throw options.refusal('repository', 'of the form namespace/name');
	return { repository, branch: options.text('branch') ?? 'main', always };
}

function httpUrlOf(options: Reader, name: OptionName): string | undefined {
	const url = options.text(name);
	if (url !== undefined && !originOf(url)) throw options.refusal(name, 'an http(s) URL');
	return url && trimBase(url);
}

/** What is not set is not there, so that equal wishes look equal. */
function withoutAbsent<T extends object>(wishes: T): T {
	return Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined)) as T;
}

type Reader = ReturnType<typeof readerOf>;

/** Reads one item's options; each method gives undefined where the option is not set and throws where it is no use. */
function readerOf(context: IExecuteFunctions, itemIndex: number) {
	const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;

	function refusal(name: OptionName, isNot: string): NodeOperationError {
		const { displayName } = OPTION_FIELDS[name];
		return itemError(
			context,
			itemIndex,
			`'${displayName}' is not ${isNot}`,
			'Change it under Options. If an expression fills it, check what the expression yields.',
		);
	}

	function number(name: OptionName, least: number): number | undefined {
		const value = options[name];
		if (value === undefined) return undefined;
		const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
		if (typeof parsed !== 'number' || !Number.isFinite(parsed) || parsed < least) {
			throw refusal(name, `a number from ${least}`);
		}
		return parsed;
	}

	return {
		refusal,
		number,
		/** A whole number from 1. */
		count(name: OptionName, most: number): number | undefined {
			const value = number(name, 1);
			if (value !== undefined && (!Number.isInteger(value) || value > most)) {
				throw refusal(name, `a whole number from 1 to ${most}`);
			}
			return value;
		},
		boolean(name: OptionName): boolean | undefined {
			const value = options[name];
			if (value === undefined || typeof value === 'boolean') return value;
			if (value === 'true' || value === 'false') return value === 'true';
			throw refusal(name, 'true or false');
		},
		choice<T extends string>(name: OptionName, choices: readonly T[]): T | undefined {
			const value = options[name];
			if (value === undefined) return undefined;
			const choice = choices.find((one) => one === value);
			if (choice === undefined) throw refusal(name, `one of ${choices.join(', ')}`);
			return choice;
		},
		/** Blank counts as not set. */
		text(name: OptionName): string | undefined {
			const value = options[name];
			if (value === undefined || value === null) return undefined;
			if (typeof value !== 'string' && typeof value !== 'number') throw refusal(name, 'text');
			return String(value).trim() || undefined;
		},
		/** JSON as text or as an object; an empty one counts as not set. */
		object(name: OptionName): Json | undefined {
			const value = options[name];
			if (value === undefined || value === '') return undefined;
			let object: unknown = value;
			if (typeof value === 'string') {
				try {
					object = JSON.parse(value);
				} catch {
					throw refusal(name, 'valid JSON');
				}
			}
			if (typeof object !== 'object' || object === null || Array.isArray(object)) {
				throw refusal(name, 'a JSON object');
			}
			return Object.keys(object).length === 0 ? undefined : (object as Json);
		},
	};
}
