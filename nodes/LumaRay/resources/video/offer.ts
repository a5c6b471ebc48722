import { differencesFrom, editionOfSchema, nearestEdition, type Difference } from '../../models/differences';
import type { CatalogueEntry } from '../../models/catalogue';
import type { ModelName } from '../../models/names';
import type { LivePrice } from '../../models/prices';
import type { Json, ModelDescription, Reading } from '../../providers/provider';
import type { Connection } from '../connect';
import { createSharedReads } from './sharedReads';

/** A provider's current offer for a model, as far as it is known. */
export interface Offer {
	/** Contains only the edition that applies, if the provider's live description shows which one. */
	entry: CatalogueEntry;
	/** The model's live input schema, if it could be read. */
	schema?: Json;
	/** How the live description differs from the nearest edition, if it matches no edition. */
	unexplained?: Difference[];
}

// By address, account and model: accounts have different prices, and a description may contain the price.
const descriptions = createSharedReads<ModelDescription>();
const prices = createSharedReads<{ live: LivePrice | undefined }>();

/**
 * Reads the provider's current description of a model. Free; kept in the process for an hour.
 * @returns the whole catalogue entry if the description cannot be read in time, or if it matches no edition
 */
export async function readOffer(
	connection: Connection,
	model: ModelName,
	signal?: AbortSignal,
): Promise<Offer> {
	const entry = connection.provider.catalogue.models[model];
	const { schema } = (await readDescription(connection, model, signal)) ?? {};
	if (!schema) return { entry };
	const edition = editionOfSchema(schema, entry);
	if (edition) return { entry: { ...entry, editions: [edition] }, schema };
	return { entry, schema, unexplained: differencesFrom(schema, nearestEdition(schema, entry)) };
}

/**
 * Reads the current price of a unit of a model, once for all items. Free; kept in the process for an hour.
 * @returns undefined if the price cannot be read in time, or if its unit is unknown
 */
export async function readLivePrice(
	connection: Connection,
	model: ModelName,
	signal?: AbortSignal,
): Promise<LivePrice | undefined> {
	const { provider } = connection;
	if (!provider.livePrice) return (await readDescription(connection, model, signal))?.price;
	const read = async (late: AbortSignal) => {
		const price = await provider.livePrice!(model, late);
		return price.ok ? { live: price.value } : undefined;
	};
	return (await prices.get(nameOf(connection, model), read, signal))?.live;
}

/** Reads the price again, even if one is kept, and keeps the new one. */
export async function readPriceNow(
	connection: Connection,
	model: ModelName,
	signal: AbortSignal,
): Promise<Reading<LivePrice | undefined>> {
	const { provider } = connection;
	const name = nameOf(connection, model);
	if (provider.livePrice) {
		const price = await provider.livePrice(model, signal);
		if (price.ok) prices.put(name, { live: price.value });
		return price;
	}
	const described = await provider.describe(model, signal);
	if (!described.ok) return described;
	descriptions.put(name, described.value);
	return { ok: true, value: described.value.price };
}

async function readDescription(
	connection: Connection,
	model: ModelName,
	signal?: AbortSignal,
): Promise<ModelDescription | undefined> {
	const read = async (late: AbortSignal) => {
		const described = await connection.provider.describe(model, late);
		return described.ok ? described.value : undefined;
	};
	return await descriptions.get(nameOf(connection, model), read, signal);
}

function nameOf({ provider, home, account }: Connection, model: ModelName): string {
	return `${provider.id} ${home} ${model} ${account}`;
}
