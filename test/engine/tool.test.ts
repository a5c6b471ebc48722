import {
	ANIMATE,
	additionalDataFor,
	sandboxCredentials,
	type Credentials,
} from '../../harness/engine/engine';

import { WorkflowExecute } from 'n8n-core';
import {
	createRunExecutionData,
	NodeConnectionTypes,
	NodeHelpers,
	Workflow,
	type IDataObject,
	type INode,
	type INodeType,
	type IRun,
} from 'n8n-workflow';

import { LumaRay } from '../../nodes/LumaRay/LumaRay.node';
import { startSandbox, type Sandbox } from '../../sandbox';
import { LumaRayTool } from '../host/agent';
import { nodeType } from '../host/workflow';

/** The node as n8n passes it to an AI agent, through the engine's own code for tools. */

/** The part of LangChain's tool interface that agents use. */
interface Tool {
	name: string;
	description: string;
	schema: { shape: { [argument: string]: { description?: string } } };
	invoke(args: IDataObject): Promise<string>;
}

/** Gets the tool like n8n's agents do, and uses it as the test defines. */
const agentOf = (name: string, use: (tool: Tool) => Promise<unknown>): INodeType =>
	nodeType(
		{ name, inputs: [NodeConnectionTypes.Main, { type: NodeConnectionTypes.AiTool }] },
		async function (this) {
			const [tool] = (await this.getInputConnectionData(NodeConnectionTypes.AiTool, 0)) as Tool[];
			await use(tool);
			return [[]];
		},
	);

let sandbox: Sandbox;
let credentials: Credentials;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 0.1, queueSeconds: 0 });
	credentials = sandboxCredentials(sandbox);
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

const submits = () => sandbox.requests.filter(({ endpoint }) => endpoint === 'submit');

/** Parameters that users often let the model fill in, with a default for the ratio. */
const FROM_AI: IDataObject = {
	imageUrl: "={{ $fromAI('image_url', 'Address of the image', 'string') }}",
	prompt: "={{ $fromAI('prompt', 'What happens in the video', 'string') }}",
	aspectRatio: "={{ $fromAI('aspect_ratio', 'Shape of the video', 'string', '9:16') }}",
};
const WISH = { image_url: 'https://images.example.com/tiger.png', prompt: 'It walks', aspect_ratio: '9:16' };

/** The name of the MCP Server Trigger's node type in n8n. */
const MCP_TRIGGER = '@n8n/n8n-nodes-langchain.mcpTrigger';

/** Lets an agent, or an MCP client, use the node with these parameters. */
async function agentRun(
	parameters: IDataObject,
	use: (tool: Tool) => Promise<unknown>,
	{ agentType = 'agent', options = {} }: { agentType?: string; options?: IDataObject } = {},
): Promise<IRun> {
	const types: { [type: string]: INodeType } = {
		[agentType]: agentOf(agentType, use),
		lumaRayTool: new LumaRayTool(),
	};
	const place = { typeVersion: 1, position: [0, 0] as [number, number] };
	const workflow = new Workflow({
		id: 'workflow',
		nodes: [
			{ ...place, id: '1', name: 'Agent', type: agentType, parameters: {} },
			{
				...place,
				id: '2',
				name: 'Luma Ray',
				type: 'lumaRayTool',
				parameters: {
					...ANIMATE,
					descriptionType: 'auto',
					...FROM_AI,
					...parameters,
					...(Object.keys(options).length > 0 && { options }),
				} as INode['parameters'],
				credentials: { lumaRayFalApi: { id: '1', name: 'fal' } },
			},
		],
		connections: { 'Luma Ray': { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] } },
		active: false,
		nodeTypes: {
			getByName: (type: string) => types[type],
			getByNameAndVersion: (type: string, version?: number) =>
				NodeHelpers.getVersionedNodeType(types[type], version),
			getKnownTypes: () => ({}),
		},
		settings: { executionOrder: 'v1' },
	});
	const data = createRunExecutionData({
		executionData: {
			nodeExecutionStack: [
				{ node: workflow.getNode('Agent')!, data: { main: [[{ json: {} }]] }, source: null },
			],
		},
	});
	return await new WorkflowExecute(additionalDataFor(credentials), 'manual', data).processRunExecutionData(
		workflow,
	);
}

/** The answer or the error that the agent receives. */
async function answerTo(wish: IDataObject, parameters: IDataObject = {}): Promise<string> {
	let answer = '';
	const run = await agentRun(parameters, async (tool) => (answer = await tool.invoke(wish)));
	return answer || run.data.resultData.error!.message;
}

test('describes the tool and its arguments to the model', async () => {
	let seen: Tool | undefined;
	await agentRun({}, async (tool) => (seen = tool));

	expect(seen!.description).toMatch(/^Make a video .* Every call costs money: .* Takes 1 to 15 minutes\./);
	const told = Object.entries(seen!.schema.shape).map(([name, { description }]) => [name, description]);
	expect(told).toEqual([
		['image_url', 'Address of the image'],
		['prompt', 'What happens in the video'],
		['aspect_ratio', 'Shape of the video'],
	]);
});

test('makes the video that the model asks for and returns a short JSON answer', async () => {
	const answer = await answerTo({ ...WISH, aspect_ratio: '1:1' });

	expect(JSON.parse(answer)).toEqual([
		expect.objectContaining({ status: 'succeeded', videoUrl: expect.stringMatching(/\.mp4$/) }),
	]);
	expect(answer.length).toBeLessThan(1_500);
	expect(sandbox.jobs.map(({ input }) => input)).toEqual([
		expect.objectContaining({ prompt: 'It walks', image_url: WISH.image_url, aspect_ratio: '1:1' }),
	]);
});

test('uses the default value for an argument that the model leaves out', async () => {
	await answerTo({ image_url: WISH.image_url, prompt: WISH.prompt });

	expect(sandbox.jobs[0].input).toMatchObject({ aspect_ratio: '9:16' });
});

test('Get uses the request ID from the model', async () => {
	await answerTo(WISH, { waitMode: 'submit' });
	const [{ id }] = sandbox.jobs;
	const value = "={{ $fromAI('request_id', 'Request ID of the generation', 'string') }}";
	const get = { resource: 'generation', operation: 'get', requestId: { __rl: true, mode: 'id', value } };
	const answer = await answerTo({ request_id: id }, get);

	expect(JSON.parse(answer)).toEqual([expect.objectContaining({ requestId: id, provider: 'fal' })]);
});

test('ignores settings that are useless for an agent: Suspend, Download Video and Simplify', async () => {
	let answer = '';
	const run = await agentRun(
		{ waitMode: 'suspend', downloadVideo: true, simplify: false },
		async (tool) => (answer = await tool.invoke(WISH)),
	);

	expect(run.waitTill).toBeUndefined();
	expect(JSON.parse(answer)).toEqual([
		expect.objectContaining({ status: 'succeeded', cost: expect.anything() }),
	]);
	expect(sandbox.requests.some(({ endpoint }) => endpoint === 'video')).toBe(false);
});

test('checks the budget regardless of the model’s arguments', async () => {
	const answer = await answerTo(WISH, { resolution: '1080p', options: { maxCostUsd: 1 } });

	expect(answer).toContain("would cost $2 at fal.ai, more than 'Maximum Cost (USD)' of $1");
	expect(submits()).toEqual([]);
});

test('returns an error that names the invalid argument', async () => {
	const answer = await answerTo({ ...WISH, aspect_ratio: 'wide' });

	expect(answer).toContain("'Aspect Ratio'");
	expect(answer).toContain('16:9');
	expect(submits()).toEqual([]);
});

/** One call by an MCP client. Each call is a separate execution. */
async function mcpCall(wish: IDataObject, parameters: IDataObject = {}): Promise<Array<IDataObject>> {
	let answer = '';
	const use = async (tool: Tool) => (answer = await tool.invoke(wish));
	await agentRun(parameters, use, { agentType: MCP_TRIGGER });
	return JSON.parse(answer) as Array<IDataObject>;
}

describe('an MCP client that times out after a minute and calls again', () => {
	const nextWish = (prompt: string) => ({ ...WISH, prompt });

	test('gets the video of its first call and pays once', async () => {
		const [first] = await mcpCall(nextWish('A repeated call'));
		const [second] = await mcpCall(nextWish('A repeated call'));

		expect(second).toMatchObject({ status: 'succeeded', requestId: first.requestId });
		expect(submits()).toHaveLength(1);
	});

	test('shares the job of its first call while that call is still waiting', async () => {
		const [first, second] = await Promise.all([
			mcpCall(nextWish('A call at once')),
			mcpCall(nextWish('A call at once')),
		]);

		expect(second[0].requestId).toBe(first[0].requestId);
		expect(submits()).toHaveLength(1);
	});

	test('gets the same request ID again with Submit Only', async () => {
		const [first] = await mcpCall(nextWish('An order'), { waitMode: 'submit' });
		const [second] = await mcpCall(nextWish('An order'), { waitMode: 'submit' });

		expect(first).toMatchObject({ status: 'queued', requestId: expect.any(String) });
		expect(second.requestId).toBe(first.requestId);
		expect(submits()).toHaveLength(1);
	});

	test('finds the job of its first call in the provider’s list after a restart of n8n', async () => {
		const { queueUrl, key } = sandbox.fal;
		const input = {
			prompt: 'Before the restart',
			image_url: WISH.image_url,
			aspect_ratio: '9:16',
			resolution: '540p',
			duration: '5s',
			loop: false,
		};
		await fetch(`${queueUrl}/luma/agent/ray/v3.2/image-to-video`, {
			method: 'POST',
			headers: { authorization: `Key ${key}`, 'content-type': 'application/json' },
			body: JSON.stringify(input),
		});
		const [answer] = await mcpCall(nextWish('Before the restart'));

		expect(answer.requestId).toBe(sandbox.jobs[0].id);
		expect(sandbox.jobs).toHaveLength(1);
	});

	test('gets a new video if the first one failed, or if it asks for a different one', async () => {
		sandbox.faults.add({ endpoint: 'submit', nth: 1, fault: { kind: 'jobFails', message: 'No such tiger' } });
		const [failed] = await mcpCall(nextWish('A tiger'));
		const [again] = await mcpCall(nextWish('A tiger'));
		const [other] = await mcpCall(nextWish('A lion'));

		expect(failed).toMatchObject({ error: expect.stringContaining('tiger') });
		expect([again.status, other.status]).toEqual(['succeeded', 'succeeded']);
		expect(submits()).toHaveLength(3);
	});
});

test('applies the budget to all calls of one execution', async () => {
	const answers: string[] = [];
	await agentRun(
		{},
		async (tool) => {
			for (const prompt of ['One', 'Two', 'Three']) answers.push(await tool.invoke({ ...WISH, prompt }));
		},
		{ options: { maxCostUsd: 1 } },
	);

	expect(submits()).toHaveLength(2);
	expect(answers[2]).toContain('after $1 for earlier calls of this execution');
});

test('describes every operation in a few words, for a model that reads only those', () => {
	const { properties } = new LumaRay().description;
	const actions = properties
		.filter(({ name }) => name === 'operation')
		.flatMap(({ options }) => options!.map((option) => (option as { action: string }).action));

	expect(actions).toHaveLength(10);
	for (const action of actions) expect(action).toMatch(/^[A-Z][a-z ]+(image|video|generation|model)/);
});
