import {
	NodeConnectionTypes,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type IPollFunctions,
} from 'n8n-workflow';

import { credentials, providerNames } from './resources/providers';
import { triggerFields } from './resources/trigger/fields';
import { pollEnded } from './resources/trigger/poll';

export class LumaRayTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Luma Ray Trigger',
		name: 'lumaRayTrigger',
		icon: { light: 'file:lumaRay.svg', dark: 'file:lumaRay.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle:
			'={{ { succeeded: "Generation Succeeded", failed: "Generation Failed", ended: "Generation Ended" }[$parameter["event"]] }}',
		description: `Starts the workflow when a generation of Luma Ray 3.2 at ${providerNames} has ended`,
		defaults: { name: 'Luma Ray Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials,
		properties: triggerFields,
	};

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		return await pollEnded(this);
	}
}
