import type {
	Icon,
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';

export class LumaRayFalApi implements ICredentialType {
	name = 'lumaRayFalApi';

	displayName = 'Luma Ray Fal API';

	icon: Icon = { light: 'file:../nodes/LumaRay/lumaRay.svg', dark: 'file:../nodes/LumaRay/lumaRay.dark.svg' };

	documentationUrl = 'https://github.com/n8n-nodes-luma-ray/n8n-nodes-luma-ray#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			placeholder: 'e.g. 1a2b3c4d-…:9f8e7d6c…',
			description: 'Create a key at https://fal.ai/dashboard/keys; it has the form id:secret',
		},
		{
			displayName: 'Custom Endpoints',
			name: 'customEndpoints',
			type: 'boolean',
			default: false,
			description:
				"Whether to use other URLs for fal.ai, such as those of your own gateway or this package's sandbox",
		},
		{
			displayName: 'Queue URL',
			name: 'queueUrl',
			type: 'string',
			default: 'https://queue.fal.run',
			displayOptions: { show: { customEndpoints: [true] } },
			description: 'The URL for submitting generations and checking their status',
		},
		{
			displayName: 'Run URL',
			name: 'runUrl',
			type: 'string',
			default: 'https://fal.run',
			displayOptions: { show: { customEndpoints: [true] } },
			description: 'The URL for generations with Status Updates set to Direct',
		},
		{
			displayName: 'REST URL',
			name: 'restUrl',
			type: 'string',
			default: 'https://rest.fal.ai',
			displayOptions: { show: { customEndpoints: [true] } },
			description: 'The URL for uploading files and for reading the keys that verify webhooks',
		},
		{
			displayName: 'API URL',
			name: 'apiUrl',
			type: 'string',
			default: 'https://api.fal.ai',
			displayOptions: { show: { customEndpoints: [true] } },
			description: 'The URL for reading prices and model descriptions',
		},
	];

	// A function, not an expression: after a Stop, n8n does not evaluate expressions, but cancels still need the key.
	// Spaces and line breaks in a pasted key are removed, since fal's keys never contain them.
	authenticate = async (
		{ apiKey }: ICredentialDataDecryptedObject,
		request: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => ({
		...request,
		headers: { ...request.headers, Authorization: `Key ${String(apiKey).replace(/\s+/g, '')}` },
	});

	// Reading prices is free and needs a valid key (fal docs: platform API). The list of models does not need a key.
	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{ ($credentials.customEndpoints && $credentials.apiUrl?.trim()) || "https://api.fal.ai" }}',
			url: '/v1/models/pricing',
			qs: { endpoint_id: 'luma/agent/ray/v3.2/image-to-video' },
		},
	};
}
