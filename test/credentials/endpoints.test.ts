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
])('The test of $credential.displayName', ({ credential, field, standard }) => {
	it.each([
		['with the standard addresses', {}, standard],
		['with an address that is not in use', { [field]: 'https://mine.example' }, standard],
		['with an address of its own', { customEndpoints: true, [field]: 'https://mine.example' }],
		['with blanks around it', { customEndpoints: true, [field]: ' https://mine.example ' }],
		['with an address left empty', { customEndpoints: true, [field]: '' }, standard],
		['with an address of blanks', { customEndpoints: true, [field]: '  ' }, standard],
		['with an address that was never filled in', { customEndpoints: true }, standard],
	])('asks where the node asks, %s', (_, data, expected = 'https://mine.example') => {
		expect(endpointsOf<{ [name: string]: string }>(data, { [field]: standard })[field]).toBe(expected);
		expect(testedAddress(credential, data)).toBe(expected);
	});
});

/** The address that n8n evaluates from the credential's expression. */
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
