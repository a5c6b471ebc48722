/**
 * The Luma Ray 3.2 family as both providers document it. It is written independently of the package under test: if
 * the two shared one table, no test would find a mistake in it.
 */

/**
 * Providers change a model after launch. `launch` is the earliest known description, `2026-10` is fal's description
 * of 2026-10-08.
 */
export const EDITIONS = ['launch', '2026-10'] as const;
export type Edition = (typeof EDITIONS)[number];

export const OPERATIONS = ['image-to-video', 'text-to-video', 'video-to-video', 'reframe'] as const;
export type Operation = (typeof OPERATIONS)[number];

export type Input = Record<string, unknown>;

export interface Parameter {
	/** The name that the provider uses. */
	name: string;
	/** fal's name, if the provider uses another one. The rules about several fields use fal's names. */
	as?: string;
	type: 'string' | 'boolean' | 'number' | 'strings' | 'integers' | 'object';
	description: string;
	required?: boolean;
	/** `undocumented`: null is accepted, but the schema does not mention it. */
	nullable?: boolean | 'undocumented';
	options?: readonly string[];
	default?: string | boolean;
	/** For a string: its length in characters. For a list: its number of entries. */
	shortest?: number;
	longest?: number;
	/** For a number, or for each entry of a list of integers. */
	least?: number;
	most?: number;
	/** For an object. */
	properties?: readonly Parameter[];
	/** The string, or each string of the list, is the address of a file that the runner loads. */
	loads?: 'image' | 'video';
}

/**
 * Checks an input as a whole and returns the problem, or undefined if the input is valid. The input uses fal's names, and
 * each field is valid by itself.
 */
export type Rule = (input: Input) => string | undefined;

export interface Prices {
	/** The unit of billing: the cheapest clip, or one second of it. */
	unit: 'video' | 'second';
	/** USD by resolution: for a clip of 5 s, or for each full or partial second. */
	usd: Readonly<Record<string, number>>;
	/** The price of a 10-second clip, as a multiple of the 5-second price. */
	tenSeconds?: number;
}

export interface Model {
	operation: Operation;
	/** fal's endpoint ID, Oxen's model ID. */
	id: string;
	parameters: readonly Parameter[];
	rules: readonly Rule[];
	prices: Prices;
	/** Whether the output has a field for an EXR file. */
	hasExr: boolean;
	/** The length of the longest source video that is accepted. */
	longestSourceSeconds?: number;
}

/** The input with fal's names, without fields that the model does not have. */
export function underFalNames({ parameters }: Pick<Model, 'parameters'>, input: Input): Input {
	return Object.fromEntries(
		parameters.filter(({ name }) => name in input).map(({ name, as }) => [as ?? name, input[name]]),
	);
}

/** Whether a field is set. null means the same as leaving it out. */
export function isGiven(value: unknown): boolean {
	return value !== undefined && value !== null;
}

/**
 * The names of fields that the model does not have. It ignores them, because its input is an open object. Nested ones
 * are given as a path.
 */
export function ignoredIn(parameters: readonly Parameter[], input: Input, path = ''): string[] {
	return Object.entries(input).flatMap(([name, value]) => {
		const parameter = parameters.find((one) => one.name === name);
		if (!parameter) return [path + name];
		const isObject = value instanceof Object && !Array.isArray(value);
		return parameter.properties && isObject
			? ignoredIn(parameter.properties, value as Input, `${path}${name}.`)
			: [];
	});
}
