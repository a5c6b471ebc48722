/**
 * The Luma Ray 3.2 family as both providers document it, written down independently of the package under test: if the
 * two shared one table, a mistake in it would never show.
 */

/** Providers change a model after launch. `launch` is the earliest description known, `2026-10` fal's of 2026-10-08. */
export const EDITIONS = ['launch', '2026-10'] as const;
export type Edition = (typeof EDITIONS)[number];

export const OPERATIONS = ['image-to-video', 'text-to-video', 'video-to-video', 'reframe'] as const;
export type Operation = (typeof OPERATIONS)[number];

export type Input = Record<string, unknown>;

export interface Parameter {
	/** As the provider says it. */
	name: string;
	/** As fal says it, when the provider has another name: the rules between fields use fal's names. */
	as?: string;
	type: 'string' | 'boolean' | 'number' | 'strings' | 'integers' | 'object';
	description: string;
	required?: boolean;
	/** `undocumented`: null is taken, but the schema does not say so. */
	nullable?: boolean | 'undocumented';
	options?: readonly string[];
	default?: string | boolean;
	/** Characters of a string, entries of a list. */
	shortest?: number;
	longest?: number;
	/** Of a number, or of each entry of a list of integers. */
	least?: number;
	most?: number;
	/** Of an object. */
	properties?: readonly Parameter[];
	/** The string, or each string of the list, is the address of a file that the runner loads. */
	loads?: 'image' | 'video';
}

/** What is wrong with an input as a whole; undefined if nothing is. The input has fal's names, and no field is malformed. */
export type Rule = (input: Input) => string | undefined;

export interface Prices {
	/** What one billable unit is: the cheapest clip, or a second of it. */
	unit: 'video' | 'second';
	/** USD by resolution: for a clip of 5 s, or for each started second. */
	usd: Readonly<Record<string, number>>;
	/** How many times the price of 5 s a clip of 10 s costs. */
	tenSeconds?: number;
}

export interface Model {
	operation: Operation;
	/** fal's endpoint id, Oxen's model id. */
	id: string;
	parameters: readonly Parameter[];
	rules: readonly Rule[];
	prices: Prices;
	/** The output has a field for an EXR file. */
	hasExr: boolean;
	/** The longest source video that is taken. */
	longestSourceSeconds?: number;
}

/** The input under fal's names, without fields that the model does not have. */
export function underFalNames({ parameters }: Pick<Model, 'parameters'>, input: Input): Input {
	return Object.fromEntries(
		parameters.filter(({ name }) => name in input).map(({ name, as }) => [as ?? name, input[name]]),
	);
}

/** Whether a field was given: null means the same as leaving it out. */
export function isGiven(value: unknown): boolean {
	return value !== undefined && value !== null;
}

/** The names of fields that the model does not have, which it ignores (its input is an open object); nested ones as a path. */
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
