import type { InputNames, RayParameter } from './input';
import type { RayTable } from './table';

/** One way in which a provider's live schema and this package differ. */
export interface Difference {
	/** The parameter by the provider's name. */
	parameter: string;
	change: 'added' | 'removed' | 'optionsAdded' | 'optionsRemoved' | 'nowRequired';
	/** The options concerned, where options changed. */
	options?: string[];
	/** What that means for a workflow, as a sentence. */
	meaning: string;
}

type Schema = { properties?: unknown; required?: unknown };

/** Inputs of a provider's schema that are no parameter of the model. */
const NOT_OF_THE_MODEL = ['model', 'num_generations', 'target_namespace', 'response_format', 'sync_mode'];
/** What this package always sends. */
const ALWAYS_SENT: RayParameter[] = ['prompt', 'imageUrl', 'aspectRatio', 'resolution', 'duration'];

/**
 * Compares a provider's live input schema (JSON Schema) with what this package offers, so that a change shows
 * at once.
 */
export function differencesFrom(schema: Schema, names: InputNames, table: RayTable): Difference[] {
	const properties = (schema.properties ?? {}) as { [name: string]: { enum?: unknown } | undefined };
	const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
	const parameters = Object.keys(names) as RayParameter[];
	const known = Object.values(names);
	const differences: Difference[] = [];

	for (const parameter of parameters.filter((one) => !(names[one] in properties))) {
		differences.push({
			parameter: names[parameter],
			change: 'removed',
			meaning: 'The provider no longer describes this parameter; it may ignore or refuse it.',
		});
	}
	for (const name of Object.keys(properties)) {
		if (known.includes(name) || NOT_OF_THE_MODEL.includes(name)) continue;
		differences.push({
			parameter: name,
			change: 'added',
			meaning: "New at the provider. Until this package offers it, send it with 'Additional Fields (JSON)'.",
		});
	}
	const options: Array<[RayParameter, readonly string[]]> = [
		['aspectRatio', table.aspectRatios],
		['resolution', table.resolutions],
		['duration', table.durations],
	];
	for (const [parameter, offered] of options) {
		const live = properties[names[parameter]]?.enum;
		if (!Array.isArray(live)) continue;
		const added = live.map(String).filter((option) => !offered.includes(option));
		const removed = offered.filter((option) => !live.includes(option));
		if (added.length > 0) {
			differences.push({
				parameter: names[parameter],
				change: 'optionsAdded',
				options: added,
				meaning:
					"New at the provider. Until this package offers them, send them with 'Additional Fields (JSON)'.",
			});
		}
		if (removed.length > 0) {
			differences.push({
				parameter: names[parameter],
				change: 'optionsRemoved',
				options: removed,
				meaning: 'The provider no longer takes these options.',
			});
		}
	}
	const sent = ALWAYS_SENT.map((parameter) => names[parameter]);
	for (const name of required.filter((one) => !sent.includes(one) && !NOT_OF_THE_MODEL.includes(one))) {
		differences.push({
			parameter: name,
			change: 'nowRequired',
			meaning: "The provider insists on it. Send it with 'Additional Fields (JSON)'.",
		});
	}
	return differences;
}
