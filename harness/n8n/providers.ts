import type { Sandbox } from '../../sandbox';
import type { Credential, Workflow, WorkflowNode } from './workflows';

/**
 * The node's type under the name that n8n gives it: package name, then node name. As a tool of an AI agent, the name
 * has the suffix `Tool`.
 */
export const LUMA_RAY = 'n8n-nodes-luma-ray.lumaRay';

/** How to reach one provider of the node, either the real one or the sandbox. */
export interface Provider {
	/** The node's `provider` parameter. */
	id: string;
	/** The environment variable that holds a real key. */
	keyVariable: string;
	realCredential(key: string): Credential;
	sandboxCredential(sandbox: Sandbox): Credential;
}

const fal: Provider = {
	id: 'fal',
	keyVariable: 'FAL_KEY',
	realCredential: (key) => falCredential('fal.ai', { apiKey: key, customEndpoints: false }),
	sandboxCredential: ({ fal: { key, queueUrl, runUrl, restUrl, apiUrl } }) =>
		falCredential('fal.ai sandbox', {
			apiKey: key,
			customEndpoints: true,
			queueUrl,
			runUrl,
			restUrl,
			apiUrl,
		}),
};

const oxen: Provider = {
	id: 'oxen',
	keyVariable: 'OXEN_API_KEY',
	realCredential: (key) => oxenCredential('Oxen.ai', { apiKey: key, customEndpoints: false }),
	sandboxCredential: ({ oxen: { key, baseUrl } }) =>
		oxenCredential('Oxen.ai sandbox', { apiKey: key, customEndpoints: true, baseUrl }),
};

/** Every provider that can be set up, by the value of the node's `provider` parameter. */
export const PROVIDERS: Readonly<Record<string, Provider>> = { fal, oxen };

/**
 * Points every Luma Ray node to a provider. The examples have no credentials, because the ID of a credential differs
 * in every n8n.
 * @returns a copy; the given workflow is not changed
 */
export function forProvider(workflow: Workflow, provider: Provider, credential: Credential): Workflow {
	const { id, name, type } = credential;
	const nodes = workflow.nodes.map((node) =>
		node.type.startsWith(LUMA_RAY)
			? {
					...node,
					parameters: { ...node.parameters, provider: provider.id },
					credentials: { [type]: { id, name } },
				}
			: node,
	);
	return { ...workflow, nodes };
}

/** The workflow's first Luma Ray node. */
export function lumaRayNode(workflow: Workflow): WorkflowNode {
	const node = workflow.nodes.find(({ type }) => type === LUMA_RAY);
	if (!node) throw new Error(`'${workflow.name}' has no Luma Ray node`);
	return node;
}

function falCredential(name: string, data: Credential['data']): Credential {
	return { id: 'lumaRayFalHarness', name, type: 'lumaRayFalApi', data };
}

function oxenCredential(name: string, data: Credential['data']): Credential {
	return { id: 'lumaRayOxenHarness', name, type: 'lumaRayOxenApi', data };
}
