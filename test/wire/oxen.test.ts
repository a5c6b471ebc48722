import { createHash } from 'node:crypto';

import type { IDataObject } from 'n8n-workflow';

import { REFUSALS, startSandbox, type RecordedRequest, type Sandbox } from '../../sandbox';
import { ANIMATE, runNode, sandboxCredentials } from '../../harness/engine/engine';

const MODEL = 'luma-ray-v3-2-image-to-video';
const IMAGE = Buffer.from('an image');

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 0.2, queueSeconds: 0.1 });
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

async function run(parameters: IDataObject, image?: Buffer) {
	const item = {
		json: {},
		binary: {
			data: { data: (image ?? IMAGE).toString('base64'), mimeType: 'image/png', fileName: 'my tiger.png' },
		},
	};
	return await runNode({
		credentials: sandboxCredentials(sandbox),
		parameters: { provider: 'oxen', ...parameters },
		items: [item],
	});
}

async function runWell(parameters: IDataObject, image?: Buffer) {
	const { items, error } = await run(parameters, image);
	expect(error).toBeUndefined();
	return items;
}

function sent(endpoint: string): RecordedRequest[] {
	return sandbox.requests.filter((request) => request.endpoint === endpoint);
}

test('sends every parameter of the model page under Oxen’s name', async () => {
	await runWell({
		aspectRatio: '1:3',
		resolution: '720p',
		loop: true,
		referenceImageUrls: ['https://images.example.com/a.png'],
		options: { targetNamespace: 'my-team', numGenerations: 2, additionalFields: '{"seed":7}' },
	});
	const [submit] = sent('submit');
	expect(submit).toMatchObject({ method: 'POST', url: '/api/ai/queue' });
	expect(submit.headers).toMatchObject({
		authorization: `Bearer ${sandbox.oxen.key}`,
		'content-type': 'application/json',
	});
	expect(submit.body).toEqual({
		model: MODEL,
		prompt: ANIMATE.prompt,
		input_image: ANIMATE.imageUrl,
		aspect_ratio: '1:3',
		resolution: '720p',
		duration: '5s',
		loop: true,
		reference_image_urls: ['https://images.example.com/a.png'],
		num_generations: 2,
		target_namespace: 'my-team',
		seed: 7,
	});
});

test('opens the event stream before the submit with Follow set to auto', async () => {
	await runWell({});
	// Each endpoint once. On a slow machine, a submit may take more than a second, and then a poll follows immediately.
	expect([...new Set(sandbox.requests.map(({ endpoint }) => endpoint))]).toEqual([
		'events',
		'submit',
		'status',
		'generation',
	]);
});

test('opens no event stream with Follow set to poll', async () => {
	await runWell({ options: { follow: 'poll' } });
	expect(sent('events')).toHaveLength(0);
	expect(sent('status').length).toBeGreaterThan(0);
});

test('sends only the blocking call with Follow set to direct', async () => {
	await runWell({ options: { follow: 'direct', targetNamespace: 'my-team' } });
	expect(sandbox.requests.map(({ endpoint }) => endpoint)).toEqual(['run']);
	expect(sent('run')[0]).toMatchObject({ method: 'POST', url: '/api/ai/videos/generate' });
	expect(sent('run')[0].body).toMatchObject({ model: MODEL, target_namespace: 'my-team' });
});

test('attaches a video inside the answer even if Download Video is off', async () => {
	const [item] = await runWell({
		options: { follow: 'direct', additionalFields: '{"response_format":"b64_json"}' },
	});
	expect(item.json).toMatchObject({ status: 'succeeded', videoUrl: null });
	expect(item.binary?.data).toMatchObject({ mimeType: 'video/mp4', fileName: 'video.mp4' });
	expect(JSON.stringify(item.json).length).toBeLessThan(2_000);
});

test('returns each generation as a separate item that is paired with its input', async () => {
	const items = await runWell({ options: { numGenerations: 3 } });
	expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 0 }, { item: 0 }]);
	expect(new Set(items.map(({ json }) => json.requestId)).size).toBe(3);
});

test('adds the actual cost to the item', async () => {
	const [item] = await runWell({ resolution: '1080p', duration: '10s' });
	expect(item.json.cost).toEqual({ estimatedUsd: 4, source: 'live', actualUsd: 4 });
});

describe('an image from binary data', () => {
	const binary = { imageSource: 'binary', imageBinaryField: 'data' };

	test('is sent inside the request', async () => {
		await runWell(binary);
		const { input_image } = sent('submit')[0].body as { input_image: string };
		expect(input_image).toBe(`data:image/png;base64,${IMAGE.toString('base64')}`);
	});

	test('is uploaded to a repository if Image Upload says so, and the repository is created if necessary', async () => {
		const options = { imageUpload: 'repository', repository: 'me/pictures' };
		const [item] = await runWell({ ...binary, options });
		expect(sent('repoCreate')[0].body).toMatchObject({ namespace: 'me', name: 'pictures' });
		const put = sent('uploadPut').at(-1)!;
		expect(put.url).toMatch(/^\/api\/repos\/me\/pictures\/file\/main\/n8n-luma-ray\//);
		expect(put.body).toMatchObject({
			message: expect.any(String),
			name: expect.any(String),
			email: expect.any(String),
			files: [{ field: 'files[]', sha256: createHash('sha256').update(IMAGE).digest('hex') }],
		});
		const { imageUrl } = item.json.parameters as { imageUrl: string };
		expect((sent('submit')[0].body as { input_image: string }).input_image).toBe(imageUrl);
		expect(Buffer.from(await (await fetch(imageUrl)).arrayBuffer())).toEqual(IMAGE);
	});

	test.each([
		['me/pictures'],
		[{ __rl: true, mode: 'name', value: 'me/pictures' }],
		[{ __rl: true, mode: 'url', value: 'https://www.oxen.ai/me/pictures' }],
		[{ __rl: true, mode: 'url', value: 'https://hub.oxen.ai/api/repos/me/pictures/file/main/a.png' }],
		[{ __rl: true, mode: 'name', value: 'oxen.ai/me/pictures' }],
	])('is uploaded to the repository given as %j', async (repository) => {
		await runWell({ ...binary, options: { imageUpload: 'repository', repository } });
		expect(sent('uploadPut').at(-1)!.url).toMatch(/^\/api\/repos\/me\/pictures\/file\/main\//);
	});

	test('is uploaded to the given repository if it is too large for the request, and refused without a repository', async () => {
		const large = Buffer.alloc(9_000_001);
		const options = { imageUpload: '={{ "inline" }}', repository: 'me/pictures' };
		await runWell({ ...binary, options }, large);
		expect(sent('uploadPut').length).toBeGreaterThan(0);
		sandbox.reset();
		const { error } = await run(binary, large);
		expect(error?.message).toContain('contains 9000001 bytes; Oxen.ai accepts up to 9000000');
		expect(error?.description).toContain("set 'Image Upload' to Repository");
		expect(sandbox.requests).toHaveLength(0);
	});

	test.each([
		[{ imageUpload: 'repository' }, "'Repository' is empty, but 'Image Upload' is Repository"],
		[{ imageUpload: 'repository', repository: '../etc' }, "'Repository' must have the form namespace/name"],
	])('is refused with the options %j', async (options, message) => {
		const { error } = await run({ ...binary, options });
		expect(error?.message).toContain(message);
		expect(sandbox.requests).toHaveLength(0);
	});
});

describe('messages for Oxen’s answers', () => {
	test('report a 200 with an error and no generations as a refusal', async () => {
		sandbox.faults.add({ service: 'oxen', endpoint: 'submit', fault: REFUSALS.oxenNothingQueued });
		const { error } = await run({});
		expect(error?.message).toBe('Oxen.ai: No generations could be enqueued [item 0]');
		expect(sandbox.jobs).toHaveLength(0);
		expect(sent('submit')).toHaveLength(1);
	});

	test('report used-up credits', async () => {
		sandbox.faults.add({ service: 'oxen', endpoint: 'submit', fault: REFUSALS.oxenInsufficientCredits });
		const { error } = await run({});
		expect(error?.message).toBe('The credits of the Oxen.ai account are used up [item 0]');
	});

	test('contain the field that the model refused', async () => {
		const { error } = await run({
			options: { additionalFields: '{"resolution":"4k"}', checkLiveModel: false },
		});
		expect(error?.message).toMatch(/^Oxen\.ai: .*540p/);
		expect(error?.description).toContain(sandbox.jobs[0].id);
	});

	test.each([
		[
			429,
			'Oxen.ai accepts no more requests right now: Too many requests [item 0]',
			"Wait a moment, or lower 'Concurrency' in the options.",
		],
		[503, 'Oxen.ai: Too many requests [item 0]', 'Run the item again later.'],
		[
			400,
			'Oxen.ai: Too many requests [item 0]',
			'Change the input that the message names, then run the item again.',
		],
	])('say what to do about a %i with Oxen’s own message', async (code, message, description) => {
		const { body } = REFUSALS.oxenRateLimited;
		// In its own sandbox, because the process sends the provider nothing else until the pause is over.
		const ownSandbox = await startSandbox();
		ownSandbox.faults.add({
			service: 'oxen',
			endpoint: 'submit',
			// The pause is longer than the timeout, so the submit is not repeated.
			fault: { kind: 'status', code, body, headers: { 'retry-after': '120' } },
		});
		const { error } = await runNode({
			credentials: sandboxCredentials(ownSandbox),
			parameters: { provider: 'oxen', options: { timeoutMinutes: 1 } },
		});
		expect(error).toMatchObject({ message, description: expect.stringContaining(description) });
		expect(ownSandbox.jobs).toHaveLength(0);
		await ownSandbox.close();
	});

	test('contain the credential if the key is wrong', async () => {
		const credentials = sandboxCredentials(sandbox);
		credentials.lumaRayOxenApi.apiKey = 'wrong';
		const { error } = await runNode({ credentials, parameters: { provider: 'oxen' } });
		expect(error?.message).toBe('Oxen.ai does not accept the API key [item 0]');
		expect(error?.description).toContain('Luma Ray Oxen API');
	});
});
