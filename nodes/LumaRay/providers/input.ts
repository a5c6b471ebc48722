import {
	newestEdition,
	offeredParameter,
	offeredParameters,
	parametersByWireName,
	wireNames,
	type Catalogue,
	type CatalogueEntry,
} from '../models/catalogue';
import type { Addresses, FileSource } from '../models/files';
import type { ModelName } from '../models/names';
import { filesIn, PARAMETERS, replaceFiles, type Input, type ParameterName } from '../models/parameters';
import { asString } from './answers';
import type { Json, Order, Reading, ReadyOrder, ListedInput, WireInput } from './provider';

/** Converts the model's input to a provider's names and back. */

/**
 * Makes every file of an order reachable for the provider, one after the other.
 * @param place makes one file reachable and returns its address, or a data URI
 */
export async function placeFiles(
	order: Order,
	place: (file: FileSource) => Promise<Reading<string>>,
): Promise<Reading<ReadyOrder>> {
	const addresses: Addresses = {};
	for (const file of filesIn(order.input)) {
		if (addresses[file.identity] !== undefined) continue;
		const placed = await place(file);
		if (!placed.ok) return placed;
		addresses[file.identity] = placed.value;
	}
	return { ok: true, value: { order, addresses } };
}

/**
 * Converts the model's input to the provider's names. Empty lists are left out.
 * @param addresses the addresses of its files; an input with a file that has no address is listed in `unknown`
 */
export function wireInput(entry: CatalogueEntry, input: Input, addresses: Addresses = {}): WireInput {
	const placed = replaceFiles<FileSource, string | undefined>(input, ({ identity }) => addresses[identity]);
	const isPlaced = ({ identity }: FileSource) => addresses[identity] !== undefined;
	const wire: WireInput = { input: {}, unknown: [] };
	for (const parameter of offeredParameters(entry)) {
		const value = placed[parameter];
		const offered = offeredParameter(entry, parameter);
		if (!offered) continue;
		if (!filesIn<FileSource>({ [parameter]: input[parameter] }).every(isPlaced)) {
			wire.unknown.push(...wireNames(offered));
		} else if (value !== undefined && !(Array.isArray(value) && value.length === 0)) {
			const { wire: form } = offered;
			Object.assign(wire.input, typeof form === 'string' ? { [form]: value } : form.write(value as never));
		}
	}
	return wire;
}

/**
 * The part of a job's input that a provider's list shows, keyed by the names of the form: the reverse of `wireInput`.
 * @param listed the job's input as the list shows it; a value of the wrong type counts as not shown
 */
export function listedInput(entry: CatalogueEntry, listed: Json | undefined): ListedInput {
	const input: { [parameter: string]: unknown } = {};
	for (const [name, parameter] of parametersByWireName(entry)) {
		const wire = offeredParameter(entry, parameter)?.wire;
		const read = typeof wire === 'object' ? wire.read : undefined;
		const value = read ? read(listed ?? {}) : listedValue(parameter, listed?.[name]);
		if (value !== undefined) input[parameter] = value;
	}
	return input;
}

function listedValue(parameter: ParameterName, value: unknown): unknown {
	switch (PARAMETERS[parameter].kind) {
		// A list shows them in a different form than the request.
		case 'controls':
		case 'keyframes':
			return undefined;
		case 'flag':
			return typeof value === 'boolean' ? value : undefined;
		case 'files':
			return Array.isArray(value) ? value.map(String) : undefined;
		default:
			return asString(value);
	}
}

/** The parameters of all models of a provider, keyed by the provider's names. */
export function parametersOnWire({ models }: Catalogue): { [name: string]: ParameterName } {
	return Object.fromEntries(Object.values(models).flatMap((entry) => [...parametersByWireName(entry)]));
}

/** The newest edition of a model at a provider. */
export function editionOf({ models }: Catalogue, model: ModelName) {
	return newestEdition(models[model]);
}
