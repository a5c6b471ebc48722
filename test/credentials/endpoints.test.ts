import {
	Workflow,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type INode,
	type INodeTypes,
} from 'n8n-workflow';

import { LumaRayFalApi } from '../../credentials/LumaRayFalApi.credentials';
import { LumaRayOxenApi } from '../../credentials/LumaRayOxenApi.credentials';
import { FAL_ENDPOINTS } from '../../nodes/LumaRay/providers/fal/fal';
import { OXEN_ENDPOINTS } from '../../nodes/LumaRay/providers/oxen/oxen';
import { endpointsOf } from '../../nodes/LumaRay/resources/connect';

describe.each([
	{ credential: new LumaRayFalApi(), field: 'apiUrl', standard: FAL_ENDPOINTS.apiUrl },
	{ credential: new LumaRayOxenApi(), field: 'baseUrl', standard: OXEN_ENDPOINTS.baseUrl },
])('the credential test of $credential.displayName', ({ credential, field, standard }) => {
	it.each([
		['with the standard addresses', {}, standard],
		['with a custom address that is switched off', { [field]: 'https://mine.example' }, standard],
		['with a custom address', { customEndpoints: true, [field]: 'https://mine.example' }],
		['with spaces around a custom address', { customEndpoints: true, [field]: ' https://mine.example ' }],
		['with an empty custom address', { customEndpoints: true, [field]: '' }, standard],
		['with a custom address of only spaces', { customEndpoints: true, [field]: '  ' }, standard],
		['with custom endpoints but no address', { customEndpoints: true }, standard],
	])('uses the same address as the node, %s', (_, data, expected = 'https://mine.example') => {
		expect(endpointsOf<{ [name: string]: string }>(data, { [field]: standard })[field]).toBe(expected);
		expect(testedAddress(credential, data)).toBe(expected);
	});
});

/** The result of the credential's address expression in n8n. */
function testedAddress({ test }: ICredentialType, data: ICredentialDataDecryptedObject): unknown {
	const node: INode = {
		id: '1',
		name: 'Test',
		type: 'test',
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
	};
	const nodeTypes = { getByNameAndVersion: () => undefined } as unknown as INodeTypes;
	const workflow = new Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
	return workflow.expression.getSimpleParameterValue(node, test!.request.baseURL!, 'internal', {
		$credentials: data,
	});
}
