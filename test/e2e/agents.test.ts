import { setTimeout as sleep } from 'node:timers/promises';

import { startSandbox, type Sandbox } from '../../sandbox';
import { OUTPUT_SCHEMAS } from '../../scripts/lib/output-schemas';
import {
	forProvider,
	LUMA_RAY,
	PROVIDERS,
	readExample,
	type N8nInstance,
	type Workflow,
} from '../../harness/n8n';
import { startChatModel, type ChatModel } from './chat-model';
import { installedN8n } from './support';

/** What models and the editor read about the package in a real n8n, and how n8n's agents use the unchanged node. */

describe('a real n8n with the package', () => {
	let n8n: N8nInstance;
	let sandbox: Sandbox;
	let model: ChatModel;

	beforeAll(async () => {
		sandbox = await startSandbox({ jobSeconds: 1 });
		model = await startChatModel();
		n8n = await installedN8n('agents');
		await n8n.start();
		await n8n.importCredential(PROVIDERS.fal.sandboxCredential(sandbox));
		await n8n.importCredential({
			id: 'chatModelHarness',
			name: 'Chat model',
			type: 'openAiApi',
			data: { apiKey: 'none', url: model.url },
		});
	});

	afterAll(async () => {
		await n8n?.dispose();
		await model?.close();
		await sandbox?.close();
	});

	it.each(
		Object.entries(OUTPUT_SCHEMAS).flatMap(([resource, all]) =>
			Object.keys(all).map((one) => [resource, one]),
		),
	)('serves the output schema of %s: %s', async (resource, operation) => {
		const served = await n8n.rest.fetch(`/schemas/${LUMA_RAY}/1.0.0/${resource}/${operation}.json`);
		expect(await served.json()).toEqual(OUTPUT_SCHEMAS[resource][operation]);
	});

	it("serves the hint for n8n's AI workflow builder", async () => {
		const node = (await n8n.rest.nodeTypes()).find(({ name }) => name === LUMA_RAY)!;
		expect(node.builderHint).toMatchObject({ searchHint: expect.stringContaining('costs money') });
	});

	// AI Agent 2 calls its tools itself. With AI Agent 3.1, n8n's engine runs them as nodes.
	describe.each([2, 3.1])('AI Agent %s with an unchanged tool', (version) => {
		let output: string;

		beforeAll(async () => {
			const workflow = agentWorkflow(version);
			await n8n.importWorkflow(
				forProvider(workflow, PROVIDERS.fal, PROVIDERS.fal.sandboxCredential(sandbox)),
			);
			await n8n.rest.activateWorkflow(workflow.id);
			model.questions.length = 0;
			model.toolArguments = { image_url: 'https://example.com/a.png', prompt: `It moves, ${version}` };
			const path = `luma-ray-agent-${version}/chat`;
			const message = { action: 'sendMessage', sessionId: '1', chatInput: 'Animate the image' };
			// n8n reports a workflow as active before its webhooks are registered.
			let answer = await n8n.callWebhook(path, message);
			for (; answer.status === 404; answer = await n8n.callWebhook(path, message)) await sleep(300);
			output = ((await answer.json()) as { output: string }).output;
		});

		it('learns the price of a call and how long it takes', () => {
			const [{ function: tool }] = model.questions[0].tools!;
			expect(tool.description).toMatch(/Every call costs money: .* Takes 1 to 15 minutes\./);
		});

		it('waits for the video even if an expression sets Wait Mode to Suspend', () => {
			expect(output).toMatch(/"videoUrl":"http[^"]+\.mp4"/);
			expect(sandbox.jobs.filter(({ input }) => input.prompt === `It moves, ${version}`)).toHaveLength(1);
		});
	});
});

/** The agent template with a chat model, and with a tool that has only its default description. */
function agentWorkflow(version: number): Workflow {
	const template = JSON.parse(JSON.stringify(readExample('agent-with-luma-ray'))) as Workflow;
	const nodes = template.nodes.map((node) => {
		if (node.name === 'Agent') return { ...node, typeVersion: version };
		if (node.name === 'Chat') {
			const parameters = { public: true, mode: 'webhook', options: {} };
			return { ...node, parameters, webhookId: `luma-ray-agent-${version}` };
		}
		if (!node.type.endsWith('lumaRayTool')) return node;
		const parameters: Workflow['nodes'][number]['parameters'] = { ...node.parameters };
		delete parameters.descriptionType;
		delete parameters.toolDescription;
		return { ...node, parameters: { ...parameters, waitMode: "={{ 'suspend' }}" } };
	});
	const chatModel = {
		id: 'model',
		name: 'Model',
		type: '@n8n/n8n-nodes-langchain.lmChatOpenAi',
		typeVersion: 1.2,
		position: [260, 220] as [number, number],
		parameters: { model: { mode: 'id', value: 'test' }, options: {} },
		credentials: { openAiApi: { id: 'chatModelHarness', name: 'Chat model' } },
	};
	const connections = {
		...template.connections,
		Model: { ai_languageModel: [[{ node: 'Agent', type: 'ai_languageModel', index: 0 }]] },
	} as unknown as Workflow['connections'];
	const id = `lumaRayAgent${String(version).replace('.', '')}`;
	return { ...template, id, nodes: [...nodes, chatModel] as Workflow['nodes'], connections };
}
