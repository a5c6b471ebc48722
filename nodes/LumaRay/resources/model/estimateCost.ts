import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { newestEdition } from '../../models/catalogue';
import { checkParameters } from '../../models/check';
import { clipPrice } from '../../models/prices';
import { eachItem } from '../eachItem';
import { inputFields } from '../inputFields';
import { itemError } from '../itemError';
import { problemOfError } from '../messages';
import { wordInputRefusal } from '../messages/input';
import { inWords, numberWithin, type Range } from '../numbers';

const show = { resource: ['model'], operation: ['estimateCost'] };

export const estimateCostFields: INodeProperties[] = [
	...inputFields('animate', show, ['resolution', 'duration']),
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
		const entry = provider.catalogue.models.animate;
		const edition = newestEdition(entry);
		const raw = {
			resolution: this.getNodeParameter('resolution', index, null),
			duration: this.getNodeParameter('duration', index, null),
		};
		const checked = checkParameters(raw, entry, ['resolution', 'duration']);
		if (!checked.ok) return { problem: problemOfError(wordInputRefusal(checked.refusal)) };
		const { resolution, duration } = checked.value;
		const count = readNumber(this, index, 'count', 'Count', { least: 1, whole: true });
		const ownUsd = readNumber(this, index, 'clipPriceUsd', 'Clip Price (USD)', { least: 0 });
		const liveUsd = ownUsd > 0 ? undefined : await provider.livePrice('animate', checked.value, signal);
		const { usd, source } = clipPrice(edition, checked.value, { ownUsd, liveUsd });
		const json = {
			provider: provider.id,
			model: entry.endpoint,
			resolution,
			duration,
			count,
			clipUsd: usd,
			totalUsd: usd === null ? null : Math.round(usd * count * 1e6) / 1e6,
			source,
			...(source === 'table' ? { priceDate: edition.date } : {}),
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
