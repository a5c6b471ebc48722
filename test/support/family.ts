import type { IBinaryKeyData, IDataObject } from 'n8n-workflow';

import { binaryFile, makeInput } from '../../chaos/inputs';
import {
	offeredParameter,
	offeredParameters,
	type CatalogueEntry,
} from '../../nodes/LumaRay/models/catalogue';
import type { FileSource } from '../../nodes/LumaRay/models/files';
import { MODEL_NAMES, type ModelName, type ProviderId } from '../../nodes/LumaRay/models/names';
import {
	isFileParameter,
	isOption,
	PARAMETERS,
	type ParameterName,
	type ParameterOfKind,
} from '../../nodes/LumaRay/models/parameters';
import { CATALOGUES } from '../../nodes/LumaRay/providers/catalogues';
import { fileFieldNames } from '../../nodes/LumaRay/resources/fileFields';
import { Random } from './virtualTime';

/** Orders of every model at every provider as a user fills in the form, made from the catalogues. */

export interface FormOrder {
	/** Parameters of the node, the operation and the provider among them. */
	parameters: IDataObject & { options: IDataObject };
	/** What the item must hold. */
	binary: IBinaryKeyData;
}

export interface FormChoices {
	/** Files come from the item's binary data. */
	binary?: boolean;
	/** How the sandbox offers the model (default: as at launch). */
	edition?: 'launch' | '2026-10';
	/** Also sets some of the parameters that may be left out: the same ones for the same seed. */
	seed?: number;
}

const PROMPT = 'The tiger walks through the snow';
const MIME_TYPES = { image: 'image/png', video: 'video/mp4' };

/** A valid order of a model: what its form must hold and nothing else, unless a seed is given. */
export function formOrder(
	provider: ProviderId,
	model: ModelName,
	{ binary = false, edition = 'launch', seed }: FormChoices = {},
): FormOrder {
	const whole = CATALOGUES[provider].models[model];
	const editions = whole.editions.filter(({ id }) => id === edition);
	const [first, ...others] = editions.length > 0 ? editions : whole.editions;
	const random = new Random(seed ?? 0);
	const input = makeInput(
		{ ...whole, editions: [first, ...others] },
		{
			prompt: PROMPT,
			file: (name) => {
				const address = `https://files.example.com/${name}`;
				return binary && isFileParameter(name) ? binaryFile(address, mimeTypeOf(name)) : address;
			},
			pick: (choices) => random.pick(choices),
			isSet: () => seed !== undefined && random.chance(0.5),
		},
	);
	const order: FormOrder = {
		parameters: { resource: 'video', operation: model, provider, options: {} },
		binary: {},
	};
	for (const name of offeredParameters(whole)) fillIn(order, name, input[name], whole);
	return order;
}

function mimeTypeOf(name: ParameterName): string {
	const row = PARAMETERS[name];
	return MIME_TYPES[row.kind === 'file' ? row.file : 'image'];
}

/** What the form contains if a parameter is left out. */
const EMPTY = { text: '', files: [], flag: false, controls: {} };

function fillIn(
	{ parameters, binary }: FormOrder,
	name: ParameterName,
	value: unknown,
	entry: CatalogueEntry,
): void {
	const { kind } = PARAMETERS[name];
	if (kind === 'file') {
		const { label } = PARAMETERS[name as ParameterOfKind<'file'>];
		const { source, binaryField } = fileFieldNames({ name, label });
		const isRequired = offeredParameter(entry, name)?.required === true;
		if (typeof value === 'object') {
			Object.assign(parameters, { [source]: 'binary', [name]: '', [binaryField]: name });
			const { fileName, mimeType } = value as FileSource;
			binary[name] = { data: Buffer.from(`a ${mimeType}`).toString('base64'), mimeType, fileName };
		} else {
			const from = value !== undefined || isRequired ? 'url' : 'none';
			Object.assign(parameters, { [source]: from, [name]: value ?? '' });
		}
	} else if (isOption(name)) {
		if (value !== undefined) parameters.options[name] = value as IDataObject;
	} else {
		parameters[name] = (value ?? EMPTY[kind as keyof typeof EMPTY]) as IDataObject;
	}
}

/** The models that take a file, or one of this kind, at a provider. */
export function modelsWithFile(provider: ProviderId, kind?: 'image' | 'video'): ModelName[] {
	return MODEL_NAMES.filter((model) =>
		offeredParameters(CATALOGUES[provider].models[model]).some((name) => {
			const row = PARAMETERS[name];
			return row.kind === 'file' && (kind === undefined || row.file === kind);
		}),
	);
}

/**
 * Gives each case an operation, in turn within each group: a table stays as long as it is, and a group with as many
 * cases as there are operations covers all of them. Groups begin with different ones.
 */
export function inTurn<Case extends object>(
	cases: readonly Case[],
	groupOf: (one: Case) => string,
	operations: readonly ModelName[] = MODEL_NAMES,
): Array<Case & { operation: ModelName }> {
	const next = new Map<string, number>();
	return cases.map((one) => {
		const group = groupOf(one);
		const turn = next.get(group) ?? next.size;
		next.set(group, turn + 1);
		return { ...one, operation: operations[turn % operations.length] };
	});
}
