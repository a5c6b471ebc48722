import { readFileSync } from 'node:fs';

import { BinaryDataService } from 'n8n-core';
import { Container } from '@n8n/di';
import type { IBinaryData, IDataObject, INodeExecutionData } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../../sandbox';
import { finish, HELD, until } from '../sandbox/support';
import { runNode, sandboxCredentials, type EngineOptions } from '../../harness/engine/engine';
import { probeVideo } from '../../harness/video';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 0.3, queueSeconds: 0.1 });
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

async function run(options: Partial<EngineOptions> = {}) {
	return await runNode({ credentials: sandboxCredentials(sandbox), ...options });
}

/** Items with an image address and a number each. */
function itemsWith(...jsons: IDataObject[]): INodeExecutionData[] {
	return jsons.map((json) => ({ json }));
}

function bytesOf(binary: IBinaryData): Buffer {
	return readFileSync(Container.get(BinaryDataService).getPath(binary.id!));
}

describe('Animate Image with one image', () => {
	test('returns a simplified item with all fields', async () => {
		const { items, error } = await run();
		expect(error).toBeUndefined();
		const { id } = sandbox.jobs[0];
		expect(items).toHaveLength(1);
		expect(items[0].pairedItem).toEqual({ item: 0 });
		expect(items[0].json).toEqual({
			provider: 'fal',
			model: 'luma/agent/ray/v3.2/image-to-video',
			requestId: id,
			status: 'succeeded',
			videoUrl: expect.stringMatching(/^http.*\.mp4/),
			video: {
				url: items[0].json.videoUrl,
				contentType: 'video/mp4',
				fileName: expect.stringMatching(/\.mp4$/),
				fileSize: expect.any(Number),
			},
			parameters: {
				prompt: 'The tiger walks through the snow',
				frames: 'first',
				imageUrl: 'https://images.example.com/tiger.png',
				aspectRatio: '16:9',
				resolution: '540p',
				duration: '5s',
				loop: false,
				referenceImageUrls: [],
			},
			cost: { estimatedUsd: 0.5, source: 'live', actualUsd: 0.5 },
			timing: {
				submittedAt: expect.stringMatching(/^\d{4}-.*Z$/),
				completedAt: expect.stringMatching(/^\d{4}-.*Z$/),
				queueSeconds: expect.any(Number),
				runSeconds: expect.any(Number),
			},
		});
	});

	test('returns fal’s own answer next to provider and request ID when Simplify is off', async () => {
		const { items } = await run({ parameters: { simplify: false } });
		expect(items[0].json).toEqual({
			provider: 'fal',
			requestId: sandbox.jobs[0].id,
			response: { video: expect.objectContaining({ content_type: 'video/mp4' }) },
		});
	});

	test.each(['auto', 'poll', 'direct'])('returns the same item with Follow set to %s', async (follow) => {
		const { items, error } = await run({ parameters: { options: { follow } } });
		expect(error).toBeUndefined();
		expect(items[0].json).toMatchObject({ status: 'succeeded', cost: { actualUsd: 0.5 } });
		expect(sandbox.jobs).toHaveLength(1);
	});

	test('downloads an H.264 video with the requested size and length', async () => {
		const { items, error } = await run({
			parameters: {
				aspectRatio: '9:16',
				resolution: '720p',
				duration: '10s',
				downloadVideo: true,
				outputBinaryField: 'clip',
			},
		});
		expect(error).toBeUndefined();
		const binary = items[0].binary!.clip;
		expect(binary).toMatchObject({ mimeType: 'video/mp4', fileName: expect.stringMatching(/\.mp4$/) });
		expect(await probeVideo(bytesOf(binary))).toEqual({
			codec: 'avc',
			width: 720,
			height: 1280,
			seconds: 10,
		});
	});

	test('sends the item’s image to fal unchanged', async () => {
		const image = Buffer.from('not really a PNG, but these very bytes');
		const stored = await Container.get(BinaryDataService).store(
			{ type: 'execution', workflowId: 'workflow', executionId: '1' } as never,
			image,
			{ data: '', mimeType: 'image/png', fileName: 'my tiger.png' },
		);
		const { error, items } = await run({
			parameters: { imageSource: 'binary', imageBinaryField: 'photo' },
			items: [{ json: {}, binary: { photo: stored } }],
		});
		expect(error).toBeUndefined();
		const { imageUrl } = items[0].json.parameters as { imageUrl: string };
		expect(Buffer.from(await (await fetch(imageUrl)).arrayBuffer())).toEqual(image);
	});
});

describe('Animate Image with many items', () => {
	test('runs 20 items at the same time and returns them in the order of the input', async () => {
		const held = await startSandbox(HELD);
		const numbers = Array.from({ length: 20 }, (_, number) => ({ number }));
		const running = run({
			credentials: sandboxCredentials(held),
			parameters: { prompt: '=Number {{ $json.number }}' },
			items: itemsWith(...numbers),
		});
		// No job ends before all are accepted.
		await until(() => held.jobs.length === 20, '20 jobs');
		for (const job of [...held.jobs].reverse()) await finish(held, job);
		const { items, error } = await running;
		await held.close();
		expect(error).toBeUndefined();
		expect(items.map(({ json }) => (json.parameters as IDataObject).prompt)).toEqual(
			numbers.map(({ number }) => `Number ${number}`),
		);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual(
			numbers.map(({ number }) => ({ item: number })),
		);
	});

	test('has no more submits in flight than Concurrency allows', async () => {
		sandbox.faults.add({ service: 'fal', endpoint: 'submit', fault: { kind: 'delay', ms: 200 } });
		await run({
			parameters: { waitMode: 'submit', options: { concurrency: 2 } },
			items: itemsWith({}, {}, {}, {}, {}, {}),
		});
		const arrivals = sandbox.requests.filter(({ endpoint }) => endpoint === 'submit').map(({ at }) => at);
		expect(arrivals[2] - arrivals[0]).toBeGreaterThan(100);
		expect(arrivals[4] - arrivals[2]).toBeGreaterThan(100);
	});

	test('sends no request without input items', async () => {
		const { error } = await run({ items: [] });
		expect(error).toBeUndefined();
		expect(sandbox.requests).toHaveLength(0);
	});
});

describe('invalid input', () => {
	test.each<[string, IDataObject, string]>([
		[
			'an unknown ratio',
			{ aspectRatio: '={{ $json.ratio }}' },
			`'Aspect Ratio' is "5:4", which is not one of its options [item 1]`,
		],
		['a missing prompt', { prompt: '={{ $json.prompt }}' }, "'Prompt' is empty [item 1]"],
		[
			'no address',
			{ imageUrl: '={{ $json.url }}' },
			`'Image URL' is "tiger.png", not an http(s) URL [item 1]`,
		],
		[
			'no list',
			{ referenceImageUrls: '={{ $json.refs }}' },
			`'Reference Image URLs' is "x", not a list [item 1]`,
		],
		[
			'loop with 10 seconds',
			{ duration: '={{ $json.duration }}', loop: '={{ $json.loop }}' },
			`'Loop' cannot be combined with 'Duration' "10s" [item 1]`,
		],
		[
			'an item without binary data',
			{ imageSource: 'binary' },
			'is "data", but the item has no file with that name',
		],
		[
			'an option that is not a number',
			{ options: { timeoutMinutes: 'soon' } },
			"'Timeout (Minutes)' must be a number of at least 0.01 [item 0]",
		],
		[
			'a concurrency above the limit of the form',
			{ options: { concurrency: 500 } },
			"'Concurrency' must be a number from 1 to 100 [item 0]",
		],
		[
			'a custom callback without an address',
			{ waitMode: 'suspend', options: { callback: 'custom' } },
			"'Callback Base URL' is empty, but 'Callback' is Custom [item 0]",
		],
		[
			'broken JSON',
			{ options: { additionalFields: '{"seed":' } },
			"'Additional Fields (JSON)' must be a valid JSON object [item 0]",
		],
		[
			'JSON that is a list',
			{ options: { additionalFields: '[1]' } },
			"'Additional Fields (JSON)' must be a valid JSON object [item 0]",
		],
	])('is refused before anything is paid: %s', async (_what, parameters, message) => {
		const good = {
			ratio: '1:1',
			prompt: 'x',
			url: 'https://a.example/a.png',
			refs: [],
			duration: '5s',
			loop: true,
		};
		const bad = { ratio: '5:4', url: 'tiger.png', refs: 'x', duration: '10s', loop: true };
		const image = { data: 'aGk=', mimeType: 'image/png' };
		const { error } = await run({
			parameters,
			items: [{ json: good, binary: { data: image } }, { json: bad }],
		});
		expect(error?.message).toContain(message);
		expect(error?.description).toBeTruthy();
		expect(sandbox.requests).toHaveLength(0);
	});

	test('is refused with a list of the item’s files if the field name is unknown', async () => {
		const image = { data: 'aGk=', mimeType: 'image/png' };
		const { error } = await run({
			parameters: { imageSource: 'binary' },
			items: [{ json: {}, binary: { photo: image, logo: image } }],
		});
		expect(error?.description).toMatch(/^The item has files in these fields: photo, logo\./);
	});

	test.each([
		['an empty file', '', 'image/png', 'is empty (0 bytes)'],
		['a PDF', 'JVBERi0=', 'application/pdf', 'contains application/pdf, not an image'],
	])('is refused if the image is %s', async (_what, data, mimeType, message) => {
		const { error } = await run({
			parameters: { imageSource: 'binary' },
			items: [{ json: {}, binary: { data: { data, mimeType } } }],
		});
		expect(error?.message).toContain(message);
		expect(sandbox.requests).toHaveLength(0);
	});
});

test.each(['outputBinaryField', 'simplify'])(
	'before anything is paid, reports an expression in %s that throws',
	async (name) => {
		const parameters = { [name]: "={{ $('Nope').first().json.x }}" };
		const { error } = await run({ parameters: { ...parameters, downloadVideo: true } });
		expect(error?.message).toContain("Referenced node doesn't exist");
		expect(sandbox.requests).toHaveLength(0);
	},
);

test('continues with the other items when the expression of one item throws, with On Error set to Continue', async () => {
	const { items: output } = await run({
		node: { onError: 'continueRegularOutput' },
		parameters: { prompt: "={{ $json.bad ? $('Nope').first().json.x : 'A tiger' }}" },
		items: [{ json: { bad: true } }, { json: {} }],
	});
	expect(output.map(({ json }) => json.error ?? json.status)).toEqual([
		expect.stringContaining("Referenced node doesn't exist"),
		'succeeded',
	]);
});

test('lists all jobs that may still be running in the error message', async () => {
	const slow = await startSandbox({ jobSeconds: 600, queueSeconds: 0.05 });
	slow.faults.add({ endpoint: 'cancel', fault: { kind: 'delay', ms: 300 } });
	const { error } = await run({
		credentials: sandboxCredentials(slow),
		parameters: { prompt: '={{ $json.n }}', options: { timeoutMinutes: 0.1, cancelOnTimeout: true } },
		items: [{ json: { n: 1 } }, { json: { n: 2 } }, { json: { n: 3 } }],
	});
	const ids = slow.jobs.map(({ id }) => id);
	await slow.close();
	expect(ids).toHaveLength(3);
	expect(ids.filter((id) => !error?.description?.includes(id))).toEqual([]);
});

describe('messages for fal’s answers', () => {
	function answer(endpoint: 'submit' | 'result', code: number, body: unknown) {
		sandbox.faults.add({ service: 'fal', endpoint, fault: { kind: 'status', code, body: body as never } });
	}

	test.each<[string, number, unknown, string, RegExp]>([
		[
			'an image that cannot be downloaded',
			422,
			{
				detail: [
					{
						loc: ['body', 'image_url'],
						msg: 'Failed to download the file: 403',
						type: 'file_download_error',
					},
				],
			},
			"'Image URL' could not be downloaded (403) [item 0]",
			/private browser window/,
		],
		[
			'two things at once',
			422,
			{
				detail: [
					{ loc: ['body', 'prompt'], msg: 'x', type: 'content_policy_violation' },
					{
						loc: ['body', 'image_url'],
						msg: 'x',
						type: 'image_too_small',
						ctx: { min_width: 300, min_height: 200 },
					},
				],
			},
			"'Prompt' was refused by the content policy; 'Image URL' is too small, at least 300×200 pixels [item 0]",
			/Change the prompt/,
		],
		[
			'an unknown type',
			422,
			{ detail: [{ loc: ['body', 'reference_image_urls', 1], msg: 'Something new', type: 'brand_new' }] },
			"Entry 2 of 'Reference Image URLs': something new [item 0]",
			/run the item again/,
		],
		[
			'a plain text',
			422,
			{ detail: 'Something else' },
			'fal.ai: Something else [item 0]',
			/run the item again/,
		],
		[
			'a broken model',
			500,
			{ detail: [{ loc: ['body'], msg: 'x', type: 'internal_server_error' }] },
			'The model failed while making the video [item 0]',
			/later/,
		],
	])('describes %s in words when the job fails', async (_what, code, body, message, remedy) => {
		answer('result', code, body);
		const { error } = await run();
		expect(error?.message).toBe(message);
		expect(error?.description).toMatch(remedy);
		expect(error?.description).toContain(sandbox.jobs[0].id);
	});

	test.each<[string, number, unknown, string, RegExp]>([
		[
			'a wrong key',
			401,
			{ detail: 'No user found for Key ID and Secret' },
			'fal.ai does not accept the API key',
			/Luma Ray Fal API/,
		],
		[
			'an exhausted balance',
			403,
			{
				detail: 'User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.',
			},
			'The balance of the fal.ai account is used up',
			/billing/,
		],
	])('describes %s when fal refuses the submit', async (_what, code, body, message, remedy) => {
		answer('submit', code, body);
		const { error } = await run();
		expect(error?.message).toBe(`${message} [item 0]`);
		expect(error?.description).toMatch(remedy);
		expect(sandbox.jobs).toHaveLength(0);
	});

	test('never shows the HTML page of a gateway', async () => {
		sandbox.faults.add({
			service: 'fal',
			endpoint: 'submit',
			fault: {
				kind: 'status',
				code: 502,
				body: '<html><h1>Bad Gateway</h1></html>',
				headers: { 'content-type': 'text/html' },
			},
		});
		const { error } = await run();
		expect(error?.message).not.toContain('<');
		expect(error?.message).toContain('may have accepted the generation');
		expect(error?.description).toContain('https://fal.ai/dashboard/requests');
		expect(sandbox.requests.filter(({ endpoint }) => endpoint === 'submit')).toHaveLength(1);
	});

	test('reports each failed item and continues with the others under Continue On Fail', async () => {
		sandbox.faults.add({
			service: 'fal',
			endpoint: 'submit',
			nth: 1,
			fault: { kind: 'status', code: 401, body: { detail: 'No user found for Key ID and Secret' } },
		});
		const { items, error } = await run({
			node: { onError: 'continueRegularOutput' },
			parameters: { prompt: '={{ $json.prompt }}', options: { concurrency: 1 } },
			items: itemsWith({ prompt: 'refused' }, { prompt: '' }, { prompt: 'good' }),
		});
		expect(error).toBeUndefined();
		expect(items.map(({ json }) => json.error ?? json.status)).toEqual([
			'fal.ai does not accept the API key',
			"'Prompt' is empty [item 1]",
			'succeeded',
		]);
		expect(items[0].json.details).toMatchObject({ provider: 'fal', httpStatus: 401 });
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
	});

	test('sends failed items only to the error output if there is one', async () => {
		const { items, errorItems } = await run({
			node: { onError: 'continueErrorOutput' },
			parameters: { prompt: '={{ $json.prompt }}' },
			items: itemsWith({ prompt: '' }, { prompt: 'good' }),
		});
		expect(items.map(({ json }) => json.status)).toEqual(['succeeded']);
		expect(errorItems).toHaveLength(1);
		expect(errorItems[0].json.error).toBe("'Prompt' is empty [item 0]");
		expect(errorItems[0].pairedItem).toEqual({ item: 0 });
	});
});
