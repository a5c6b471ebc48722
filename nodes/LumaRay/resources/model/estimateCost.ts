import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { checkPriced } from '../../ray/input';
import { clipPrice } from '../../ray/price';
import { eachItem } from '../eachItem';
import { durationField, resolutionField } from '../fields';
import { itemError } from '../itemError';
import { problemOfError } from '../messages';
import { inWords, numberWithin, type Range } from '../numbers';

const show = { resource: ['model'], operation: ['estimateCost'] };

export const estimateCostFields: INodeProperties[] = [
	resolutionField(show),
	durationField(show),
	{
		displayName: 'Count',
		name: 'count',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1,
		displayOptions: { show },
		description: 'How many clips',
	},
	{
		displayName: 'Clip Price (USD)',
		name: 'clipPriceUsd',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 4 },
		default: 0,
		displayOptions: { show },
		description: 'What one clip costs on your account',
		hint: '0 stands for the price of the provider',
	},
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
		const count = readNumber(this, index, 'count', 'Count', { least: 1, whole: true });
		const ownUsd = readNumber(this, index, 'clipPriceUsd', 'Clip Price (USD)', { least: 0 });
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

function readNumber(
	context: IExecuteFunctions,
	index: number,
	name: string,
	label: string,
	range: Range,
): number {
	const value = numberWithin(context.getNodeParameter(name, index, null), range);
	if (value !== undefined) return value;
	throw itemError(
		context,
		index,
		`'${label}' is not ${inWords(range)}`,
		'If an expression fills it, check what the expression yields.',
	);
}
