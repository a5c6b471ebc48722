import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
} from 'n8n-workflow';

import { builderHint } from './resources/agents';
import { answerCallback, callbackWebhooks } from './resources/callback';
import { searchGenerations } from './resources/generation/search';
import { hints, waitingNodeTooltip } from './resources/hints';
import { resourceFields, runOperation, subtitle } from './resources/operations';

export class LumaRay implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Luma Ray',
		name: 'lumaRay',
		icon: { light: 'file:lumaRay.svg', dark: 'file:lumaRay.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle,
		description: 'Make, edit and reframe video with Luma Ray 3.2 through fal.ai or Oxen.ai',
		defaults: { name: 'Luma Ray' },
		usableAsTool: true,
		builderHint,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		// `hide`, not `show`: if every choice of a field shows a credential, n8n's editor treats that field as the
		// choice of the authentication and hides it.
		credentials: [
			{ name: 'lumaRayFalApi', required: true, displayOptions: { hide: { provider: ['oxen'] } } },
			{ name: 'lumaRayOxenApi', required: true, displayOptions: { hide: { provider: ['fal'] } } },
		],
		webhooks: callbackWebhooks,
		waitingNodeTooltip,
		hints,
		properties: resourceFields,
	};

	methods = { listSearch: { searchGenerations } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await runOperation(this);
	}

	/** fal.ai calls this webhook when a job of a suspended execution has ended. */
	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await answerCallback(this);
	}
}
