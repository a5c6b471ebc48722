import type { IExecuteFunctions } from 'n8n-workflow';

import {
	isTaken,
	offeredParameter,
	offeredParameters,
	type Catalogue,
	type CatalogueEntry,
	type Edition,
} from '../../models/catalogue';
import { checkInput, editionsTaking, type RawInput } from '../../models/check';
import { liveRefusal, type LiveRefusal } from '../../models/live';
import type { ModelName } from '../../models/names';
import {
	isOption,
	PARAMETERS,
	type Input,
	type ParameterName,
	type ParameterOfKind,
} from '../../models/parameters';
import { clipPriceAmong, type Estimate, type KnownPrices, type LivePrice } from '../../models/prices';
import { wireInput } from '../../providers/input';
import type { Json, Order, OrderOptions } from '../../providers/provider';
import { itemError } from '../itemError';
import { wordInputRefusal, wordLiveRefusal } from '../messages/input';
import { severalByDirect, sourceTooLong } from '../messages/order';
import { readOrderOptions, type RunOptions } from '../options';
import { fileReader, readFileList, readFileParameter, tooMuchInline, type ReadFile } from './files';
import { readKeyframes } from './keyframes';
import type { Offer } from './offer';
import { readSourceSeconds, tooLongFor } from './source';

/**
 * The order of one item, from its parameters.
 * @param readLive the provider's live price; asked for only if the price of the order depends on it
 * @throws NodeOperationError naming the parameter and the item that cannot be submitted
 */
export async function readOrder(
	context: IExecuteFunctions,
	index: number,
	model: ModelName,
	catalogue: Catalogue,
	{ entry, schema, unexplained }: Offer,
	{ follow }: RunOptions,
	readLive: () => Promise<LivePrice | undefined>,
): Promise<Order> {
	const { clipPriceUsd, ...options } = readOrderOptions(context, index, catalogue);
	const raw = await readParameters(context, index, model, catalogue, options);
	const checked = checkInput(raw, entry);
	if (!checked.ok) throw itemError(context, index, wordInputRefusal(checked.refusal));
	const tooMuch = tooMuchInline(checked.value, catalogue, options);
	if (tooMuch) throw itemError(context, index, tooMuch);
	const refused = schema && refusalBy(schema, entry, checked.value, options);
	if (refused) throw itemError(context, index, wordLiveRefusal(refused, catalogue, entry));
	const { generations = 1 } = options;
	if (follow === 'direct' && generations > 1) {
		throw itemError(context, index, severalByDirect(generations));
	}
	const sourceSeconds = await readSourceSeconds(checked.value, entry.editions);
	// The schema does not contain limits. So if it matches no edition, the limits may be different.
	const edition = sourceSeconds && !unexplained && tooLongFor(sourceSeconds, entry.editions);
	if (edition) throw itemError(context, index, sourceTooLong(sourceSeconds, edition, catalogue));
	const known = { ownUsd: clipPriceUsd, sourceSeconds };
	const editions = editionsTaking(raw, entry);
	const estimate = await estimateFor(editions, checked.value, options, catalogue, known, readLive);
	return { model, input: checked.value, options, estimate };
}

async function readParameters(
	context: IExecuteFunctions,
	index: number,
	model: ModelName,
	catalogue: Catalogue,
	options: OrderOptions,
): Promise<RawInput> {
	const entry = catalogue.models[model];
	const readFile = fileReader(context, index, catalogue, options);
	const raw: RawInput = {};
	for (const name of offeredParameters(entry)) {
		const offered = offeredParameter(entry, name);
		// If an expression decides which fields are shown, n8n also returns hidden ones.
		if (offered && !isTaken(offered, raw)) continue;
		raw[name] = await readParameter(context, index, name, entry, readFile);
	}
	return raw;
}

async function readParameter(
	context: IExecuteFunctions,
	index: number,
	name: ParameterName,
	entry: CatalogueEntry,
	readFile: ReadFile,
): Promise<unknown> {
	if (isOption(name)) return (context.getNodeParameter('options', index, {}) as RawInput)[name];
	switch (PARAMETERS[name].kind) {
		case 'file':
			return await readFileParameter(context, index, name as ParameterOfKind<'file'>, entry, readFile);
		case 'files':
			return await readFileList(context, index, name as ParameterOfKind<'files'>, readFile);
		case 'keyframes':
			return await readKeyframes(context, index, name as ParameterOfKind<'keyframes'>, readFile);
		default:
			return context.getNodeParameter(name, index, null);
	}
}

/** Why the request does not match the live schema. */
function refusalBy(
	schema: Json,
	entry: CatalogueEntry,
	order: Input,
	{ additionalFields }: OrderOptions,
): LiveRefusal | undefined {
	const { input, unknown } = wireInput(entry, order);
	return liveRefusal({ ...input, ...additionalFields }, unknown, schema);
}

/** Additional fields that change the price make it unknown, even if the user has set a price. */
async function estimateFor(
	editions: readonly Edition[],
	input: Input,
	{ additionalFields = {} }: OrderOptions,
	{ pricedBy }: Catalogue,
	known: KnownPrices,
	readLive: () => Promise<LivePrice | undefined>,
): Promise<Estimate> {
	if (pricedBy.some((name) => Object.hasOwn(additionalFields, name))) {
		return { usd: null, reason: 'additionalFields', source: 'table' };
	}
	const live = known.ownUsd ? undefined : await readLive();
	return clipPriceAmong(editions, input, { ...known, live });
}
