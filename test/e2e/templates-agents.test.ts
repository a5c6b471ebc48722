import { startSandbox, type Sandbox } from '../../sandbox';
import { PROVIDERS, type Execution, type N8nInstance, type Workflow } from '../../harness/n8n';
import { chatModelCredential, startChatModel, withChatModel, type ChatModel } from './chat-model';
import { mcpSession, type McpSession } from './mcp-client';
import { installedN8n } from './support';
import { TemplateHost, until } from './template-host';

/** Milliseconds for one execution that an agent waits for. */
const RUN_MS = 300_000;
const IMAGE_URL = 'https://example.com/a.png';
/** n8n answers links in messages only for browsers, because mail programs also open links to check them. */
const BROWSER = {
	'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
};

describe('the templates for agents in a real n8n', () => {
	let n8n: N8nInstance;
	let sandbox: Sandbox;
	let model: ChatModel;
	let templates: TemplateHost;

	beforeAll(async () => {
		sandbox = await startSandbox({ jobSeconds: 1 });
		model = await startChatModel();
		n8n = await installedN8n('templates-agents');
		await n8n.start();
		await n8n.importCredential(PROVIDERS.fal.sandboxCredential(sandbox));
		await n8n.importCredential(chatModelCredential(model));
		templates = new TemplateHost(n8n, sandbox);
	});

	afterAll(async () => {
		await n8n?.dispose();
		await sandbox?.close();
		await model?.close();
	});

	const jobsOf = (prompt: string) => sandbox.jobs.filter(({ input }) => input.prompt === prompt);

	// AI Agent 2 calls its tools itself. With AI Agent 3.1, n8n's engine runs them as nodes.
	describe.each([2, 3.1])('agent-with-luma-ray, AI Agent %s', (version) => {
		beforeAll(async () => {
			model.questions.length = 0;
			const { id } = await templates.import('agent-with-luma-ray', (workflow) =>
				withAgent(withChatModel(inPublic(workflow, 'webhook')), version),
			);
			await n8n.rest.activateWorkflow(id);
		});

		it('makes the video that a chat message asks for', async () => {
			const prompt = `Clouds drift by, ${version}`;
			const output = await chat({ image_url: IMAGE_URL, prompt });

			expect(output).toMatch(/"status":"succeeded"/);
			expect(output).toMatch(/"videoUrl":"http[^"]+\.mp4"/);
			expect(jobsOf(prompt)).toHaveLength(1);
			expect(jobsOf(prompt)[0].input).toMatchObject({
				image_url: IMAGE_URL,
				aspect_ratio: '16:9',
				duration: '5s',
			});
		});

		it('describes the tool and its arguments to the model', async () => {
			const [{ function: tool }] = model.questions[0].tools!;

			expect(tool.name).toBe('animate_image');
			expect(tool.description).toContain('costs money on every call');
			expect(Object.keys(tool.parameters.properties)).toEqual(['image_url', 'prompt', 'aspect_ratio']);
		});

		it('returns an error that says what went wrong', async () => {
			const output = await chat({ image_url: 'my cat', prompt: 'It yawns' });

			expect(output).toContain("'Image URL' is");
			expect(jobsOf('It yawns')).toEqual([]);
		});

		/** The agent's answer after it has called its tool. This model repeats the result of the tool. */
		async function chat(toolArguments: object): Promise<string> {
			model.toolArguments = toolArguments;
			const answer = await n8n.callWebhook('luma-ray-chat/chat', chatMessage());
			return ((await answer.json()) as { output: string }).output;
		}
	});

	describe('agent-with-approval', () => {
		beforeAll(async () => {
			const { id } = await templates.import('agent-with-approval', (workflow) =>
				withChatModel(inPublic(workflow, 'hostedChat')),
			);
			await n8n.rest.activateWorkflow(id);
		});

		it('shows the prompt and does not pay before a click on "Make the video"', async () => {
			const { id, question } = await ask('The wind turns the pages');

			expect(question.text).toContain('The wind turns the pages');
			expect(question.text).toContain(IMAGE_URL);
			expect(jobsOf('The wind turns the pages')).toEqual([]);

			await click(question, 'Make the video');
			expect(await answerOf(id)).toMatch(/"videoUrl":"http[^"]+\.mp4"/);
			expect(jobsOf('The wind turns the pages')).toHaveLength(1);
		});

		it('does not pay after a click on "No"', async () => {
			const { id, question } = await ask('Fire falls from the sky');

			await click(question, 'No');
			expect(await answerOf(id)).not.toContain('videoUrl');
			expect(jobsOf('Fire falls from the sky')).toEqual([]);
		});

		/** Sends a chat message and waits until the agent asks for approval. */
		async function ask(prompt: string): Promise<{ id: string; question: ChatQuestion }> {
			// The format in which n8n asks for the arguments of a tool that needs approval.
			model.toolArguments = { toolParameters: { image_url: IMAGE_URL, prompt }, hitlParameters: {} };
			const started = await n8n.callWebhook('luma-ray-approval/chat', chatMessage());
			const { executionId: id } = (await started.json()) as { executionId: string };
			const execution = await n8n.rest.waitForExecution(id, RUN_MS, ['waiting', 'error']);
			return { id, question: messageOf(execution, 'Approval') as ChatQuestion };
		}

		async function click({ buttons }: ChatQuestion, label: string): Promise<void> {
			const { link } = buttons.find(({ text }) => text === label)!;
			expect((await fetch(link, { headers: BROWSER })).status).toBe(200);
		}

		/** The agent's final answer. The execution then waits until the chat window fetches it. */
		async function answerOf(id: string): Promise<string> {
			await until(async () => messageOf(await n8n.rest.execution(id), 'Answer') !== undefined);
			return String(messageOf(await n8n.rest.execution(id), 'Answer'));
		}
	});

	describe('luma-ray-as-mcp-tool', () => {
		const token = 'a-token-for-tests';
		let client: McpSession;

		beforeAll(async () => {
			await n8n.importCredential({ id: 'mcpHarness', name: 'MCP', type: 'httpBearerAuth', data: { token } });
			const { id } = await templates.import('luma-ray-as-mcp-tool', withBearerToken);
			await n8n.rest.activateWorkflow(id);
			// n8n reports a workflow as active before it answers requests for it.
			const isThere = async () => (await fetch(`${n8n.url}/mcp/luma-ray`, { method: 'POST' })).status !== 404;
			await until(isThere);
			client = await mcpSession(`${n8n.url}/mcp/luma-ray`, token);
		});

		it('refuses a client without the token', async () => {
			await expect(mcpSession(`${n8n.url}/mcp/luma-ray`, 'another')).rejects.toThrow('403');
		});

		it('offers one tool that submits and one that gets the result, with their costs', async () => {
			const tools = await client.tools();

			expect(tools.map(({ name }) => name).sort()).toEqual(['get_video', 'order_video']);
			const order = tools.find(({ name }) => name === 'order_video')!;
			expect(order.description).toMatch(/Costs about \$0\.50/);
			expect(Object.keys(order.inputSchema.properties)).toEqual(['prompt', 'aspect_ratio']);
		});

		it('submits a video immediately and gets it when it is ready', async () => {
			const [ordered] = await client.call('order_video', {
				prompt: 'A kite over the dunes',
				aspect_ratio: '1:1',
			});
			expect(ordered).toMatchObject({ status: 'queued', requestId: expect.stringMatching(/\w/) });

			let got: Record<string, unknown> = {};
			await until(async () => {
				[got] = await client.call('get_video', { request_id: ordered.requestId });
				return got.status === 'succeeded';
			});
			expect(got).toMatchObject({ videoUrl: expect.stringMatching(/\.mp4$/) });
			expect(jobsOf('A kite over the dunes').map(({ input }) => input.aspect_ratio)).toEqual(['1:1']);
		});
	});
});

/** A chat message with buttons. */
interface ChatQuestion {
	text: string;
	buttons: Array<{ text: string; link: string }>;
}

/** The message that a chat node sent in its last run, if it has run. */
function messageOf(execution: Execution, node: string): unknown {
	const data = execution.runs[node]?.at(-1)?.data as
		| Record<string, Array<Array<{ sendMessage?: unknown }> | null>>
		| undefined;
	return Object.values(data ?? {})
		.flat(2)
		.find((item) => item?.sendMessage !== undefined)?.sendMessage;
}

function chatMessage(): object {
	return { action: 'sendMessage', sessionId: '1', chatInput: 'Animate the image' };
}

/** The same workflow with another version of the agent. */
function withAgent(workflow: Workflow, typeVersion: number): Workflow {
	const nodes = workflow.nodes.map((node) => (node.name === 'Agent' ? { ...node, typeVersion } : node));
	return { ...workflow, nodes };
}

/** The same workflow with a chat that is reachable from outside the editor. */
function inPublic(workflow: Workflow, mode: 'webhook' | 'hostedChat'): Workflow {
	const nodes = workflow.nodes.map((node) =>
		node.name === 'Chat' ? { ...node, parameters: { ...node.parameters, public: true, mode } } : node,
	);
	return { ...workflow, nodes };
}

/** The MCP template as a user completes it: with the token that its clients send. */
function withBearerToken(workflow: Workflow): Workflow {
	const nodes = workflow.nodes.map((node) =>
		node.name === 'luma_ray'
			? { ...node, credentials: { httpBearerAuth: { id: 'mcpHarness', name: 'MCP' } } }
			: node,
	);
	return { ...workflow, nodes };
}
