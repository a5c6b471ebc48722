import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { patiently } from '../../providers/patience';
import { newestEdition } from '../../models/catalogue';
import { differencesFrom } from '../../models/differences';
import { systemClock } from '../../transport/clock';
import { eachItem } from '../eachItem';
import { explainDifference } from '../messages/differences';

/** Model: Get. The model as the provider describes it now, and where that differs from what this node offers. */
export async function getModel(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await eachItem(this, async (index, { provider }, signal) => {
		const patience = { clock: systemClock, signal };
		const described = await patiently(async () => await provider.describe('animate', signal), patience);
		if (!described.ok) return { problem: described.problem };
		const { schema, raw } = described.value;
		const entry = provider.catalogue.models.animate;
		const json: IDataObject = {
			provider: provider.id,
			model: entry.endpoint,
			differences: differencesFrom(schema, newestEdition(entry)).map(
				explainDifference,
			) as unknown as IDataObject[],
			schema: schema as IDataObject,
			details: raw as IDataObject,
		};
		return [{ json, pairedItem: { item: index } }];
	});
}
