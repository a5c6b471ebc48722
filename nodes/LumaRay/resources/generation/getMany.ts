import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { patiently } from '../../providers/patience';
import { systemClock } from '../../transport/clock';
import { eachItem } from '../eachItem';
import { simplifyField } from '../fields';
import { simplifiedListed } from '../output';

const show = { resource: ['generation'], operation: ['getMany'] };

/** The most jobs that "Return All" reads, so that it ends for an account of any age. */
const MOST = 10_000;

export const getManyFields: INodeProperties[] = [
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		displayOptions: { show },
		description: 'Whether to return all results or only up to a given limit',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		displayOptions: { show: { ...show, returnAll: [false] } },
		description: 'Max number of results to return',
	},
	simplifyField(show),
];

/** Generation: Get Many. The account's newest jobs on this model, newest first, as the provider lists them. */
export async function getMany(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await eachItem(this, async (index, { provider }, signal) => {
		const limit = Number(this.getNodeParameter('limit', index, 50));
		const atMost = this.getNodeParameter('returnAll', index, false)
			? MOST
			: Math.max(1, Math.floor(limit) || 50);
		const patience = { clock: systemClock, signal };
		const listed = await patiently(async () => await provider.list('animate', atMost, signal), patience);
		if (!listed.ok) return { problem: listed.problem };
		const simplify = this.getNodeParameter('simplify', index, true);
		return listed.value.map((one) => ({
			json: simplify
				? simplifiedListed(provider, one)
				: { provider: provider.id, requestId: one.requestId, response: one.raw as IDataObject },
			pairedItem: { item: index },
		}));
	});
}
