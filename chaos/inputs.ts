import {
	isTaken,
	offeredParameter,
	offeredParameters,
	type Catalogue,
} from '../nodes/LumaRay/models/catalogue';
import { checkInput, type RawInput } from '../nodes/LumaRay/models/check';
import { CONTROL_ROWS } from '../nodes/LumaRay/models/controls';
import type { FileSource } from '../nodes/LumaRay/models/files';
import type { ModelName } from '../nodes/LumaRay/models/names';
import { PARAMETERS, type Input, type ParameterName } from '../nodes/LumaRay/models/parameters';

/**
 * Makes inputs for every model at every provider from the catalogues, so that new parameters and models are covered
 * automatically.
 */

export interface InputChoices {
	prompt: string;
	/** An address or a file for a parameter that takes files. `place`: its position in a list, from 0. */
	file(parameter: ParameterName, place: number): string | FileSource;
	pick<T>(choices: readonly T[]): T;
	/** Whether to set an optional parameter. */
	isSet(parameter: ParameterName): boolean;
}

/**
 * Makes an input that the model accepts at this provider.
 * @param entry the model in the provider's catalogue
 * @throws if the model refuses an input with only its required parameters, so that no model is skipped silently
 */
export function makeInput(entry: Catalogue['models'][ModelName], choices: InputChoices): Input {
	const names = offeredParameters(entry);
	const presets = Object.fromEntries(names.map((name) => [name, presetOf(entry, name)]));
	let raw = withRequired(entry, presets, choices);
	let made = checkInput(raw, entry);
	if (!made.ok) throw new Error(`${entry.endpoint} refuses ${JSON.stringify(made.refusal)}`);
	for (const name of names) {
		if (raw[name] !== undefined && PARAMETERS[name].kind !== 'option') continue;
		if (!choices.isSet(name)) continue;
		let attempt = withRequired(entry, { ...raw, [name]: valueOf(entry, name, choices) }, choices);
		let checked = checkInput(attempt, entry);
		if (!checked.ok && checked.refusal.why === 'needs') {
			const [{ parameter, is }] = checked.refusal.oneOf;
			const needed = is ? is[0] : valueOf(entry, parameter, choices);
			attempt = withRequired(entry, { ...attempt, [parameter]: needed }, choices);
			checked = checkInput(attempt, entry);
		}
		// A value that cannot be combined with the others is left out.
		if (checked.ok) [raw, made] = [attempt, checked];
	}
	return made.value;
}

/** Adds the required parameters that are missing. Which ones are required depends on the values of the others. */
function withRequired(
	entry: Catalogue['models'][ModelName],
	given: RawInput,
	choices: InputChoices,
): RawInput {
	const raw = { ...given };
	for (const name of offeredParameters(entry)) {
		const offered = offeredParameter(entry, name);
		if (raw[name] !== undefined || !offered?.required || !isTaken(offered, raw)) continue;
		raw[name] = valueOf(entry, name, choices);
	}
	return raw;
}

/** Fits into the shortest clip. */
const KEYFRAME_SECONDS = [0, 2.5];

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
			return file(name, 0);
		case 'files':
			return [file(name, 0)];
		case 'keyframes':
			return KEYFRAME_SECONDS.map((seconds, place) => ({ imageUrl: file(name, place), seconds }));
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

/** A file in the workflow's binary data, with one byte. */
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
