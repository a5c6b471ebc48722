import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { patiently } from '../../providers/patience';
import { systemClock } from '../../transport/clock';
import { eachItem } from '../eachItem';
import { simplifyField } from '../fields';
import type { Operation } from '../operation';
import { simplifiedListed } from '../output';
import { filtersField, readFilters } from './filters';

/** The maximum number of jobs that "Return All" reads, so that it ends even for an account with a long history. */
const MOST = 10_000;

const fields: INodeProperties[] = [
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		displayOptions: { show: { returnAll: [false] } },
		description: 'Max number of results to return',
	},
	simplifyField,
	filtersField,
];

export const getMany: Operation = {
	value: 'getMany',
	name: 'Get Many',
	action: 'Get many generations',
	description: 'Get the newest generations of the account',
	fields,
	execute,
};

/** Generation: Get Many. The account's newest jobs on these models, newest first, from the provider's list. */
async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await eachItem(context, async (index, { provider }, signal) => {
		const limit = Number(context.getNodeParameter('limit', index, 50));
		const atMost = context.getNodeParameter('returnAll', index, false)
			? MOST
			: Math.max(1, Math.floor(limit) || 50);
		const { models, since, ...filter } = readFilters(context, index);
		const read = async () => await provider.list(models, atMost, signal, since, filter);
		const listed = await patiently(read, { clock: systemClock, signal });
		if (!listed.ok) return { problem: listed.problem };
		const simplify = context.getNodeParameter('simplify', index, true);
		return listed.value.map((one) => ({
			json: simplify
				? simplifiedListed(provider, one)
				: { provider: provider.id, requestId: one.requestId, response: one.raw as IDataObject },
			pairedItem: { item: index },
		}));
	});
}
