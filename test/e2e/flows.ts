import {
	chain,
	forProvider,
	LUMA_RAY,
	lumaRayNode,
	outputItems,
	readExample,
	type Credential,
	type Execution,
	type OutputItem,
	type Provider,
	type Workflow,
	type WorkflowNode,
} from '../../harness/n8n';

/** Workflows that make one video per prompt: Start → Prompts → Split → Luma Ray → After. */

export interface Flow {
	/** The workflow's ID, at most 21 characters long. It is also the path of its webhook. */
	id: string;
	/**
	 * One item each. With "…, 5 s" at the end of a prompt, its job runs 5 seconds in a sandbox that uses
	 * `secondsOfPrompt`.
	 */
	prompts: string[];
	/** Parameters of the Luma Ray node that override the example's parameters. */
	parameters?: Record<string, unknown>;
	/** Settings of the Luma Ray node, such as onError. */
	settings?: Record<string, unknown>;
	/** The workflow's execution order, v1 by default. 'none': the setting is absent, as in old workflows. */
	executionOrder?: 'v0' | 'none';
	/** Starts by a production webhook, instead of manually in the editor. */
	webhook?: boolean;
}

export function flow(
	{ id, prompts, parameters, settings, executionOrder, webhook = false }: Flow,
	provider: Provider,
	credential: Credential,
): Workflow {
	const start = webhook
		? {
				...node('Start', 'n8n-nodes-base.webhook', 2),
				webhookId: id,
				parameters: { httpMethod: 'POST', path: id, responseMode: 'onReceived', options: {} },
			}
		: node('Start', 'n8n-nodes-base.manualTrigger', 1);
	const nodes = [
		start,
		{
			...node('Prompts', 'n8n-nodes-base.set', 3.4),
			parameters: { mode: 'raw', jsonOutput: JSON.stringify({ prompt: prompts }), options: {} },
		},
		{
			...node('Split', 'n8n-nodes-base.splitOut', 1),
			parameters: { fieldToSplitOut: 'prompt', options: {} },
		},
		{
			...node('Luma Ray', LUMA_RAY, 1),
			...settings,
			parameters: {
				...lumaRayNode(readExample('animate-one-image')).parameters,
				prompt: '={{ $json.prompt }}',
				downloadVideo: false,
				...parameters,
			},
		},
		node('After', 'n8n-nodes-base.noOp', 1),
	];
	const order = executionOrder === 'none' ? {} : { executionOrder: executionOrder ?? 'v1' };
	const workflow = { id, name: id, nodes, connections: chain(...nodes), settings: order };
	return forProvider(workflow, provider, credential);
}

/** How many seconds a job runs, as written in its prompt. For `startSandbox({ jobSeconds })`. */
export function secondsOfPrompt(_place: number, { prompt }: Record<string, unknown>): number {
	return Number(/([\d.]+) s$/.exec(String(prompt))?.[1] ?? 1);
}

/** The output of the Luma Ray node, as the next node received it. */
export function results(execution: Execution): OutputItem[] {
	return outputItems(execution, 'After');
}

/** The prompts of the items, or their errors. */
export function promptsOf(items: OutputItem[]): unknown[] {
	return items.map(({ json }) => (json.parameters as { prompt?: string } | undefined)?.prompt ?? json.error);
}

function node(name: string, type: string, typeVersion: number): WorkflowNode {
	return { id: name, name, type, typeVersion, position: [0, 0], parameters: {} };
}
