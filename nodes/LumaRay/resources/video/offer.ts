import { editionOfSchema } from '../../models/differences';
import type { CatalogueEntry } from '../../models/catalogue';
import type { ModelName } from '../../models/names';
import type { Json } from '../../providers/provider';
import { systemClock } from '../../transport/clock';
import type { Connection } from '../connect';

/** What a provider offers of a model, as far as it is known now. */
export interface Offer {
	/** With nothing but the edition that applies, if the provider's live description says which. */
	entry: CatalogueEntry;
	/** The model's live input schema, if it could be read. */
	schema?: Json;
}

/** Milliseconds that a run waits for a description: it is a check, and not what the run is for. */
const PATIENCE_MS = 3_000;
/** Milliseconds for which a description is kept, and for which one that could not be read is not asked for again. */
const KEPT_MS = { read: 60 * 60_000, unread: 60_000 };

interface Kept {
	until: number;
	schema: Promise<Json | undefined>;
}

/** Descriptions by address and model. */
const kept = new Map<string, Kept>();

/**
 * Reads how the provider describes a model now. Free; kept in the process for an hour.
 * @returns the whole catalogue entry if the description cannot be read in time, or if no edition explains it
 */
export async function readOffer(
	{ provider, home }: Connection,
	model: ModelName,
	signal?: AbortSignal,
): Promise<Offer> {
	const name = `${provider.id} ${home} ${model}`;
	const entry = provider.catalogue.models[model];
	let known = kept.get(name);
	if (!known || known.until <= systemClock.now()) {
		known = { until: systemClock.now() + KEPT_MS.read, schema: readSchema({ provider }, model) };
		kept.set(name, known);
	}
	// The description is for all runs: a Stop of this one ends its own waiting only.
	const schema = await Promise.race([known.schema, systemClock.sleep(PATIENCE_MS, signal)]);
	if (!schema) {
		if (signal?.aborted) return { entry };
		known.until = Math.min(known.until, systemClock.now() + KEPT_MS.unread);
		return { entry };
	}
	const edition = editionOfSchema(schema, entry);
	return { entry: edition ? { ...entry, editions: [edition] } : entry, schema };
}

async function readSchema(
	{ provider }: Pick<Connection, 'provider'>,
	model: ModelName,
): Promise<Json | undefined> {
	const late = new AbortController();
	const read = provider.describe(model, late.signal);
	const described = await Promise.race([read, systemClock.sleep(PATIENCE_MS, late.signal)]);
	late.abort();
	return described?.ok ? described.value.schema : undefined;
}
