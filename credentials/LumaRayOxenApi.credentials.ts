import type {
	Icon,
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';

export class LumaRayOxenApi implements ICredentialType {
	name = 'lumaRayOxenApi';

	displayName = 'Luma Ray Oxen API';

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
			description: 'Create a key in your profile at https://www.oxen.ai',
		},
		{
			displayName: 'Custom Endpoints',
			name: 'customEndpoints',
			type: 'boolean',
			default: false,
			description:
				"Whether to use another URL for Oxen.ai, such as that of your own gateway or this package's sandbox",
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://hub.oxen.ai',
			displayOptions: { show: { customEndpoints: [true] } },
			description: 'The URL for all calls to Oxen.ai',
		},
	];

	// A function, not an expression: after a Stop, n8n does not evaluate expressions, but cancels still need the key.
	// Spaces and line breaks in a pasted key are removed, since Oxen's keys never contain them.
	authenticate = async (
		{ apiKey }: ICredentialDataDecryptedObject,
		request: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => ({
		...request,
		headers: { ...request.headers, Authorization: `Bearer ${String(apiKey).replace(/\s+/g, '')}` },
	});

	// Reading the account's queue is free and needs a valid key (Oxen docs: async queue). The models do not need a key.
	test: ICredentialTestRequest = {
		request: {
			baseURL:
				'={{ ($credentials.customEndpoints && $credentials.baseUrl?.trim()) || "https://hub.oxen.ai" }}',
			url: '/api/ai/queue',
		},
	};
}
