import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { patiently } from '../../providers/patience';
import { differencesFrom, nearestEdition } from '../../models/differences';
import { systemClock } from '../../transport/clock';
import { eachItem } from '../eachItem';
import { explainDifference } from '../messages/differences';
import type { Operation } from '../operation';
import { modelOperationField, readModel } from './modelOperation';

export const getModel: Operation = {
	value: 'get',
	name: 'Get',
	action: 'Get model description',
	description: "Get the provider's current description of the model and what changed in it",
	fields: [modelOperationField],
	execute,
};

/** Model: Get. The model as the provider describes it now, and where that differs from what this node offers. */
async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await eachItem(context, async (index, { provider }, signal) => {
		const model = readModel(context, index);
		const patience = { clock: systemClock, signal };
		const described = await patiently(async () => await provider.describe(model, signal), patience);
		if (!described.ok) return { problem: described.problem };
		const { schema, raw } = described.value;
		const entry = provider.catalogue.models[model];
		const json: IDataObject = {
			provider: provider.id,
			model: entry.endpoint,
			differences: differencesFrom(schema, nearestEdition(schema, entry)).map(
				explainDifference,
			) as unknown as IDataObject[],
			schema: schema as IDataObject,
			details: raw as IDataObject,
		};
		return [{ json, pairedItem: { item: index } }];
	});
}
