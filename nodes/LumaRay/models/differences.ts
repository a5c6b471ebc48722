import { wireNames, type CatalogueEntry, type Edition } from './catalogue';
import { PARAMETER_NAMES, PARAMETERS } from './parameters';

/** One difference between a provider's live schema and an edition. */
export interface Difference {
	/** The provider's name for the parameter. */
	parameter: string;
	change: 'added' | 'removed' | 'optionsAdded' | 'optionsRemoved' | 'nowRequired';
	/** The options that were added or removed, if options changed. */
	options?: string[];
}

type Schema = { properties?: unknown; required?: unknown };

/** Inputs of a provider's schema that are not parameters of the model. */
const NOT_OF_THE_MODEL = ['model', 'num_generations', 'target_namespace', 'response_format', 'sync_mode'];

/** Compares a provider's live input schema (JSON Schema) with an edition of its catalogue. */
export function differencesFrom(schema: Schema, { parameters, others = [] }: Edition): Difference[] {
	const properties = (schema.properties ?? {}) as { [name: string]: { enum?: unknown } | undefined };
	const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
	const offered = PARAMETER_NAMES.flatMap((name) => {
		const parameter = parameters[name];
		return parameter ? [{ ...parameter, kind: PARAMETERS[name].kind }] : [];
	});
	const known = offered.flatMap(wireNames);
	const isNew = (name: string) =>
		!known.includes(name) && !others.includes(name) && !NOT_OF_THE_MODEL.includes(name);
	// An option is always sent, unless it applies only with certain values of another parameter.
	const sent = offered
		.filter((one) => !one.when && (one.required ?? one.kind === 'option'))
		.flatMap(wireNames);
	const isUnsent = (name: string) => !sent.includes(name) && !NOT_OF_THE_MODEL.includes(name);
	return [
		...known.filter((name) => !(name in properties)).map((name) => changed(name, 'removed')),
		...Object.keys(properties)
			.filter(isNew)
			.map((name) => changed(name, 'added')),
		...offered.flatMap(({ wire, options }) =>
			typeof wire === 'string' ? optionDifferences(wire, options, properties[wire]?.enum) : [],
		),
		...required.filter(isUnsent).map((name) => changed(name, 'nowRequired')),
	];
}

/**
 * The edition that matches a live schema: the schema has everything that the edition has, and may have more. If several
 * match, the one with the fewest differences.
 */
export function editionOfSchema(schema: Schema, entry: CatalogueEntry): Edition | undefined {
	const nearest = nearestEdition(schema, entry);
	const isLost = differencesFrom(schema, nearest).some(({ change }) => !change.endsWith('dded'));
	return isLost ? undefined : nearest;
}

/** The edition with the fewest differences from a live schema; with a tie, the newest. */
export function nearestEdition(schema: Schema, { editions }: CatalogueEntry): Edition {
	const distance = (edition: Edition) => differencesFrom(schema, edition).length;
	return editions.reduce((nearest, edition) => (distance(edition) <= distance(nearest) ? edition : nearest));
}

function optionDifferences(name: string, offered: readonly string[] = [], live: unknown): Difference[] {
	if (offered.length === 0 || !Array.isArray(live)) return [];
	const added = live.map(String).filter((option) => !offered.includes(option));
	const removed = offered.filter((option) => !live.includes(option));
	return [
		...(added.length > 0 ? [changed(name, 'optionsAdded', added)] : []),
		...(removed.length > 0 ? [changed(name, 'optionsRemoved', removed)] : []),
	];
}

function changed(parameter: string, change: Difference['change'], options?: string[]): Difference {
	return { parameter, change, ...(options ? { options } : {}) };
}
