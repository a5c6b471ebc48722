import { jsonParse, type IDataObject, type IExecuteFunctions } from 'n8n-workflow';

import type { Json, OrderOptions } from '../providers/provider';
import type { Catalogue } from '../models/catalogue';
import { originOf, trimBase } from '../transport/urls';
import { itemError } from './itemError';
import { locatedValue } from './locator';
import type { Message } from './messages';
import { generationsInFields, neededOption, refusedValue, type Expected } from './messages/parameters';
import { numberWithin, type Range } from './numbers';
import { OPTION_FIELDS, type OptionName } from './optionFields';

/** The options for the whole run. Times are in milliseconds unless the name has another unit. */
export interface RunOptions {
	follow: 'auto' | 'poll' | 'direct';
	timeoutMs: number;
	cancelOnTimeout: boolean;
	checkLiveModel: boolean;
	cancelOnStop: boolean;
	pollIntervalSeconds?: number;
	concurrency: number;
	maxCostUsd?: number;
	includeLogs: boolean;
	callback: 'auto' | 'never' | 'custom';
	callbackBaseUrl?: string;
}

/** Options that do not change the orders of a run. */
const RUN_OPTIONS: OptionName[] = [
	'callback',
	'callbackBaseUrl',
	'cancelOnStop',
	'cancelOnTimeout',
	'checkLiveModel',
	'concurrency',
	'follow',
	'includeLogs',
	'maxCostUsd',
	'pollIntervalSeconds',
	'timeoutMinutes',
];

/** The options of a node that change its orders, as the workflow contains them. */
export function withoutRunOptions(options: IDataObject): IDataObject {
	const isOrder = ([name]: [string, unknown]) => !RUN_OPTIONS.includes(name as OptionName);
	return Object.fromEntries(Object.entries(options).filter(isOrder)) as IDataObject;
}

/**
 * The options for the whole run, from the first item.
 * @throws NodeOperationError naming the option whose value is not valid
 */
export function readRunOptions(context: IExecuteFunctions): RunOptions {
	const options = readerOf(context, 0);
	return {
		follow: options.choice('follow') ?? OPTION_FIELDS.follow.default,
		timeoutMs: (options.number('timeoutMinutes') ?? OPTION_FIELDS.timeoutMinutes.default) * 60_000,
		cancelOnTimeout: options.boolean('cancelOnTimeout') ?? OPTION_FIELDS.cancelOnTimeout.default,
		checkLiveModel: options.boolean('checkLiveModel') ?? OPTION_FIELDS.checkLiveModel.default,
		cancelOnStop: options.boolean('cancelOnStop') ?? OPTION_FIELDS.cancelOnStop.default,
		pollIntervalSeconds: options.number('pollIntervalSeconds'),
		concurrency: Math.floor(options.number('concurrency') ?? OPTION_FIELDS.concurrency.default),
		maxCostUsd: options.number('maxCostUsd'),
		includeLogs: options.boolean('includeLogs') ?? OPTION_FIELDS.includeLogs.default,
		...callbackOf(options),
	};
}

/**
 * The options of one item.
 * @throws NodeOperationError naming the item and the option whose value is not valid
 */
export function readOrderOptions(
	context: IExecuteFunctions,
	itemIndex: number,
	{ generationsField }: Catalogue,
): OrderOptions & { clipPriceUsd?: number } {
	const options = readerOf(context, itemIndex);
	const additionalFields = options.object('additionalFields');
	// This field sets how many videos are paid for, so only the option for it may set it.
	if (generationsField !== undefined && Object.hasOwn(additionalFields ?? {}, generationsField)) {
		throw itemError(context, itemIndex, generationsInFields(generationsField));
	}
	return withoutAbsent({
		additionalFields,
		priority: options.choice('priority'),
		startTimeoutSeconds: options.number('startTimeoutSeconds'),
		clipPriceUsd: options.number('clipPriceUsd'),
		targetNamespace: options.text('targetNamespace'),
		generations: options.number('numGenerations', { whole: true }),
		imageRepository: imageRepositoryOf(options),
	});
}

/** The repository for images, if there is one. If it is set, files that are too large for inline also go there. */
function imageRepositoryOf(options: Reader): OrderOptions['imageRepository'] {
	const always = options.choice('imageUpload') === 'repository';
	const named = options.text('repository');
	if (named === undefined) {
		if (always) throw options.error(neededOption('repository', 'imageUpload', 'repository'));
		return undefined;
	}
	const repository = repositoryIn(named);
	if (!/^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(repository)) throw options.refused('repository', 'repository');
	return { repository, branch: options.text('branch') ?? OPTION_FIELDS.branch.default, always };
}

/** Namespace and name from the URL of a repository (its page or in the API); other text is returned unchanged. */
function repositoryIn(text: string): string {
	if (text.split('/').length < 3) return text;
	const address = text.includes('://') ? text : `https://${text}`;
	if (!URL.canParse(address)) return text;
	const [, namespace = '', name = ''] = new URL(address).pathname
		.replace(/^\/api\/repos(?=\/)/, '')
		.split('/');
	return `${namespace}/${name}`;
}

function callbackOf(options: Reader): Pick<RunOptions, 'callback' | 'callbackBaseUrl'> {
	const callback = options.choice('callback') ?? OPTION_FIELDS.callback.default;
	const url = options.text('callbackBaseUrl');
	if (url === undefined && callback === 'custom')
		throw options.error(neededOption('callbackBaseUrl', 'callback', 'custom'));
	if (url !== undefined && !originOf(url)) throw options.refused('callbackBaseUrl', 'httpUrl');
	return { callback, callbackBaseUrl: url && trimBase(url) };
}

/** Removes values that are not set, so that equal options compare as equal. */
function withoutAbsent<T extends object>(values: T): T {
	return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

type OptionOfType<Type extends string> = {
	[Name in OptionName]: (typeof OPTION_FIELDS)[Name]['type'] extends Type ? Name : never;
}[OptionName];
type NumberOption = OptionOfType<'number'>;
type ChoiceOption = Exclude<OptionOfType<'options'>, 'followJob'>;
type ChoiceOf<Name extends ChoiceOption> = (typeof OPTION_FIELDS)[Name]['options'][number]['value'];

type Reader = ReturnType<typeof readerOf>;

/** Reads one item's options. A method returns undefined if an option is not set, and throws if its value is not valid. */
function readerOf(context: IExecuteFunctions, itemIndex: number) {
	const options = context.getNodeParameter('options', itemIndex, {}) as IDataObject;

	const error = (message: Message) => itemError(context, itemIndex, message);
	const refused = (name: OptionName, expected: Expected) =>
		error(refusedValue(OPTION_FIELDS[name], expected));

	return {
		error,
		refused,
		/** Within the limits of the field in the form. */
		number(name: NumberOption, { whole = false } = {}): number | undefined {
			if (!Object.hasOwn(options, name)) return undefined;
			// An expression that returns nothing must not turn off a limit.
			const { minValue, maxValue }: { minValue: number; maxValue?: number } = OPTION_FIELDS[name].typeOptions;
			const range: Range = { least: minValue, most: maxValue, whole };
			const number = numberWithin(options[name], range);
			if (number === undefined) throw refused(name, range);
			return number;
		},
		boolean(name: OptionName): boolean | undefined {
			const value = options[name];
			if (value === undefined || typeof value === 'boolean') return value;
			if (value === 'true' || value === 'false') return value === 'true';
			throw refused(name, 'boolean');
		},
		choice<Name extends ChoiceOption>(name: Name): ChoiceOf<Name> | undefined {
			const value = options[name];
			const choices = OPTION_FIELDS[name].options.map((choice) => choice.value as ChoiceOf<Name>);
			const choice = choices.find((one) => one === value);
			if (choice === undefined && value !== undefined) throw refused(name, choices);
			return choice;
		},
		/** Empty text counts as not set. */
		text(name: OptionName): string | undefined {
			const value = locatedValue(options[name]);
			if (value === undefined || value === null) return undefined;
			if (typeof value !== 'string' && typeof value !== 'number') throw refused(name, 'text');
			return String(value).trim() || undefined;
		},
		/** JSON as text or as an object; an empty one counts as not set. */
		object(name: OptionName): Json | undefined {
			const value = options[name];
			if (value === undefined || value === '') return undefined;
			const object: unknown = typeof value === 'string' ? jsonParse(value, { fallbackValue: null }) : value;
			if (typeof object !== 'object' || object === null || Array.isArray(object)) {
				throw refused(name, 'jsonObject');
			}
			return Object.keys(object).length === 0 ? undefined : (object as Json);
		},
	};
}
