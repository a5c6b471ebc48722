import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSandbox, type Sandbox } from '../../sandbox';
import { probeVideo } from '../../harness/video';
import { startChatModel, type ChatModel } from './chat-model';
import {
	exampleNames,
	forProvider,
	mustSucceed,
	outputItems,
	PROVIDERS,
	readExample,
	type Execution,
	type N8nInstance,
	type Workflow,
} from '../../harness/n8n';
import { installedN8n } from './support';

const RUN_TIMEOUT_MS = 400_000;
/** fal's answer to a prompt that its content policy refuses. */
const CONTENT_POLICY = {
	detail: [{ loc: ['body', 'prompt'], msg: 'Refused', type: 'content_policy_violation' }],
};
const STICKY_NOTE = 'n8n-nodes-base.stickyNote';
const names = exampleNames();

describe('A template', () => {
	it.each(names)('%s explains itself and names no credential', (name) => {
		const { nodes, connections } = readExample(name);

		const notes = nodes.filter(({ type }) => type === STICKY_NOTE);
		expect(notes.length).toBeGreaterThanOrEqual(2);
		expect(notes[0].parameters.content).toMatch(/credential/);
		expect(nodes.filter(({ credentials }) => credentials)).toEqual([]);
		const connected = JSON.stringify(connections);
		for (const node of nodes) if (!notes.includes(node)) expect(connected).toContain(`"${node.name}"`);
	});
});

describe('The templates in a real n8n', () => {
	let n8n: N8nInstance;
	let sandbox: Sandbox;
	let files: string;
	/** Parked for a minute or more, so it runs beside all others. */
	let scheduled: Promise<Execution>;

	beforeAll(async () => {
		sandbox = await startSandbox({ jobSeconds: 1 });
		files = mkdtempSync(join(tmpdir(), 'luma-ray-files-'));
		n8n = await installedN8n('templates', { env: { N8N_RESTRICT_FILE_ACCESS_TO: files } });
		await n8n.start();
		await n8n.importCredential(PROVIDERS.fal.sandboxCredential(sandbox));
		// The first product of the list.
		sandbox.faults.add({
			endpoint: 'submit',
			match: ({ body }) => (body as { prompt?: string }).prompt?.includes('steam rises') ?? false,
			fault: { kind: 'jobFails', status: 422, message: 'Refused', body: CONTENT_POLICY },
		});
		await imported('scheduled-product-videos');
		scheduled = run('scheduled-product-videos', 'Every Monday');
		// Awaited by its test only.
		scheduled.catch(() => undefined);
	});

	afterAll(async () => {
		await n8n?.dispose();
		await sandbox?.close();
		rmSync(files, { recursive: true, force: true });
	});

	it('animate-one-image makes a video', async () => {
		await imported('animate-one-image');

		const [item] = outputItems(mustSucceed(await run('animate-one-image', 'Start')), 'Luma Ray');

		expect(await probeVideo(await n8n.rest.download(item.binary!.data))).toMatchObject({ seconds: 5 });
	});

	it('form-to-video shows the video of an uploaded image', async () => {
		const { id } = await imported('form-to-video');
		await n8n.rest.activateWorkflow(id);

		const page = await submitForm('image-to-video', {
			'field-0': new File([Buffer.from('not looked into')], 'tiger.png', { type: 'image/png' }),
			'field-1': 'The tiger walks',
			'field-2': '9:16',
		});

		const { input } = sandbox.jobs.find(({ input: { prompt } }) => prompt === 'The tiger walks')!;
		expect(input).toMatchObject({ aspect_ratio: '9:16' });
		expect(await (await fetch(input.image_url as string)).text()).toBe('not looked into');
		expect(page).toMatch(/<video[^>]* src="http:[^"]+\.mp4"/);
	});

	it('batch-with-report reports what failed and collects the rest', async () => {
		sandbox.faults.add({
			endpoint: 'submit',
			// By its image: the submits of all items, and of the workflow that runs beside, arrive in any order.
			match: ({ body }) => JSON.stringify(body).includes('there-is-no-such-image'),
			fault: { kind: 'jobFails', message: 'No image there' },
		});
		await imported('batch-with-report');

		const execution = mustSucceed(await run('batch-with-report', 'Start'));

		expect(outputItems(execution, 'Videos').map(({ json }) => json)).toEqual([
			{ imageUrl: expect.stringContaining('example_inputs'), videoUrl: expect.stringMatching(/\.mp4$/) },
		]);
		expect(outputItems(execution, 'Report').map(({ json }) => json)).toEqual([
			{
				imageUrl: 'https://example.com/there-is-no-such-image.png',
				whatWentWrong: expect.stringContaining('No image there'),
				whatToDo: expect.any(String),
				requestId: expect.stringMatching(/\w/),
			},
			{
				imageUrl: 'not an address',
				whatWentWrong: expect.stringContaining("'Image URL'"),
				whatToDo: expect.any(String),
				requestId: '',
			},
		]);
		expect(outputItems(execution, 'Report File')[0].binary!.data.fileName).toBe('bad-items.csv');
	});

	it('collect-later brings the video that submit-now ordered', async () => {
		await imported('submit-now');
		await imported('collect-later');

		const [noted] = outputItems(mustSucceed(await run('submit-now', 'Start')), 'Note the Job');
		expect(noted.json).toMatchObject({ requestId: expect.any(String), status: 'queued' });
		await ended(noted.json.requestId);
		const collected = mustSucceed(await run('collect-later', 'Every 5 Minutes'));

		expect(outputItems(collected, 'Note How It Stands').map(({ json }) => json)).toEqual([
			expect.objectContaining({
				requestId: noted.json.requestId,
				status: 'succeeded',
				videoUrl: expect.stringMatching(/\.mp4$/),
			}),
		]);
		expect(outputItems(collected, 'Look at the Job')[0].binary!.data.mimeType).toBe('video/mp4');
		// Nothing is open any more.
		const idle = mustSucceed(await run('collect-later', 'Every 5 Minutes'));
		expect(outputItems(idle, 'Open Jobs')).toEqual([]);
	});

	it('collect-later collects the others where the provider does not know a job, and gives that one up', async () => {
		const order = async () =>
			outputItems(mustSucceed(await run('submit-now', 'Start')), 'Note the Job')[0].json.requestId as string;
		const [lost, found] = [await order(), await order()];
		sandbox.faults.add({
			endpoint: 'status',
			match: ({ url }) => url.includes(lost),
			fault: { kind: 'notFound' },
		});
		await ended(lost, found);
		const noted = mustSucceed(await run('collect-later', 'Every 5 Minutes'));

		expect(outputItems(noted, 'Note How It Stands').map(({ json }) => json)).toEqual([
			expect.objectContaining({ requestId: found, status: 'succeeded' }),
		]);
		expect(outputItems(noted, 'Note What Went Wrong').map(({ json }) => json)).toEqual([
			expect.objectContaining({
				requestId: lost,
				status: 'queued',
				problem: expect.stringMatching(/\w/),
			}),
		]);

		await imported('collect-later', withoutPatience);
		const later = mustSucceed(await run('collect-later', 'Every 5 Minutes'));
		expect(outputItems(later, 'Note What Went Wrong').map(({ json }) => json)).toEqual([
			expect.objectContaining({ requestId: lost, status: 'given up' }),
		]);
		const idle = mustSucceed(await run('collect-later', 'Every 5 Minutes'));
		expect(outputItems(idle, 'Open Jobs')).toEqual([]);
	});

	// AI Agent 2 calls its tools itself; 3.1 lets n8n's engine run them as nodes.
	describe.each([2, 3.1])('agent-with-luma-ray, AI Agent %s', (version) => {
		let model: ChatModel;

		beforeAll(async () => {
			model = await startChatModel();
			await n8n.importCredential({
				id: 'chatModelHarness',
				name: 'Chat model',
				type: 'openAiApi',
				data: { apiKey: 'none', url: model.url },
			});
			const { id } = await imported('agent-with-luma-ray', (workflow) =>
				withAgent(withChatModel(workflow), version),
			);
			await n8n.rest.activateWorkflow(id);
		});

		afterAll(async () => await model?.close());

		it('makes the video that a chat asks for', async () => {
			const prompt = `Clouds drift by, ${version}`;
			const output = await chat({ image_url: 'https://example.com/a.png', prompt });

			expect(output).toMatch(/"status":"succeeded"/);
			expect(output).toMatch(/"videoUrl":"http[^"]+\.mp4"/);
			const jobs = sandbox.jobs.filter(({ input }) => input.prompt === prompt);
			expect(jobs).toHaveLength(1);
			expect(jobs[0].input).toMatchObject({
				image_url: 'https://example.com/a.png',
				aspect_ratio: '16:9',
				duration: '5s',
			});
		});

		it('describes to the model what the tool is for and what it takes', async () => {
			const [{ function: tool }] = model.questions[0].tools!;

			expect(tool.name).toBe('animate_image');
			expect(tool.description).toContain('costs money on every call');
			expect(Object.keys(tool.parameters.properties)).toEqual([
				'image_url',
				'prompt',
				'aspect_ratio',
				'duration',
			]);
		});

		it('reports to the model what went wrong', async () => {
			const output = await chat({ image_url: 'my cat', prompt: 'It yawns' });

			expect(output).toContain("'Image URL' is");
			expect(sandbox.jobs.some(({ input }) => input.prompt === 'It yawns')).toBe(false);
		});

		/** What the agent says after it has called its tool; this model repeats what the tool returned. */
		async function chat(toolArguments: object): Promise<string> {
			model.toolArguments = toolArguments;
			const message = { action: 'sendMessage', sessionId: '1', chatInput: 'Animate the image' };
			const answer = await n8n.callWebhook('luma-ray-chat/chat', message);
			return ((await answer.json()) as { output: string }).output;
		}
	});

	it('scheduled-product-videos is parked, saves every video but a refused one and sums up', async () => {
		const execution = mustSucceed(await scheduled);

		expect(outputItems(execution, 'Summary').map(({ json }) => json)).toEqual([
			{
				videos: 2,
				costUsd: 1,
				links: Array(2).fill(expect.stringMatching(/\.mp4$/)),
				bad: [expect.stringMatching(/^MUG-01: 'Prompt' was refused by the content policy/)],
			},
		]);
		expect(readdirSync(files).sort()).toEqual(['BAG-03.mp4', 'LAMP-02.mp4']);
		expect(await probeVideo(readFileSync(join(files, 'BAG-03.mp4')))).toMatchObject({
			width: 540,
			height: 540,
		});
		// n8n runs a node that has Retry On Fail again where its first item is bad.
		expect(sandbox.jobs.filter(({ input }) => input.aspect_ratio === '1:1')).toHaveLength(3);
	});

	it('scheduled-product-videos orders nothing beyond its budget, and sums that up', async () => {
		const ordered = sandbox.jobs.length;
		await imported('scheduled-product-videos', withBudget(1));

		const execution = mustSucceed(await run('scheduled-product-videos', 'Every Monday'));

		expect(outputItems(execution, 'Summary').map(({ json }) => json)).toEqual([
			{
				videos: 0,
				costUsd: 0,
				links: [],
				bad: ['MUG-01', 'LAMP-02', 'BAG-03'].map((sku) =>
					expect.stringContaining(`${sku}: This run would cost $1.50 at fal.ai`),
				),
			},
		]);
		expect(sandbox.jobs).toHaveLength(ordered);
	});

	/** Imports a template as a person would who then chooses the sandbox's credential in it. */
	async function imported(name: string, edit = (workflow: Workflow) => workflow): Promise<Workflow> {
		const text = JSON.stringify(readExample(name)).replace('/home/node/.n8n-files', files);
		const workflow = forProvider(
			edit(JSON.parse(text) as Workflow),
			PROVIDERS.fal,
			PROVIDERS.fal.sandboxCredential(sandbox),
		);
		await n8n.importWorkflow(workflow);
		return workflow;
	}

	/** Waits until these jobs have ended at the provider. */
	async function ended(...requestIds: unknown[]): Promise<void> {
		const isEnded = (requestId: unknown) => sandbox.jobs.find(({ id }) => id === requestId)?.completedAt;
		await until(async () => requestIds.every(isEnded));
	}

	async function run(name: string, trigger: string): Promise<Execution> {
		return await n8n.run(readExample(name).id, trigger, RUN_TIMEOUT_MS);
	}

	/** Sends a form as its page does, waits as its page does, and returns the last page. */
	async function submitForm(path: string, fields: Record<string, string | File>): Promise<string> {
		const body = new FormData();
		for (const [name, value] of Object.entries(fields)) body.append(name, value);
		const url = `${n8n.url}/form/${path}`;
		// n8n says that a workflow is active before it hears its forms.
		await until(async () => (await fetch(url)).status !== 404);
		const sent = await fetch(url, { method: 'POST', body });
		const { formWaitingUrl } = (await sent.json()) as { formWaitingUrl: string };
		const statusUrl = new URL(formWaitingUrl);
		statusUrl.pathname += '/n8n-execution-status';
		await until(async () => (await (await fetch(statusUrl)).text()) === 'form-waiting');
		return await (await fetch(formWaitingUrl)).text();
	}
});

/** Asks again and again; what never comes true ends with the test's timeout. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
	while (!(await isSo())) await sleep(300);
}

/** The template as it is a day after its jobs were noted. */
function withoutPatience(workflow: Workflow): Workflow {
	return JSON.parse(JSON.stringify(workflow).replace("minus(24, 'hours')", "minus(0, 'hours')")) as Workflow;
}

function withBudget(maxCostUsd: number): (workflow: Workflow) => Workflow {
	return (workflow) => {
		const animate = workflow.nodes.find(({ name }) => name === 'Animate Products')!;
		animate.parameters.options = { maxCostUsd };
		return workflow;
	};
}

/** The same with another version of the agent. */
function withAgent(workflow: Workflow, typeVersion: number): Workflow {
	const nodes = workflow.nodes.map((node) => (node.name === 'Agent' ? { ...node, typeVersion } : node));
	return { ...workflow, nodes };
}

/** The agent's template as a user completes it: with a chat model, and reachable from outside the editor. */
function withChatModel(workflow: Workflow): Workflow {
	const chat = workflow.nodes.find(({ name }) => name === 'Chat')!;
	chat.parameters = { public: true, mode: 'webhook', options: {} };
	const model = {
		id: 'model',
		name: 'Model',
		type: '@n8n/n8n-nodes-langchain.lmChatOpenAi',
		typeVersion: 1.2,
		position: [260, 220] as [number, number],
		parameters: { model: { mode: 'id', value: 'test' }, options: {} },
		credentials: { openAiApi: { id: 'chatModelHarness', name: 'Chat model' } },
	};
	const connections = {
		...workflow.connections,
		Model: { ai_languageModel: [[{ node: 'Agent', type: 'ai_languageModel', index: 0 }]] },
	} as unknown as Workflow['connections'];
	return { ...workflow, nodes: [...workflow.nodes, model], connections };
}
