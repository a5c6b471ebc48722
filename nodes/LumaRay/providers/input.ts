import { LABELS, type InputNames, type RayInput, type RayParameter } from '../ray/input';
import { asString } from './answers';
import type { Json, ToldInput } from './provider';

/** The model's input on its way to a wire and back: whatever a wire calls it. */

/**
 * The model's input by the names of a wire. What is undefined (a loop that is no matter) and lists that are empty are
 * left out.
 * @param imageUrl the image as the provider is given it; left out if it is unknown
 */
export function namedInput(names: InputNames, input: RayInput, imageUrl: string | undefined): Json {
	const values: Record<RayParameter, unknown> = { ...input, loop: input.loop, imageUrl };
	const isLeftOut = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0);
	return Object.fromEntries(
		(Object.keys(names) as RayParameter[])
			.filter((parameter) => !isLeftOut(values[parameter]))
			.map((parameter) => [names[parameter], values[parameter]]),
	);
}

/**
 * What a list tells of a job's input by the names of a wire: `namedInput` read backwards.
 * @param told the job's input as it lies in the list; values of another type than the parameter's count as not told
 */
export function toldInput(names: InputNames, told: Json | undefined): ToldInput {
	const text = (parameter: RayParameter) => asString(told?.[names[parameter]]);
	const loop = told?.[names.loop];
	const references = told?.[names.referenceImageUrls];
	const input: { [parameter in RayParameter]: ToldInput[parameter] } = {
		prompt: text('prompt'),
		imageUrl: text('imageUrl'),
		aspectRatio: text('aspectRatio'),
		resolution: text('resolution'),
		duration: text('duration'),
		loop: typeof loop === 'boolean' ? loop : undefined,
		referenceImageUrls: Array.isArray(references) ? references.map(String) : undefined,
	};
	return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

/** The parameters by their names on a wire. */
export function parametersByWireName(names: InputNames): { [name: string]: RayParameter } {
	return Object.fromEntries(
		(Object.keys(names) as RayParameter[]).map((parameter) => [names[parameter], parameter]),
	);
}

/** The fields' names as people see them, by the names of a wire. */
export function labelsByWireName(names: InputNames): { [name: string]: string } {
	return Object.fromEntries(
		(Object.keys(names) as RayParameter[]).map((parameter) => [names[parameter], LABELS[parameter]]),
	);
}
