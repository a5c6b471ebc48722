import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { patiently } from '../../providers/patience';
import { differencesFrom } from '../../ray/differences';
import { systemClock } from '../../transport/clock';
import { eachItem } from '../eachItem';

/** Model: Get. The model as the provider describes it now, and where that differs from what this node offers. */
export async function getModel(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await eachItem(this, async (index, { provider }, signal) => {
		const patience = { clock: systemClock, signal };
		const described = await patiently(async () => await provider.describe(signal), patience);
		if (!described.ok) return { problem: described.problem };
		const { schema, raw } = described.value;
		const { table, inputNames } = provider;
		const json: IDataObject = {
			provider: provider.id,
			model: table.model,
			differences: differencesFrom(schema, inputNames, table) as unknown as IDataObject[],
			schema: schema as IDataObject,
			details: raw as IDataObject,
		};
		return [{ json, pairedItem: { item: index } }];
	});
}
