import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { MODEL_NAMES, type ModelName } from '../../models/names';
import { newestEdition, offeredParameters } from '../../models/catalogue';
import { checkParameters } from '../../models/check';
import { clipPrice } from '../../models/prices';
import { eachItem } from '../eachItem';
import { inputFields } from '../inputFields';
import { itemError } from '../itemError';
import { problemOfError } from '../messages';
import { wordInputRefusal } from '../messages/input';
import { refusedValue } from '../messages/parameters';
import { numberWithin, type Range } from '../numbers';
import type { Operation } from '../operation';
import { OPTION_FIELDS } from '../optionFields';
import { readOffer } from '../video/offer';
import { modelOperationField, readModel } from './modelOperation';

/** What the price of a model depends on. */
const PRICED = ['resolution', 'duration'] as const;

function pricedFields(model: ModelName): INodeProperties[] {
	return inputFields(model, PRICED).map((field) => ({
		...field,
		displayOptions: { show: { ...field.displayOptions?.show, modelOperation: [model] } },
	}));
}

const countField: INodeProperties = {
	displayName: 'Count',
	name: 'count',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 1,
	description: 'How many videos',
};
const clipPriceField: INodeProperties = {
	...OPTION_FIELDS.clipPriceUsd,
	description: 'What one video costs on your account',
	hint: "Leave 0 to use the provider's price",
};
const fields: INodeProperties[] = [
	modelOperationField,
	...MODEL_NAMES.flatMap(pricedFields),
	countField,
	clipPriceField,
];

export const estimateCost: Operation = {
	value: 'estimateCost',
	name: 'Estimate Cost',
	action: 'Estimate cost of videos',
	description: 'See what videos would cost before anything is paid',
	fields,
	execute,
};

/** Model: Estimate Cost. By the person's own price, else the provider's live one, else the price list. */
async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await eachItem(context, async (index, connection, signal) => {
		const { provider } = connection;
		const model = readModel(context, index);
		const { entry } = await readOffer(connection, model, signal);
		const edition = newestEdition(entry);
		// If an expression names the model, n8n also hands over fields that are for other models.
		const priced = PRICED.filter((name) => offeredParameters(entry).includes(name));
		const raw = Object.fromEntries(priced.map((name) => [name, context.getNodeParameter(name, index, null)]));
		const checked = checkParameters(raw, entry, PRICED);
		if (!checked.ok) return { problem: problemOfError(wordInputRefusal(checked.refusal)) };
		const { resolution, duration } = checked.value;
		const count = readNumber(context, index, countField, { least: 1, whole: true });
		const ownUsd = readNumber(context, index, clipPriceField, { least: 0 });
		const liveUsd = ownUsd > 0 ? undefined : await provider.livePrice(model, edition, checked.value, signal);
		const estimate = clipPrice(edition, checked.value, { ownUsd, liveUsd });
		const { usd, source } = estimate;
		const json = {
			provider: provider.id,
			model: entry.endpoint,
			resolution,
			...(duration === undefined ? {} : { duration }),
			count,
			clipUsd: usd,
			totalUsd: usd === null ? null : Math.round(usd * count * 1e6) / 1e6,
			source: usd === null ? null : source,
			...(estimate.usd === null ? { reason: estimate.reason } : {}),
			...(source === 'table' ? { priceDate: edition.date } : {}),
		};
		return [{ json, pairedItem: { item: index } }];
	});
}

function readNumber(context: IExecuteFunctions, index: number, field: INodeProperties, range: Range): number {
	const value = numberWithin(context.getNodeParameter(field.name, index, null), range);
	if (value === undefined) throw itemError(context, index, refusedValue(field, range));
	return value;
}
