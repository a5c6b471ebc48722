import type { IBinaryData, IBinaryKeyData, IDataObject } from 'n8n-workflow';

import { binaryFile, makeInput } from '../../chaos/inputs';
import {
	offeredParameter,
	offeredParameters,
	type CatalogueEntry,
} from '../../nodes/LumaRay/models/catalogue';
import type { FileSource } from '../../nodes/LumaRay/models/files';
import type { Keyframe } from '../../nodes/LumaRay/models/keyframes';
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
import { KEYFRAME_IMAGE, KEYFRAME_LIST } from '../../nodes/LumaRay/resources/keyframeFields';
import { Random } from './virtualTime';

/** Orders of every model at every provider, as a user fills in the form. They are made from the catalogues. */

export interface FormOrder {
	/** Parameters of the node, including the operation and the provider. */
	parameters: IDataObject & { options: IDataObject };
	/** The input item that the order needs. */
	binary: IBinaryKeyData;
}

export interface FormChoices {
	/** Files come from the item's binary data. */
	binary?: boolean;
	/** The edition of the model in the sandbox (default: launch). */
	edition?: 'launch' | '2026-10';
	/** Sets some optional parameters, too. The same seed always sets the same ones. */
	seed?: number;
}

const PROMPT = 'The tiger walks through the snow';
const MIME_TYPES = { image: 'image/png', video: 'video/mp4' };

/** A valid order of a model. It contains only what the form requires, unless there is a seed. */
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
			file: (name, place) => {
				const address = `https://files.example.com/${name}${place > 0 ? `-${place}` : ''}`;
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

/** The value in the form if a parameter is left out. */
const EMPTY = { text: '', files: [], keyframes: {}, flag: false, controls: {} };

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
		if (isFileSource(value)) {
			Object.assign(parameters, { [source]: 'binary', [name]: '', [binaryField]: name });
			binary[name] = binaryData(value);
		} else {
			const from = value !== undefined || isRequired ? 'url' : 'none';
			Object.assign(parameters, { [source]: from, [name]: value ?? '' });
		}
	} else if (kind === 'files') {
		const { fromFields } = PARAMETERS[name as ParameterOfKind<'files'>];
		const entries = (value ?? []) as Array<string | FileSource>;
		parameters[name] = entries.filter((entry) => typeof entry === 'string');
		const files = entries.filter(isFileSource);
		files.forEach((file, place) => (binary[`${name}${place}`] = binaryData(file)));
		if (files.length > 0) {
			parameters.options[fromFields.name] = files.map((_, place) => `${name}${place}`).join(', ');
		}
	} else if (kind === 'keyframes' && value !== undefined) {
		const { source, binaryField } = fileFieldNames(KEYFRAME_IMAGE);
		const entries = (value as Keyframe[]).map(({ imageUrl, seconds }, place) => {
			if (!isFileSource(imageUrl)) return { [source]: 'url', imageUrl, seconds };
			binary[`${name}${place}`] = binaryData(imageUrl);
			return { [source]: 'binary', [binaryField]: `${name}${place}`, seconds };
		});
		parameters[name] = { [KEYFRAME_LIST]: entries };
	} else if (isOption(name)) {
		if (value !== undefined) parameters.options[name] = value as IDataObject;
	} else {
		parameters[name] = (value ?? EMPTY[kind as keyof typeof EMPTY]) as IDataObject;
	}
}

function isFileSource(value: unknown): value is FileSource {
	return typeof value === 'object' && value !== null && 'identity' in value;
}

function binaryData({ fileName, mimeType }: FileSource): IBinaryData {
	return { data: Buffer.from(`a ${mimeType}`).toString('base64'), mimeType, fileName };
}

/** The models that take a file at a provider, optionally of a given kind. */
export function modelsWithFile(provider: ProviderId, kind?: 'image' | 'video'): ModelName[] {
	return MODEL_NAMES.filter((model) =>
		offeredParameters(CATALOGUES[provider].models[model]).some((name) => {
			const row = PARAMETERS[name];
			return row.kind === 'file' && (kind === undefined || row.file === kind);
		}),
	);
}

/**
 * Assigns an operation to each case, in turn within each group, so that the table does not grow. A group with at
 * least as many cases as there are operations covers all of them. Each group starts with a different operation.
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
