import type { FileKind } from './files';
import type { Timeline } from './keyframes';
import type { ModelName, ProviderId } from './names';
import { PARAMETER_NAMES, type ParameterName } from './parameters';
import type { Prices } from './prices';

/** How to send a value if the provider does not accept it as a single field. */
export interface WireForm {
	names: readonly string[];
	write(value: never): { [name: string]: unknown };
	/** The reverse of `write`, for a job in the provider's list. Without it, the value is not read from a list. */
	read?(listed: { [name: string]: unknown }): unknown;
}

/** The types of a provider's catalogue. The catalogues themselves are in the folders of the providers. */

/** What one provider offers: all models of the family, with their limits and prices. */
export interface Catalogue {
	id: ProviderId;
	/** The provider's name as users know it. */
	name: string;
	models: { readonly [Name in ModelName]: CatalogueEntry };
	/** The maximum number of bytes of a file from the workflow's binary data, by kind of file. */
	maxFileBytes: { readonly [Kind in FileKind]: number };
	/** The maximum number of bytes of the files inside a request; absent if the provider has its own storage. */
	maxInlineFileBytes?: number;
	/** The input for the number of videos per request; absent if the provider has no such input. */
	generationsField?: string;
	/** The provider's names of the inputs that decide the price or the account that pays. */
	pricedBy: readonly string[];
}

/** One model at one provider. */
export interface CatalogueEntry {
	/** The provider's ID of the model. */
	endpoint: string;
	/** The versions of the model that the provider has offered over time, oldest first. */
	editions: readonly [Edition, ...Edition[]];
}

/** A version of a model that a provider offers from a certain date. */
export interface Edition {
	id: 'launch' | '2026-10';
	/** The ISO date on which it was read, and the address. */
	date: string;
	source: string;
	/** A parameter that the provider does not have is absent. */
	parameters: { readonly [Name in ParameterName]?: OfferedParameter };
	/** Inputs that are not in the form, with the provider's names. You can send them as additional fields. */
	others?: readonly string[];
	/** Which values exclude or need each other. */
	rules: readonly Rule[];
	prices: Prices;
	/** Longest source video, in seconds. Absent if the model has no source, or if the limit is unknown. */
	longestSourceSeconds?: number;
}

/** A parameter as a provider offers it. */
export interface OfferedParameter {
	/** The provider's name for it, or how to send its value. */
	wire: string | WireForm;
	/** For an option: the values that the provider accepts. */
	options?: readonly string[];
	/** The default, if it is not the default in `PARAMETERS`. */
	default?: string;
	required?: true;
	/**
	 * The parameter applies only with these values of an earlier one. With other values it is not shown, read or sent,
	 * and not required.
	 */
	when?: Choice;
	/** For keyframes: the positions where the provider accepts them. */
	timeline?: Timeline;
}

/** Values of a parameter that has options. */
export interface Choice {
	parameter: ParameterName;
	is: readonly string[];
}

/** A parameter has one of these values, or any value if `is` is absent. */
export interface Condition {
	parameter: ParameterName;
	is?: readonly unknown[];
}

/** If the `if` condition is true, `not` must be false, or one of `needs` must be true. */
export type Rule = { if: Condition } & ({ not: Condition } | { needs: readonly Condition[] });

/** The newest edition that this package knows. */
export function newestEdition({ editions }: CatalogueEntry): Edition {
	return editions[editions.length - 1];
}

/** The parameters that at least one edition of a model has, in the order of the form. */
export function offeredParameters({ editions }: CatalogueEntry): ParameterName[] {
	return PARAMETER_NAMES.filter((name) => editions.some(({ parameters }) => parameters[name]));
}

/** Every value that at least one edition accepts for an option. */
export function offeredOptions({ editions }: CatalogueEntry, parameter: ParameterName): string[] {
	return [...new Set(editions.flatMap(({ parameters }) => parameters[parameter]?.options ?? []))];
}

/** The provider's names for a parameter. */
export function wireNames({ wire }: OfferedParameter): readonly string[] {
	return typeof wire === 'string' ? [wire] : wire.names;
}

/** A parameter from the newest edition that has it. */
export function offeredParameter(
	{ editions }: CatalogueEntry,
	name: ParameterName,
): OfferedParameter | undefined {
	return editions.map(({ parameters }) => parameters[name]).findLast((offered) => offered !== undefined);
}

/** Whether a parameter applies with the values of earlier parameters (see `when`). */
export function isTaken({ when }: OfferedParameter, values: { [Name in ParameterName]?: unknown }): boolean {
	return when === undefined || when.is.includes(values[when.parameter] as string);
}

/** The parameters of a model, keyed by the provider's names. */
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
