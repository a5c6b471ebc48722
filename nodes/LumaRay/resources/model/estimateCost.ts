import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { MODEL_NAMES, type ModelName } from '../../models/names';
import { newestEdition, offeredParameters, type CatalogueEntry } from '../../models/catalogue';
import { checkParameters, type RawInput } from '../../models/check';
import { clipPriceAmong, type LivePrice } from '../../models/prices';
import { patiently, PRICE_TRIES } from '../../providers/patience';
import { CATALOGUES } from '../../providers/catalogues';
import { systemClock } from '../../transport/clock';
import type { Connection } from '../connect';
import { eachItem } from '../eachItem';
import { inputFields } from '../inputFields';
import { itemError } from '../itemError';
import { problemOfError } from '../messages';
import { wordInputRefusal } from '../messages/input';
import { sayNoPrice } from '../messages/order';
import { refusedValue } from '../messages/parameters';
import { numberWithin, type Range } from '../numbers';
import type { Operation } from '../operation';
import { OPTION_FIELDS } from '../optionFields';
import { readOffer, readPriceNow } from '../video/offer';
import { modelOperationField, readModel } from './modelOperation';

/** What the price of a model depends on. */
const PRICED = ['resolution', 'duration', 'hdr', 'exrExport'] as const;

function pricedFields(model: ModelName): INodeProperties[] {
	return inputFields(model, PRICED).map((field) => ({
		...field,
		displayOptions: { show: { ...field.displayOptions?.show, modelOperation: [model] } },
	}));
}

/** The models whose price depends on the length of the source. */
const BY_SOURCE = MODEL_NAMES.filter((model) =>
	Object.values(CATALOGUES).some(({ models }) =>
		models[model].editions.some(({ prices }) => prices.per === 'second'),
	),
);

const sourceSecondsField: INodeProperties = {
	displayName: 'Source Length (Seconds)',
	name: 'sourceSeconds',
	type: 'number',
	typeOptions: { minValue: 0, numberPrecision: 3 },
	default: 0,
	displayOptions: { show: { modelOperation: BY_SOURCE } },
	description: 'Length of the source video in seconds. A partial second counts as a full second.',
	hint: 'Leave at 0 if you do not know the length, or if you choose a Duration',
};
const countField: INodeProperties = {
	displayName: 'Count',
	name: 'count',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 1,
	description: 'Number of videos',
};
const clipPriceField: INodeProperties = {
	...OPTION_FIELDS.clipPriceUsd,
	description: 'The price of one video on your account',
	hint: "Leave at 0 to use the provider's price",
};
const fields: INodeProperties[] = [
	modelOperationField,
	...MODEL_NAMES.flatMap(pricedFields),
	sourceSecondsField,
	countField,
	clipPriceField,
];

export const estimateCost: Operation = {
	value: 'estimateCost',
	name: 'Estimate Cost',
	action: 'Estimate cost of videos',
	description: 'Estimate what videos would cost, without submitting anything',
	fields,
	execute,
};

/** Model: Estimate Cost. By the user's own price, else the provider's live one, else the price list. */
async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const readLive = livePricesReader();
	return await eachItem(context, async (index, connection, signal) => {
		const { id, catalogue } = connection.provider;
		const model = readModel(context, index);
		const { entry } = await readOffer(connection, model, signal);
		const checked = checkParameters(readPriced(context, index, catalogue.models[model]), entry, PRICED);
		if (!checked.ok) return { problem: problemOfError(wordInputRefusal(checked.refusal)) };
		const { resolution, duration, hdr, exrExport } = checked.value;
		const count = readNumber(context, index, countField, { least: 1, whole: true });
		const ownUsd = readNumber(context, index, clipPriceField, { least: 0 });
		const sourceSeconds = BY_SOURCE.includes(model)
			? readNumber(context, index, sourceSecondsField, { least: 0 }) || undefined
			: undefined;
		const live = ownUsd > 0 ? undefined : await readLive(connection, model, signal);
		const estimate = clipPriceAmong(entry.editions, checked.value, { ownUsd, live, sourceSeconds });
		const { usd, source } = estimate;
		const json = {
			provider: id,
			model: entry.endpoint,
			resolution,
			...(duration === undefined ? {} : { duration }),
			...(hdr ? { hdr } : {}),
			...(exrExport ? { exrExport } : {}),
			...(sourceSeconds === undefined ? {} : { sourceSeconds }),
			count,
			clipUsd: usd,
			totalUsd: usd === null ? null : Math.round(usd * count * 1e6) / 1e6,
			source: usd === null ? null : source,
			...(estimate.usd === null
				? { reason: sayNoPrice(estimate.reason, catalogue, model, sourceSecondsField.displayName) }
				: {}),
			...(source === 'table' ? { priceDate: newestEdition(entry).date } : {}),
		};
		return [{ json, pairedItem: { item: index } }];
	});
}

/** If an expression names the model, n8n also hands over fields that are for other models. */
function readPriced(context: IExecuteFunctions, index: number, entry: CatalogueEntry): RawInput {
	const priced = PRICED.filter((name) => offeredParameters(entry).includes(name));
	return Object.fromEntries(priced.map((name) => [name, context.getNodeParameter(name, index, null)]));
}

/** Asks for the live price of a model once for all items. */
function livePricesReader() {
	const prices = new Map<ModelName, Promise<LivePrice | undefined>>();
	return async (connection: Connection, model: ModelName, signal: AbortSignal) => {
		const ask = async () => {
			const read = async () => await readPriceNow(connection, model, signal);
			const price = await patiently(read, { clock: systemClock, signal, tries: PRICE_TRIES });
			return price.ok ? price.value : undefined;
		};
		const price = prices.get(model) ?? ask();
		prices.set(model, price);
		return await price;
	};
}

function readNumber(context: IExecuteFunctions, index: number, field: INodeProperties, range: Range): number {
	const value = numberWithin(context.getNodeParameter(field.name, index, null), range);
	if (value === undefined) throw itemError(context, index, refusedValue(field, range));
	return value;
}
