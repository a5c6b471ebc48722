import { offeredParameter, offeredParameters, type Catalogue } from '../nodes/LumaRay/models/catalogue';
import { checkInput, type RawInput } from '../nodes/LumaRay/models/check';
import { CONTROL_ROWS } from '../nodes/LumaRay/models/controls';
import type { FileSource } from '../nodes/LumaRay/models/files';
import type { ModelName } from '../nodes/LumaRay/models/names';
import { PARAMETERS, type Input, type ParameterName } from '../nodes/LumaRay/models/parameters';

/** Inputs of every model at every provider, made from the catalogues: a new parameter or model is covered at once. */

export interface InputChoices {
	prompt: string;
	/** The address or the file for a parameter that takes one. */
	file(parameter: ParameterName): string | FileSource;
	pick<T>(choices: readonly T[]): T;
	/** Whether to set a parameter that may be left out. */
	isSet(parameter: ParameterName): boolean;
}

/**
 * An input that the model takes at this provider.
 * @param entry what the provider offers of the model
 * @throws if an input of the required parameters alone is refused, so that no model goes uncovered in silence
 */
export function makeInput(entry: Catalogue['models'][ModelName], choices: InputChoices): Input {
	const names = offeredParameters(entry);
	const isNeeded = (name: ParameterName) =>
		PARAMETERS[name].kind === 'option' || offeredParameter(entry, name)?.required === true;
	let raw: RawInput = Object.fromEntries(
		names.filter(isNeeded).map((name) => [name, presetOf(entry, name) ?? valueOf(entry, name, choices)]),
	);
	let made = checkInput(raw, entry);
	if (!made.ok) throw new Error(`${entry.endpoint} refuses ${JSON.stringify(made.refusal)}`);
	for (const name of names) {
		if (raw[name] !== undefined && PARAMETERS[name].kind !== 'option') continue;
		if (!choices.isSet(name)) continue;
		const attempt = { ...raw, [name]: valueOf(entry, name, choices) };
		let checked = checkInput(attempt, entry);
		if (!checked.ok && checked.refusal.why === 'needs') {
			const [{ parameter, is }] = checked.refusal.oneOf;
			attempt[parameter] = is ? is[0] : valueOf(entry, parameter, choices);
			checked = checkInput(attempt, entry);
		}
		// What does not go together with what is set already is left out.
		if (checked.ok) [raw, made] = [attempt, checked];
	}
	return made.value;
}

function presetOf(entry: Catalogue['models'][ModelName], name: ParameterName): string | undefined {
	const row = PARAMETERS[name];
	return row.kind === 'option' ? (offeredParameter(entry, name)?.default ?? row.default) : undefined;
}

function valueOf(
	entry: Catalogue['models'][ModelName],
	name: ParameterName,
	{ prompt, file, pick }: InputChoices,
): unknown {
	switch (PARAMETERS[name].kind) {
		case 'text':
			return prompt;
		case 'file':
			return file(name);
		case 'files':
			return [file(name)];
		case 'option':
			return pick(offeredParameter(entry, name)?.options ?? []);
		case 'flag':
			return true;
		case 'controls': {
			const { name: control, amount } = pick(CONTROL_ROWS);
			return {
				[control]: true,
				...(amount ? { [amount.name]: amount.options ? pick(amount.options) : 0.5 } : {}),
			};
		}
		default:
			return undefined;
	}
}

/** A file of the workflow's binary data, of one byte. */
export function binaryFile(identity: string, mimeType: string): FileSource {
	const bytes = Buffer.alloc(1);
	return {
		field: 'data',
		fileName: mimeType.replace('/', '.'),
		mimeType,
		bytes: bytes.length,
		identity,
		open: async () => bytes,
		read: async () => bytes,
	};
}
