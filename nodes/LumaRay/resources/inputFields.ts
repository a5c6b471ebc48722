import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import {
	newestEdition,
	offeredOptions,
	offeredParameter,
	offeredParameters,
	type Catalogue,
	type CatalogueEntry,
	type Condition,
} from '../models/catalogue';
import { CONTROL_ROWS } from '../models/controls';
import type { ModelName } from '../models/names';
import {
	choicesOf,
	isOption,
	PARAMETERS,
	type ParameterName,
	type ParameterOfKind,
} from '../models/parameters';
import { timesCheapest } from '../models/prices';
import { CATALOGUES } from '../providers/catalogues';
import { binaryFileFields } from './fileFields';
import { keyframeFields } from './keyframeFields';

type Show = { [parameter: string]: Array<string | boolean> };

/** Builds the form fields of a model's parameters from their rows and the providers' catalogues. */

const PROVIDERS: Catalogue[] = Object.values(CATALOGUES);

/** The text of parameters that an operation uses instead of the text in their rows. */
export type ParameterTexts = {
	readonly [Name in ParameterName]?: {
		placeholder?: string;
		description?: string;
		sourceDescription?: string;
	};
};

/**
 * The fields of a model's parameters, in their order. If a provider does not have a parameter, its field is hidden.
 * @param only these parameters; without it, all that are not among the options
 * @param texts the operation's own texts
 */
export function inputFields(
	model: ModelName,
	only?: readonly ParameterName[],
	texts: ParameterTexts = {},
): INodeProperties[] {
	const names = (Object.keys(PARAMETERS) as ParameterName[]).filter(
		(name) => only?.includes(name) ?? !isOption(name),
	);
	return names.flatMap((name) =>
		groupsOf(model, name).flatMap((providers) =>
			fieldsOf(
				name,
				model,
				providers,
				{ ...providerShow(providers), ...whereAllowed(name, model, providers) },
				texts,
			),
		),
	);
}

/** The fields of a model's parameters that are options. */
export function inputOptions(model: ModelName): INodeProperties[] {
	const names = (Object.keys(PARAMETERS) as ParameterName[]).filter(isOption);
	return [...inputFields(model, names), ...fieldsOfFiles(model)].map((field) => {
		// Inside a collection, a leading slash means a field of the form.
		const show = Object.entries(field.displayOptions?.show ?? {}).map(([name, values]) => [
			isOption(name) || name.startsWith('@') ? name : `/${name}`,
			values,
		]);
		return { ...field, displayOptions: { show: Object.fromEntries(show) as Show } };
	});
}

/** The options that name binary fields with more files for a list. */
function fieldsOfFiles(model: ModelName): INodeProperties[] {
	return (Object.keys(PARAMETERS) as ParameterName[]).flatMap((parameter): INodeProperties[] => {
		const row = PARAMETERS[parameter];
		const providers = PROVIDERS.filter(({ models }) => offeredParameters(models[model]).includes(parameter));
		if (row.kind !== 'files' || providers.length === 0) return [];
		const { name, label: displayName, placeholder, description } = row.fromFields;
		// Agents provide text, not files.
		const displayOptions = { show: { ...providerShow(providers), '@tool': [false] } };
		return [{ displayName, name, type: 'string', default: '', placeholder, displayOptions, description }];
	});
}

/** The providers that have a parameter, grouped by what the form shows: its choices, its notes and its conditions. */
function groupsOf(model: ModelName, name: ParameterName): Catalogue[][] {
	const groups = new Map<string, Catalogue[]>();
	for (const provider of PROVIDERS) {
		if (!offeredParameters(provider.models[model]).includes(name)) continue;
		const choices = offeredOptions(provider.models[model], name).map((value) =>
			optionOf(name, value, model, [provider]),
		);
		const gone = sayGone(name, model, [provider]);
		const shown = JSON.stringify([choices, gone, whereAllowed(name, model, [provider])]);
		groups.set(shown, [...(groups.get(shown) ?? []), provider]);
	}
	return [...groups.values()];
}

function providerShow(providers: Catalogue[]): Show {
	return providers.length === PROVIDERS.length ? {} : { provider: providers.map(({ id }) => id) };
}

function fieldsOf(
	name: ParameterName,
	model: ModelName,
	providers: Catalogue[],
	show: Show,
	texts: ParameterTexts,
): INodeProperties[] {
	const row = { ...PARAMETERS[name], ...texts[name] };
	const { label: displayName, description } = row;
	const displayOptions = { show };
	switch (row.kind) {
		case 'text': {
			const typeOptions = { rows: 3 };
			const { placeholder } = row;
			const field = { displayName, name, typeOptions, placeholder, displayOptions, description };
			return [{ ...field, type: 'string', default: '', required: true }];
		}
		case 'file':
			return fileFields(name as ParameterOfKind<'file'>, model, providers, show, texts);
		case 'files': {
			const typeOptions = { multipleValues: true, multipleValueButtonText: row.button };
			const { placeholder } = row;
			const field = { displayName, name, typeOptions, placeholder, displayOptions };
			const note = sayGone(name, model, providers);
			return [{ ...field, type: 'string', default: [], description: description + note }];
		}
		case 'option': {
			const [{ models }] = providers;
			const options = offeredOptions(models[model], name).map((value) =>
				optionOf(name, value, model, providers),
			);
			const preset = offeredParameter(models[model], name)?.default ?? row.default;
			const field = { displayName, name, options, default: preset, displayOptions, description };
			return [{ ...field, type: 'options' }];
		}
		case 'flag':
			return [{ displayName, name, type: 'boolean', default: false, displayOptions, description }];
		case 'keyframes': {
			const isSource = providers.some(({ models }) => isOfSource(models[model], name));
			return keyframeFields(name as ParameterOfKind<'keyframes'>, show, isSource);
		}
		case 'controls': {
			const field = { displayName, name, displayOptions, description, options: controlFields() };
			return [{ ...field, type: 'collection', placeholder: 'Add control', default: {} }];
		}
	}
}

/** A file is provided as a URL or as binary data of the item. */
function fileFields(
	name: ParameterOfKind<'file'>,
	model: ModelName,
	providers: Catalogue[],
	show: Show,
	texts: ParameterTexts,
): INodeProperties[] {
	const required = providers.every(({ models }) =>
		models[model].editions.some(({ parameters }) => parameters[name]?.required),
	);
	const isConditional = providers.some(({ models }) => offeredParameter(models[model], name)?.when);
	const need = required ? (isConditional ? 'sometimes' : 'always') : 'never';
	return binaryFileFields({ ...PARAMETERS[name], ...texts[name], name }, need, show);
}

/** A sentence for each of these providers that had a parameter and has removed it. */
function sayGone(name: ParameterName, model: ModelName, providers: Catalogue[]): string {
	const sentences = providers.flatMap(({ name: provider, models }) => {
		const { parameters, date } = newestEdition(models[model]);
		return parameters[name] ? [] : ` Not available at ${provider} since ${date}.`;
	});
	return sentences.join('');
}

function isOfSource(entry: CatalogueEntry, name: ParameterName): boolean {
	return offeredParameter(entry, name)?.timeline?.of === 'source';
}

function controlFields(): INodeProperties[] {
	return CONTROL_ROWS.flatMap(({ name, label, amount }): INodeProperties[] => [
		{
			displayName: label,
			name,
			type: 'boolean',
			default: true,
			description: `Whether to keep the ${label.toLowerCase()} of the source video`,
		},
		...(amount ? [amountField(name, amount)] : []),
	]);
}

function amountField(
	control: string,
	{ name, label, options }: NonNullable<(typeof CONTROL_ROWS)[number]['amount']>,
): INodeProperties {
	const displayOptions = { show: { [control]: [true] } };
	if (options) {
		const [preset] = options;
		const choices = options.map((value) => ({ name: value[0].toUpperCase() + value.slice(1), value }));
		return {
			displayName: label,
			name,
			type: 'options',
			options: choices,
			default: preset,
			displayOptions,
		};
	}
	const typeOptions = { minValue: 0, maxValue: 1, numberPrecision: 2 };
	const description = 'A number from 0 to 1';
	return { displayName: label, name, type: 'number', typeOptions, default: 0.5, displayOptions, description };
}

/** The values of other parameters that this parameter needs by the rules of these providers. */
function whereAllowed(name: ParameterName, model: ModelName, providers: Catalogue[]): Show {
	const show: Show = {};
	for (const { models } of providers) {
		const when = offeredParameter(models[model], name)?.when;
		if (when) Object.assign(show, { [when.parameter]: [...when.is] });
		const offered = (parameter: ParameterName) => offeredOptions(models[model], parameter);
		for (const rule of models[model].editions.flatMap(({ rules }) => rules)) {
			if (rule.if.parameter !== name || !isWhole(rule.if)) continue;
			const [{ parameter, is }, ...others] = 'not' in rule ? [rule.not] : rule.needs;
			if (!is || others.length > 0) continue;
			const values = 'not' in rule ? offered(parameter).filter((value) => !is.includes(value)) : is;
			if (values.length === 0) continue;
			// The parameter that it depends on may itself be hidden.
			Object.assign(show, whereAllowed(parameter, model, providers), { [parameter]: values });
		}
	}
	return show;
}

/** Whether a rule applies as soon as a parameter is set or on. */
function isWhole({ is }: Condition): boolean {
	return is === undefined || is.every((value) => value === true);
}

/** The aspect ratios that have a common name. */
const SHAPES: { [ratio: string]: string } = {
	'21:9': 'Cinema',
	'16:9': 'Widescreen',
	'4:3': 'Classic screen',
	'1:1': 'Square',
	'9:16': 'Vertical, for phones',
};

function optionOf(
	name: ParameterName,
	value: string,
	model: ModelName,
	providers: Catalogue[],
): INodePropertyOptions {
	if (name === 'aspectRatio') {
		return { name: value, value, ...(SHAPES[value] ? { description: SHAPES[value] } : {}) };
	}
	const choice = choicesOf(name)[value];
	if (choice) return { ...choice, value };
	const times = timesPreset(name, value, model, providers);
	if (name === 'resolution') {
		const price = value === '540p' ? 'The lowest price' : `${times} times the price of 540p`;
		return { name: value, value, ...(times ? { description: price } : {}) };
	}
	if (name !== 'duration') return { name: sayOption(value), value };
	if (value === 'source') return { name: 'Same as Source', value };
	const price = value === '5s' || !times ? '' : `${times} times the price of 5 seconds`;
	const notes = [price, sayLoop(value, model, providers), ...sayNeeds(name, value, model, providers)];
	const description = sentences(notes.filter(Boolean));
	return { name: value.replace('s', ' Seconds'), value, ...(description ? { description } : {}) };
}

/**
 * The price of an option as a multiple of the default's, in all editions that price it: `2`, or `4 to 8`. A hint shows
 * the price.
 */
function timesPreset(
	name: ParameterName,
	value: string,
	model: ModelName,
	providers: Catalogue[],
): string | undefined {
	const preset = { resolution: PARAMETERS.resolution.default, duration: PARAMETERS.duration.default };
	const times = providers
		.flatMap(({ models }) => models[model].editions)
		.flatMap((edition) => {
			const [one, base] = [{ ...preset, [name]: value }, preset].map((clip) => timesCheapest(edition, clip));
			return one && base ? [one / base] : [];
		});
	const range = [...new Set([Math.min(...times), Math.max(...times)])];
	return times.length > 0 ? range.join(' to ') : undefined;
}

function sayLoop(duration: string, model: ModelName, providers: Catalogue[]): string {
	if (!offeredParameters(providers[0].models[model]).includes('loop')) return '';
	const loops = whereAllowed('loop', model, providers).duration?.includes(duration);
	return loops ? 'Can loop' : 'Cannot loop';
}

/** What an option needs at these providers, by their newest editions. */
function sayNeeds(name: ParameterName, value: string, model: ModelName, providers: Catalogue[]): string[] {
	const notes = providers.flatMap(({ models }) =>
		newestEdition(models[model]).rules.flatMap((rule) => {
			if (!('needs' in rule) || rule.if.parameter !== name || !rule.if.is?.includes(value)) return [];
			const needs = rule.needs.map(({ parameter, is = [] }) => {
				const choices = is.map((one) => choicesOf(parameter)[String(one)]?.name ?? String(one));
				return `${PARAMETERS[parameter].label} set to ${choices.join(' or ')}`;
			});
			return `Only with ${needs.join(' or ')}`;
		}),
	);
	return [...new Set(notes)];
}

/** n8n's style: a period after each of several sentences, and none after a single one. */
function sentences(all: string[]): string {
	return all.length > 1 ? `${all.join('. ')}.` : all.join('');
}

/** `adhere_1`: Adhere 1. */
function sayOption(value: string): string {
	const words = value.replace('_', ' ');
	return words[0].toUpperCase() + words.slice(1);
}
