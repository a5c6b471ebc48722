import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox, type Sandbox } from '../../sandbox';
import { probeVideo } from '../../harness/video';
import {
	exampleNames,
	describe as inWords,
	forProvider,
	LUMA_RAY,
	mustSucceed,
	outputItems,
	PROVIDERS,
	readExample,
	type Execution,
	type N8nInstance,
	type Workflow,
	type WorkflowNode,
} from '../../harness/n8n';
import { installedN8n } from './support';
import { TemplateHost, until } from './template-host';

/** fal's answer to a prompt that its content policy refuses. */
const CONTENT_POLICY = {
	detail: [{ loc: ['body', 'prompt'], msg: 'Refused', type: 'content_policy_violation' }],
};
const STICKY_NOTE = 'n8n-nodes-base.stickyNote';
const MANUAL_TRIGGER = 'n8n-nodes-base.manualTrigger';
const SCHEDULE_TRIGGER = 'n8n-nodes-base.scheduleTrigger';
const SPLIT_OUT = 'n8n-nodes-base.splitOut';
/** Pixels on the canvas; a wider workflow cannot be read without scrolling. */
const MAX_WIDTH = 1_300;
const NODE_WIDTH = 96;
const names = exampleNames();

describe.each(names)('the template %s', (name) => {
	const { name: title, nodes, connections } = readExample(name);
	const notes = nodes.filter(({ type }) => type === STICKY_NOTE);
	const lumaRay = nodes.filter(({ type }) => type.startsWith(LUMA_RAY));
	const paid = lumaRay.filter(({ parameters }) => parameters.resource === 'video');
	const isTool = ({ type }: WorkflowNode) => type === `${LUMA_RAY}Tool`;
	const has = (type: string) => nodes.some((node) => node.type === type);

	it('has a note that explains it, and contains no credential', () => {
		expect(notes.length).toBeGreaterThanOrEqual(2);
		expect(notes[0].parameters.content).toMatch(/credential/);
		expect(nodes.filter(({ credentials }) => credentials)).toEqual([]);
		const connected = JSON.stringify(connections);
		for (const node of nodes) if (!notes.includes(node)) expect(connected).toContain(`"${node.name}"`);
	});

	it('has a name that matches its file name and its first note', () => {
		expect(
			title
				.toLowerCase()
				.replaceAll(/[^a-z0-9]+/g, '-')
				.replace(/-$/, ''),
		).toBe(name);
		expect(notes[0].parameters.content).toMatch(new RegExp(`^## ${title}\n`));
	});

	it('uses the words generation and video, not job or clip', () => {
		const texts = notes.map(({ parameters }) => parameters.content).join('\n');

		expect(`${texts} ${nodes.map((node) => node.name).join(' ')}`).not.toMatch(
			/\b(jobs?|clips?)\b(?! Price)/i,
		);
	});

	it('fits on a screen', () => {
		const left = Math.min(...nodes.map(({ position }) => position[0]));
		const right = nodes.map(
			({ position, parameters }) => position[0] + Number(parameters.width ?? NODE_WIDTH),
		);

		expect(Math.max(...right) - left).toBeLessThanOrEqual(MAX_WIDTH);
	});

	it('sets Download Video explicitly', () => {
		for (const node of lumaRay) {
			if (isTool(node) || node.parameters.waitMode === 'submit') continue;
			expect(node.parameters).toHaveProperty('downloadVideo', expect.any(Boolean));
		}
	});

	it('limits the cost, unless a manual run makes only one video', () => {
		const makesOne = has(MANUAL_TRIGGER) && !has(SPLIT_OUT) && paid.length === 1;
		for (const { parameters } of makesOne ? [] : paid) {
			expect(parameters.options).toHaveProperty('maxCostUsd', expect.any(Number));
		}
	});

	it('holds no worker while a scheduled run waits', () => {
		for (const { parameters } of has(SCHEDULE_TRIGGER) ? paid : []) {
			expect(parameters.waitMode).toBe('suspend');
		}
	});
});

describe('the templates in a real n8n', () => {
	let n8n: N8nInstance;
	let sandbox: Sandbox;
	let templates: TemplateHost;
	let files: string;
	/** These are parked for a minute or more, so they run at the same time as all others. */
	let scheduled: Promise<Execution>;
	let reframed: Promise<Execution>;

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
			nth: 1,
			fault: { kind: 'jobFails', status: 422, message: 'Refused', body: CONTENT_POLICY },
		});
		templates = new TemplateHost(n8n, sandbox, files);
		await templates.importAll(names);
		scheduled = templates.run('scheduled-product-videos', 'Every Monday');
		reframed = templates.run('reframe-for-three-channels', 'Every Monday');
		// Only the tests of these templates wait for them.
		scheduled.catch(() => undefined);
		reframed.catch(() => undefined);
	});

	afterAll(async () => {
		await n8n?.dispose();
		await sandbox?.close();
		rmSync(files, { recursive: true, force: true });
	});

	it('animate-one-image makes a video', async () => {
		const [item] = outputItems(mustSucceed(await templates.run('animate-one-image', 'Start')), 'Luma Ray');

		expect(await probeVideo(await n8n.rest.download(item.binary!.data))).toMatchObject({ seconds: 5 });
	});

	it('form-to-video shows the video of an uploaded image', async () => {
		await n8n.rest.activateWorkflow(readExample('form-to-video').id);

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

	it('text-to-video makes a video from a prompt', async () => {
		const [item] = outputItems(mustSucceed(await templates.run('text-to-video', 'Start')), 'Luma Ray');

		expect(item.json).toMatchObject({ status: 'succeeded', parameters: { aspectRatio: '16:9' } });
		expect(await probeVideo(await n8n.rest.download(item.binary!.data))).toMatchObject({ seconds: 5 });
	});

	it('first-and-last-frame makes a video between two images at fal.ai', async () => {
		const october = await startSandbox({ jobSeconds: 1, edition: '2026-10' });
		onTestFinished(async () => await october.close());
		const credential = { ...PROVIDERS.fal.sandboxCredential(october), id: 'lumaRayFalOctober' };
		await n8n.importCredential(credential);
		const template = readExample('first-and-last-frame');
		await n8n.importWorkflow(forProvider(template, PROVIDERS.fal, credential));

		const [item] = outputItems(mustSucceed(await templates.run('first-and-last-frame', 'Start')), 'Luma Ray');

		expect(await probeVideo(await n8n.rest.download(item.binary!.data))).toMatchObject({ seconds: 5 });
		expect(october.jobs.map(({ input }) => input)).toEqual([
			expect.objectContaining({
				image_url: expect.stringContaining('first_frame'),
				end_image_url: expect.stringContaining('last_frame'),
			}),
		]);
		// The price in the note of the template.
		expect(item.json).toMatchObject({ cost: { estimatedUsd: 0.15 } });
	});

	it('edit-a-video makes a new video of 5 seconds from its source', async () => {
		const [item] = outputItems(mustSucceed(await templates.run('edit-a-video', 'Start')), 'Luma Ray');

		expect(await probeVideo(await n8n.rest.download(item.binary!.data))).toMatchObject({ seconds: 5 });
		const { input } = sandbox.jobs.find(({ input: { prompt } }) => String(prompt).includes('watercolor'))!;
		expect(input).toMatchObject({ video_url: expect.stringMatching(/\.mp4$/), auto_controls: true });
	});

	it('generate-edit-reframe passes the video of each step to the next one and downloads the last', async () => {
		const execution = mustSucceed(await templates.run('generate-edit-reframe', 'Start'));

		const [generated, edited, last] = ['Generate', 'Edit', 'Reframe'].map(
			(step) => outputItems(execution, step)[0],
		);
		expect(edited.json.parameters).toMatchObject({ videoUrl: generated.json.videoUrl });
		expect(last.json.parameters).toMatchObject({ videoUrl: edited.json.videoUrl });
		expect([generated.binary, edited.binary]).toEqual([undefined, undefined]);
		const video = await probeVideo(await n8n.rest.download(last.binary!.data));
		expect(video.height).toBeGreaterThan(video.width);
	});

	it('save-to-google-drive passes the video file to Google Drive', async () => {
		// The upload itself needs a Google account, so the node is disabled. It passes on what it receives.
		const { nodes } = await templates.import('save-to-google-drive', (workflow) => ({
			...workflow,
			nodes: workflow.nodes.map((node) => ({ ...node, disabled: node.name === 'Save to Google Drive' })),
		}));

		const execution = mustSucceed(await templates.run('save-to-google-drive', 'Start'));

		const [item] = outputItems(execution, 'Save to Google Drive');
		const { inputDataFieldName } = nodes.find(({ name }) => name === 'Save to Google Drive')!.parameters;
		const file = item.binary![String(inputDataFieldName)];
		expect(await probeVideo(await n8n.rest.download(file))).toMatchObject({ seconds: 5 });
	});

	it('batch-with-report reports two invalid entries and pays only for the third', async () => {
		const submitted = sandbox.jobs.length;

		const execution = mustSucceed(await templates.run('batch-with-report', 'Start'));

		expect(outputItems(execution, 'Videos').map(({ json }) => json)).toEqual([
			{ imageUrl: expect.stringContaining('example_inputs'), videoUrl: expect.stringMatching(/\.mp4$/) },
		]);
		expect(outputItems(execution, 'Report').map(({ json }) => json)).toEqual([
			{
				imageUrl: expect.stringContaining('example_inputs'),
				whatWentWrong: expect.stringContaining("'Prompt'"),
				whatToDo: expect.any(String),
				requestId: '',
			},
			{
				imageUrl: 'not an address',
				whatWentWrong: expect.stringContaining("'Image URL'"),
				whatToDo: expect.any(String),
				requestId: '',
			},
		]);
		expect(outputItems(execution, 'Report File')[0].binary!.data.fileName).toBe('failed-items.csv');
		expect(sandbox.jobs.slice(submitted).map(({ input }) => input.prompt)).toEqual([
			'The camera circles slowly',
		]);
	});

	it('batch-with-report shows the request ID of a generation that failed at the provider', async () => {
		sandbox.faults.add({
			endpoint: 'submit',
			match: ({ body }) => JSON.stringify(body).includes('The camera circles slowly'),
			nth: 1,
			fault: { kind: 'jobFails', message: 'No image there' },
		});

		const execution = mustSucceed(await templates.run('batch-with-report', 'Start'));

		expect(execution.runs.Videos).toBeUndefined();
		expect(outputItems(execution, 'Report')[0].json).toMatchObject({
			whatWentWrong: expect.stringContaining('No image there'),
			requestId: expect.stringMatching(/\w/),
		});
	});

	it('collect-later gets the video that submit-now submitted', async () => {
		const [noted] = outputItems(mustSucceed(await templates.run('submit-now', 'Start')), 'Save Request ID');
		expect(noted.json).toMatchObject({ requestId: expect.any(String), status: 'queued' });
		await ended(noted.json.requestId);
		const collected = mustSucceed(await templates.run('collect-later', 'Every 5 Minutes'));

		expect(outputItems(collected, 'Save Status').map(({ json }) => json)).toEqual([
			expect.objectContaining({
				requestId: noted.json.requestId,
				status: 'succeeded',
				videoUrl: expect.stringMatching(/\.mp4$/),
			}),
		]);
		expect(outputItems(collected, 'Get Generation')[0].binary!.data.mimeType).toBe('video/mp4');
		// The list is empty now.
		const idle = mustSucceed(await templates.run('collect-later', 'Every 5 Minutes'));
		expect(outputItems(idle, 'Open Generations')).toEqual([]);
	});

	it('collect-later collects the other generations if the provider does not know one, and stops asking for that one', async () => {
		const order = async () =>
			outputItems(mustSucceed(await templates.run('submit-now', 'Start')), 'Save Request ID')[0].json
				.requestId as string;
		const [lost, found] = [await order(), await order()];
		sandbox.faults.add({
			endpoint: 'status',
			match: ({ url }) => url.includes(lost),
			fault: { kind: 'notFound' },
		});
		await ended(lost, found);
		const noted = mustSucceed(await templates.run('collect-later', 'Every 5 Minutes'));

		expect(outputItems(noted, 'Save Status').map(({ json }) => json)).toEqual([
			expect.objectContaining({ requestId: found, status: 'succeeded' }),
		]);
		expect(outputItems(noted, 'Save Problem').map(({ json }) => json)).toEqual([
			expect.objectContaining({
				requestId: lost,
				status: 'queued',
				problem: expect.stringMatching(/\w/),
			}),
		]);

		await templates.import('collect-later', withoutPatience);
		const later = mustSucceed(await templates.run('collect-later', 'Every 5 Minutes'));
		expect(outputItems(later, 'Save Problem').map(({ json }) => json)).toEqual([
			expect.objectContaining({ requestId: lost, status: 'given up' }),
		]);
		const idle = mustSucceed(await templates.run('collect-later', 'Every 5 Minutes'));
		expect(outputItems(idle, 'Open Generations')).toEqual([]);
	});

	it('reframe-for-three-channels is parked and makes a video in the aspect ratio of each channel', async () => {
		const execution = mustSucceed(await reframed);

		const shape = async (channel: string) => {
			const items = outputItems(execution, channel);
			expect(items).toHaveLength(1);
			const { width, height } = await probeVideo(await n8n.rest.download(items[0].binary!.data));
			return Math.sign(width - height);
		};
		expect([await shape('YouTube'), await shape('TikTok'), await shape('Instagram')]).toEqual([1, -1, 0]);
	});

	it("reframe-for-three-channels delivers the other channels' videos and fails if one is missing", async () => {
		await reframed;
		sandbox.faults.add({
			endpoint: 'submit',
			match: ({ body }) => (body as { aspect_ratio?: string }).aspect_ratio === '9:16',
			nth: 1,
			fault: { kind: 'jobFails', message: 'The source is damaged' },
		});

		await templates.import('reframe-for-three-channels', inProcess());
		const execution = await templates.run('reframe-for-three-channels', 'Every Monday');

		expect(inWords(execution)).toMatch(/^error in 'Report Missing Videos': TikTok: .*The source is damaged/);
		expect(outputItems(execution, 'YouTube')).toHaveLength(1);
		expect(outputItems(execution, 'Instagram')).toHaveLength(1);
	});

	it('scheduled-product-videos is parked, saves every video except a refused one, and reports that one', async () => {
		const execution = await scheduled;

		expect(inWords(execution)).toContain("'Report Missing Videos': No file was saved for MUG-01");
		expect(outputItems(execution, 'Summary').map(({ json }) => json)).toEqual([
			{
				saved: ['LAMP-02', 'BAG-03'].map((sku) => join(files, `${sku}.mp4`)),
				missing: ['MUG-01'],
				problems: [expect.stringMatching(/^MUG-01: 'Prompt' was refused by the content policy/)],
				links: Array(2).fill(expect.stringMatching(/\.mp4$/)),
				costUsd: 1,
			},
		]);
		expect(readdirSync(files).sort()).toEqual(['BAG-03.mp4', 'LAMP-02.mp4']);
		expect(await probeVideo(readFileSync(join(files, 'BAG-03.mp4')))).toMatchObject({
			width: 540,
			height: 540,
		});
		// n8n runs a node with Retry On Fail again if its first item failed.
		expect(sandbox.jobs.filter(({ input }) => input.loop)).toHaveLength(3);
	});

	it('scheduled-product-videos submits nothing if the run would exceed its budget, and fails with the reason', async () => {
		const submitted = sandbox.jobs.length;
		await templates.import('scheduled-product-videos', inProcess({ maxCostUsd: 1 }));

		const execution = await templates.run('scheduled-product-videos', 'Every Monday');

		expect(inWords(execution)).toContain('This run would cost $1.50 at fal.ai');
		expect(outputItems(execution, 'Summary')[0].json).toMatchObject({
			saved: [],
			missing: ['MUG-01', 'LAMP-02', 'BAG-03'],
			costUsd: 0,
		});
		expect(sandbox.jobs).toHaveLength(submitted);
	});

	it('scheduled-product-videos fails if no file can be saved, and keeps the video addresses', async () => {
		const folder = join(files, 'there-is-no-such-folder');
		await templates.import('scheduled-product-videos', (workflow) =>
			intoFolder(inProcess()(workflow), folder),
		);

		const execution = await templates.run('scheduled-product-videos', 'Every Monday');

		expect(inWords(execution)).toContain('No file was saved for MUG-01, LAMP-02, BAG-03');
		expect(outputItems(execution, 'Summary')[0].json).toMatchObject({
			saved: [],
			links: Array(3).fill(expect.stringMatching(/\.mp4$/)),
		});
	});

	it('scheduled-product-videos succeeds if every file is saved', async () => {
		await templates.import('scheduled-product-videos', inProcess());

		const execution = mustSucceed(await templates.run('scheduled-product-videos', 'Every Monday'));

		expect(outputItems(execution, 'Summary')[0].json).toMatchObject({ missing: [], problems: [] });
	});

	/** Waits until these jobs have ended at the provider. */
	async function ended(...requestIds: unknown[]): Promise<void> {
		const isEnded = (requestId: unknown) => sandbox.jobs.find(({ id }) => id === requestId)?.completedAt;
		await until(async () => requestIds.every(isEnded));
	}

	/** Submits a form and waits like the form's page, and returns the last page. */
	async function submitForm(path: string, fields: Record<string, string | File>): Promise<string> {
		const body = new FormData();
		for (const [name, value] of Object.entries(fields)) body.append(name, value);
		const url = `${n8n.url}/form/${path}`;
		// n8n reports a workflow as active before its forms are registered.
		await until(async () => (await fetch(url)).status !== 404);
		const sent = await fetch(url, { method: 'POST', body });
		const { formWaitingUrl } = (await sent.json()) as { formWaitingUrl: string };
		const statusUrl = new URL(formWaitingUrl);
		statusUrl.pathname += '/n8n-execution-status';
		await until(async () => (await (await fetch(statusUrl)).text()) === 'form-waiting');
		return await (await fetch(formWaitingUrl)).text();
	}
});

/** The template in its state one day after the generations were submitted. */
function withoutPatience(workflow: Workflow): Workflow {
	return JSON.parse(JSON.stringify(workflow).replace("minus(24, 'hours')", "minus(0, 'hours')")) as Workflow;
}

/**
 * The same template, but it waits in the process. That takes seconds, while a parked run wakes only after a minute.
 */
function inProcess(options?: Record<string, unknown>): (workflow: Workflow) => Workflow {
	return (workflow) => {
		for (const { parameters } of workflow.nodes.filter(({ type }) => type === LUMA_RAY)) {
			Object.assign(parameters, { waitMode: 'wait' }, options && { options });
		}
		return workflow;
	};
}

/** Saves the files into another folder. */
function intoFolder(workflow: Workflow, folder: string): Workflow {
	const save = workflow.nodes.find(({ name }) => name === 'Save Video')!;
	save.parameters.fileName = String(save.parameters.fileName).replace(/^=.*\/(?=\{\{)/, `=${folder}/`);
	return workflow;
}
