import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { checkPriced } from '../../ray/input';
import { clipPrice } from '../../ray/price';
import { eachItem } from '../eachItem';
import { durationField, resolutionField } from '../fields';
import { itemError } from '../itemError';
import { problemOfError } from '../messages';
import { refusedValue } from '../messages/parameters';
import { numberWithin, type Range } from '../numbers';
import { OPTION_FIELDS } from '../optionFields';

const show = { resource: ['model'], operation: ['estimateCost'] };

const countField: INodeProperties = {
	displayName: 'Count',
	name: 'count',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 1,
	displayOptions: { show },
	description: 'How many clips',
};
const clipPriceField: INodeProperties = {
	...OPTION_FIELDS.clipPriceUsd,
	displayOptions: { show },
	description: 'What one clip costs on your account',
	hint: '0 stands for the price of the provider',
};
export const estimateCostFields: INodeProperties[] = [
	resolutionField(show),
	durationField(show),
	countField,
	clipPriceField,
];

/** Model: Estimate Cost. By the person's own price, else the provider's live one, else the price list. */
export async function estimateCost(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await eachItem(this, async (index, { provider }, signal) => {
		const { table } = provider;
		const checked = checkPriced(
			{
				resolution: this.getNodeParameter('resolution', index, null),
				duration: this.getNodeParameter('duration', index, null),
			},
			table,
		);
		if (!checked.ok) return { problem: problemOfError(checked.violation) };
		const { resolution, duration } = checked.value;
		const count = readNumber(this, index, countField, { least: 1, whole: true });
		const ownUsd = readNumber(this, index, clipPriceField, { least: 0 });
		const liveUsd = ownUsd > 0 ? undefined : await provider.livePrice(resolution, duration, signal);
		const { usd, source } = clipPrice(table, resolution, duration, { ownUsd, liveUsd });
		const json = {
			provider: provider.id,
			model: table.model,
			resolution,
			duration,
			count,
			clipUsd: usd,
			totalUsd: Math.round(usd * count * 1e6) / 1e6,
			source,
			...(source === 'table' ? { priceDate: table.pricesFrom.date } : {}),
		};
		return [{ json, pairedItem: { item: index } }];
	});
}

function readNumber(context: IExecuteFunctions, index: number, field: INodeProperties, range: Range): number {
	const value = numberWithin(context.getNodeParameter(field.name, index, null), range);
	if (value === undefined) throw itemError(context, index, refusedValue(field, range));
	return value;
}
