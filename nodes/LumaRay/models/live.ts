/** Checks a request against a provider's live input schema (JSON Schema). */

type Json = { [key: string]: unknown };

/** Why a value cannot be sent. `name`: the provider's name for it. */
export type LiveRefusal = { name: string } & (
	| { why: 'notAnOption'; value: unknown; options: string[] }
	| { why: 'outOfBounds'; value: unknown; bound: 'minimum' | 'maximum'; limit: number }
	| { why: 'tooMany'; limit: number }
	| { why: 'tooLong'; limit: number }
	| { why: 'missing' }
);

/**
 * Checks a request against the live schema, to avoid paying for an input that the provider would refuse or ignore. It
 * refuses only what the schema clearly does not allow: an option that is not listed, a value out of bounds, a missing
 * required input.
 * @param input keyed by the provider's names
 * @param unknown inputs that will be sent, but whose values are not known yet
 */
export function liveRefusal(input: Json, unknown: readonly string[], schema: Json): LiveRefusal | undefined {
	const properties = asObject(schema.properties) ?? {};
	for (const [name, value] of Object.entries(input)) {
		const refusal = refusalOf(name, value, Object.hasOwn(properties, name) ? properties[name] : undefined);
		if (refusal) return refusal;
	}
	const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
	const missing = required.find((name) => !isGiven(name, input, unknown, properties));
	return missing === undefined ? undefined : { name: missing, why: 'missing' };
}

/** Inputs that `providers/` adds to each request. */
const ADDED = ['model'];

function isGiven(name: string, input: Json, unknown: readonly string[], properties: Json): boolean {
	if (ADDED.includes(name) || unknown.includes(name)) return true;
	const hasDefault = asObject(properties[name])?.default !== undefined;
	return hasDefault || (Object.hasOwn(input, name) && input[name] !== null);
}

function refusalOf(name: string, value: unknown, property: unknown): LiveRefusal | undefined {
	const forms = formsOf(property);
	// If the schema has an unknown structure, every value is allowed.
	if (!forms || value === null || value === undefined) return undefined;
	const options = forms.flatMap((form) => (Array.isArray(form.enum) ? form.enum : []));
	const isOption = typeof value === 'string' || typeof value === 'number';
	if (isOption && options.length > 0 && forms.every((form) => form.enum ?? form.type === 'null')) {
		if (options.includes(value)) return undefined;
		return { name, why: 'notAnOption', value, options: options.filter((one) => one !== null).map(String) };
	}
	const [form, ...others] = forms.filter(({ type }) => type !== 'null');
	if (!form || others.length > 0) return undefined;
	return boundRefusal(name, value, form);
}

function boundRefusal(name: string, value: unknown, form: Json): LiveRefusal | undefined {
	const limitOf = (key: string) => (typeof form[key] === 'number' ? form[key] : undefined);
	if (typeof value === 'number') {
		const [minimum, maximum] = [limitOf('minimum'), limitOf('maximum')];
		if (minimum !== undefined && value < minimum) {
			return { name, why: 'outOfBounds', value, bound: 'minimum', limit: minimum };
		}
		if (maximum !== undefined && value > maximum) {
			return { name, why: 'outOfBounds', value, bound: 'maximum', limit: maximum };
		}
	}
	const [maxItems, maxLength] = [limitOf('maxItems'), limitOf('maxLength')];
	if (Array.isArray(value) && maxItems !== undefined && value.length > maxItems) {
		return { name, why: 'tooMany', limit: maxItems };
	}
	// Spread the text, because JSON Schema counts code points, not UTF-16 units.
	if (typeof value === 'string' && maxLength !== undefined && [...value].length > maxLength) {
		return { name, why: 'tooLong', limit: maxLength };
	}
	return undefined;
}

/** The alternative schemas of a property; undefined if they use a reference or an unknown structure. */
function formsOf(property: unknown): Json[] | undefined {
	const form = asObject(property);
	if (!form || '$ref' in form || 'allOf' in form || 'not' in form) return undefined;
	const alternatives = form.anyOf ?? form.oneOf;
	if (alternatives === undefined) return [form];
	if (!Array.isArray(alternatives)) return undefined;
	const forms = alternatives.map(formsOf);
	return forms.every((one) => one !== undefined) ? forms.flat() : undefined;
}

function asObject(value: unknown): Json | undefined {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}
