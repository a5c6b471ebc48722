import type { FileKind } from './files';
import type { Timeline } from './keyframes';
import type { ModelName, ProviderId } from './names';
import { PARAMETER_NAMES, type ParameterName } from './parameters';
import type { Prices } from './prices';

/** A value that is written on the wire in another way than by its name and itself. */
export interface WireForm {
	names: readonly string[];
	write(value: never): { [name: string]: unknown };
	/** `write` backwards: what a list of the provider shows of the value. Without it, the value is not read from a list. */
	read?(listed: { [name: string]: unknown }): unknown;
}

/** What a catalogue of a provider holds. The catalogues themselves are in the folders of the providers. */

/** What one provider offers of the family. */
export interface Catalogue {
	id: ProviderId;
	/** The provider's name as users know it. */
	name: string;
	models: { readonly [Name in ModelName]: CatalogueEntry };
	/** Bytes that a file of the workflow's binary data may have, by what it holds. */
	maxFileBytes: { readonly [Kind in FileKind]: number };
	/** Bytes that a file may have inside the request itself; absent if the provider has a storage of its own. */
	maxInlineFileBytes?: number;
	/** The input that says how many videos one request orders; absent if there is none. */
	generationsField?: string;
	/** Inputs by their names on the wire that decide the price, or who pays it. */
	pricedBy: readonly string[];
}

/** One model at one provider. */
export interface CatalogueEntry {
	/** The provider's ID of the model. */
	endpoint: string;
	/** How the provider has offered the model, oldest first. */
	editions: readonly [Edition, ...Edition[]];
}

/** How a provider offers a model from one day on. */
export interface Edition {
	id: 'launch' | '2026-10';
	/** When and where it was read: ISO date, address. */
	date: string;
	source: string;
	/** A parameter that the provider does not have is absent. */
	parameters: { readonly [Name in ParameterName]?: OfferedParameter };
	/** Inputs that the form does not have, by their names on the wire: they can be sent as additional fields. */
	others?: readonly string[];
	/** Which values do not go together. */
	rules: readonly Rule[];
	prices: Prices;
	/** Seconds that the source video may last. Absent if there is no source, or no limit that is sure. */
	longestSourceSeconds?: number;
}

/** A parameter as a provider takes it. */
export interface OfferedParameter {
	/** Its name on the wire, or how its value is written there. */
	wire: string | WireForm;
	/** The values that the provider takes, for an option. */
	options?: readonly string[];
	/** The value at first, if it is not that of the parameter's row. */
	default?: string;
	required?: true;
	/**
	 * The parameter belongs to these values of an earlier one. With others it is neither shown nor read nor sent, and
	 * not required.
	 */
	when?: Choice;
	/** For keyframes: where they can be. */
	timeline?: Timeline;
}

/** Values of a parameter that has options. */
export interface Choice {
	parameter: ParameterName;
	is: readonly string[];
}

/** A value that a rule is about. Without `is`: any value at all. */
export interface Condition {
	parameter: ParameterName;
	is?: readonly unknown[];
}

/** If the first condition holds, the second must not (`not`), or one of the others must (`needs`). */
export type Rule = { if: Condition } & ({ not: Condition } | { needs: readonly Condition[] });

/** The newest edition that this package knows. */
export function newestEdition({ editions }: CatalogueEntry): Edition {
	return editions[editions.length - 1];
}

/** The parameters that any edition of a model has, in the order of the form. */
export function offeredParameters({ editions }: CatalogueEntry): ParameterName[] {
	return PARAMETER_NAMES.filter((name) => editions.some(({ parameters }) => parameters[name]));
}

/** Each value that any edition takes for an option. */
export function offeredOptions({ editions }: CatalogueEntry, parameter: ParameterName): string[] {
	return [...new Set(editions.flatMap(({ parameters }) => parameters[parameter]?.options ?? []))];
}

/** The names on the wire of a parameter. */
export function wireNames({ wire }: OfferedParameter): readonly string[] {
	return typeof wire === 'string' ? [wire] : wire.names;
}

/** A parameter as the newest edition that has it offers it. */
export function offeredParameter(
	{ editions }: CatalogueEntry,
	name: ParameterName,
): OfferedParameter | undefined {
	return editions.map(({ parameters }) => parameters[name]).findLast((offered) => offered !== undefined);
}

/** Whether a parameter belongs to the values that earlier parameters have. */
export function isTaken({ when }: OfferedParameter, values: { [Name in ParameterName]?: unknown }): boolean {
	return when === undefined || when.is.includes(values[when.parameter] as string);
}

/** The parameters of a model by their names on the wire. */
export function parametersByWireName({ editions }: CatalogueEntry): Map<string, ParameterName> {
	return new Map(
		editions.flatMap(({ parameters }) =>
			PARAMETER_NAMES.flatMap((name): Array<[string, ParameterName]> => {
				const offered = parameters[name];
				return offered ? wireNames(offered).map((wire) => [wire, name]) : [];
			}),
		),
	);
}
