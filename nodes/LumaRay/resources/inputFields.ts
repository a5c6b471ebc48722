import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { offeredOptions, offeredParameters, type Catalogue } from '../models/catalogue';
import type { ModelName } from '../models/names';
import { PARAMETERS, type ParameterName, type ParameterOfKind } from '../models/parameters';
import { timesCheapest } from '../models/prices';
import { CATALOGUES } from '../providers/catalogues';
import { editionOf } from '../providers/input';

type Show = { [parameter: string]: string[] };

/** The form of a model's parameters, made from their rows and the catalogues of the providers. */

const PROVIDERS: Catalogue[] = Object.values(CATALOGUES);

/**
 * The fields of a model's parameters, in their order. A provider that does not have a parameter does not show its field.
 * @param only these parameters
 */
export function inputFields(model: ModelName, only?: readonly ParameterName[]): INodeProperties[] {
	const names = Object.keys(PARAMETERS) as ParameterName[];
	return names
		.filter((name) => only?.includes(name) ?? true)
		.flatMap((name) =>
			groupsOf(model, name).flatMap((providers) => fieldsOf(name, model, providers, providerShow(providers))),
		);
}

/** The providers that have a parameter of a model, grouped by the values that they take. */
function groupsOf(model: ModelName, name: ParameterName): Catalogue[][] {
	const groups = new Map<string, Catalogue[]>();
	for (const provider of PROVIDERS) {
		if (!offeredParameters(provider.models[model]).includes(name)) continue;
		const values = offeredOptions(provider.models[model], name).join();
		groups.set(values, [...(groups.get(values) ?? []), provider]);
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
): INodeProperties[] {
	const row = PARAMETERS[name];
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
			return fileFields(name as ParameterOfKind<'file'>, model, providers, show);
		case 'files': {
			const typeOptions = { multipleValues: true, multipleValueButtonText: row.button };
			const { placeholder } = row;
			const field = { displayName, name, typeOptions, placeholder, displayOptions, description };
			return [{ ...field, type: 'string', default: [] }];
		}
		case 'option': {
			const [{ models }] = providers;
			const options = offeredOptions(models[model], name).map((value) =>
				optionOf(name, value, model, providers),
			);
			const field = { displayName, name, options, default: row.default, displayOptions, description };
			return [{ ...field, type: 'options' }];
		}
		case 'flag': {
			const possible = { show: { ...show, ...whereFlagCanBeOn(name, model, providers) } };
			return [{ displayName, name, type: 'boolean', default: false, displayOptions: possible, description }];
		}
	}
}

/** A file comes by its address, or from the item's binary data. */
function fileFields(
	name: ParameterOfKind<'file'>,
	model: ModelName,
	providers: Catalogue[],
	show: Show,
): INodeProperties[] {
	const { label, file, placeholder, description, sourceDescription } = PARAMETERS[name];
	const { source, binaryField } = fileFieldNames(name);
	const required = providers.every(({ models }) =>
		models[model].editions.some(({ parameters }) => parameters[name]?.required),
	);
	return [
		{
			displayName: label.replace(/URL$/, 'Source'),
			name: source,
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
			displayOptions: { show: { ...show, '@tool': [false] } },
			description: sourceDescription,
		},
		{
			displayName: label,
			name,
			type: 'string',
			default: '',
			required,
			placeholder,
			// `hide`, so that it is there if the source is not.
			displayOptions: { show, hide: { [source]: ['binary'] } },
			description,
		},
		{
			displayName: 'Input Data Field Name',
			name: binaryField,
			type: 'string',
			default: 'data',
			required: true,
			displayOptions: { show: { ...show, [source]: ['binary'] } },
			hint: `The name of the input binary field that holds the ${file}`,
		},
	];
}

/** The fields beside the address of a file: which way it comes, and the binary field that holds it. */
export function fileFieldNames(name: ParameterOfKind<'file'>): { source: string; binaryField: string } {
	const stem = name.replace(/Url$/, '');
	return { source: `${stem}Source`, binaryField: `${stem}BinaryField` };
}

/** The values of another option under which a flag may be on, if the rules of every provider name some. */
function whereFlagCanBeOn(flag: ParameterName, model: ModelName, providers: Catalogue[]): Show {
	const show: Show = {};
	for (const { models } of providers) {
		for (const rule of models[model].editions.flatMap(({ rules }) => rules)) {
			if (rule.if.parameter !== flag || !('not' in rule) || !rule.not.is) continue;
			const { parameter, is } = rule.not;
			show[parameter] = offeredOptions(models[model], parameter).filter((value) => !is.includes(value));
		}
	}
	return show;
}

/** The shapes that users know by a name. */
const SHAPES: { [ratio: string]: string } = {
	'21:9': 'Cinema',
	'16:9': 'Widescreen',
	'4:3': 'Classic screen',
	'1:1': 'Square',
	'9:16': 'Upright, for phones',
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
	// Prices in proportion to the cheapest clip; what a clip costs is in a hint.
	const { resolution, duration } = PARAMETERS;
	const clip = { resolution: resolution.default, duration: duration.default, [name]: value };
	const times = timesCheapest(editionOf(providers[0], model), clip);
	if (name === 'resolution') {
		const price = value === '540p' ? 'The lowest price' : `${times} times the price of 540p`;
		return { name: value, value, ...(times ? { description: price } : {}) };
	}
	const loops = whereFlagCanBeOn('loop', model, providers).duration?.includes(value) ?? false;
	const price = value === '5s' || !times ? '' : `${times} times the price of 5 seconds. `;
	const loop = loops ? 'Can loop' : `${value.replace('s', '-second')} clips cannot loop.`;
	return { name: value.replace('s', ' Seconds'), value, description: price + loop };
}
