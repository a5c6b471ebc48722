import { createFalClient } from '@fal-ai/client';
import type { IBinaryKeyData, IDataObject } from 'n8n-workflow';

import { MODEL_NAMES, type ModelName } from '../../nodes/LumaRay/models/names';
import { startSandbox, type RecordedRequest, type Sandbox } from '../../sandbox';
import { ANIMATE, runNode, sandboxCredentials } from '../../harness/engine/engine';
import { formOrder, modelsWithFile } from '../support/family';

const MODEL = 'luma/agent/ray/v3.2/image-to-video';
const IMAGE = 'https://images.example.com/tiger.png';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 0.2, queueSeconds: 0.1 });
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

async function run(parameters: IDataObject, binary = false, files?: IBinaryKeyData) {
	const item = {
		json: {},
		binary: {
			data: { data: Buffer.from('an image').toString('base64'), mimeType: 'image/png', fileName: 'x.png' },
		},
	};
	const result = await runNode({
		credentials: sandboxCredentials(sandbox),
		parameters,
		...(binary ? { items: [item] } : {}),
		...(files ? { items: [{ json: {}, binary: files }] } : {}),
	});
	expect(result.error).toBeUndefined();
	return result.items;
}

function sent(endpoint: string): RecordedRequest[] {
	return sandbox.requests.filter((request) => request.endpoint === endpoint);
}

describe('the requests to fal', () => {
	test('contain every parameter of the model page under fal’s name', async () => {
		await run({
			aspectRatio: '9:16',
			resolution: '1080p',
			loop: true,
			referenceImageUrls: ['https://images.example.com/a.png', 'https://images.example.com/b.png'],
		});
		const [submit] = sent('submit');
		expect(submit).toMatchObject({ method: 'POST', url: `/${MODEL}` });
		expect(submit.headers).toMatchObject({
			authorization: `Key ${sandbox.fal.key}`,
			'content-type': 'application/json',
		});
		expect(submit.body).toEqual({
			prompt: ANIMATE.prompt,
			image_url: IMAGE,
			aspect_ratio: '9:16',
			resolution: '1080p',
			duration: '5s',
			loop: true,
			reference_image_urls: ['https://images.example.com/a.png', 'https://images.example.com/b.png'],
		});
	});

	test('do not contain loop if the duration is 10 seconds', async () => {
		await run({ duration: '10s', loop: true });
		expect(sent('submit')[0].body).not.toHaveProperty('loop');
	});

	test('contain additional fields, which override parameters, and headers for priority and start timeout', async () => {
		await run({
			options: {
				additionalFields: '{"seed": 7, "resolution": "720p"}',
				priority: 'low',
				startTimeoutSeconds: 90,
			},
		});
		const [submit] = sent('submit');
		expect(submit.body).toMatchObject({ seed: 7, resolution: '720p' });
		expect(submit.headers).toMatchObject({
			'x-fal-queue-priority': 'low',
			'x-fal-request-timeout': '90',
		});
	});

	test('consist of one submit, one stream and one result with Follow set to auto', async () => {
		const [item] = await run({});
		const id = item.json.requestId as string;
		const follow = sandbox.requests.filter(({ service, jobId }) => service === 'fal' && jobId === id);
		// On a slow machine, a submit may take more than a second. Then the node polls once before the stream reports.
		const endpoints = follow.map(({ endpoint }) => endpoint).filter((endpoint) => endpoint !== 'status');
		expect(endpoints).toEqual(['submit', 'stream', 'result']);
		expect(sent('status').length).toBeLessThanOrEqual(1);
	});

	test('include no stream with Follow set to poll', async () => {
		await run({ options: { follow: 'poll' } });
		expect(sent('stream')).toHaveLength(0);
		expect(sent('status').length).toBeGreaterThan(0);
	});

	test('ask for logs only if the option is on', async () => {
		const [item] = await run({ options: { follow: 'poll', includeLogs: true } });
		expect(sent('status')[0].url).toMatch(/logs=1/);
		expect((item.json.logs as unknown[]).length).toBeGreaterThan(0);
		sandbox.reset();
		expect((await run({ options: { follow: 'poll' } }))[0].json).not.toHaveProperty('logs');
		expect(sent('status')[0].url).not.toMatch(/logs/);
	});

	test('consist of only the blocking call with Follow set to direct', async () => {
		const [item] = await run({ options: { follow: 'direct' } });
		expect(sent('run')).toHaveLength(1);
		expect(sent('run')[0]).toMatchObject({ method: 'POST', url: `/${MODEL}` });
		expect(sent('submit')).toHaveLength(0);
		expect(item.json).toMatchObject({ status: 'succeeded', requestId: sandbox.jobs[0].id });
	});

	test('end after the submit with Submit Only', async () => {
		const [item] = await run({ waitMode: 'submit' });
		expect(sandbox.requests.map(({ endpoint }) => endpoint)).toEqual(['submit']);
		expect(item.json).toMatchObject({ status: 'queued', requestId: sandbox.jobs[0].id, videoUrl: null });
	});

	test('upload binary data in two steps, with the key only in the first one', async () => {
		await run({ imageSource: 'binary', imageBinaryField: 'data' }, true);
		const [initiate] = sent('uploadInitiate');
		expect(initiate).toMatchObject({
			method: 'POST',
			url: '/storage/upload/initiate?storage_type=fal-cdn-v3',
			body: { content_type: 'image/png', file_name: 'x.png' },
		});
		expect(initiate.headers.authorization).toBe(`Key ${sandbox.fal.key}`);
		const [put] = sent('uploadPut');
		expect(put).toMatchObject({ method: 'PUT', body: { bytes: 'an image'.length } });
		expect(put.headers).toMatchObject({ 'content-type': 'image/png', 'content-length': '8' });
		expect(put.headers).not.toHaveProperty('authorization');
		const { image_url } = sent('submit')[0].body as { image_url: string };
		expect(new URL(image_url).origin).toBe(sandbox.fal.cdnUrl);
	});

	test('use a pasted key without its line breaks', async () => {
		const credentials = sandboxCredentials(sandbox);
		const half = Math.floor(sandbox.fal.key.length / 2);
		credentials.lumaRayFalApi.apiKey = ` ${sandbox.fal.key.slice(0, half)}\n${sandbox.fal.key.slice(half)}\n`;
		const { error } = await runNode({ credentials });
		expect(error).toBeUndefined();
	});
});

describe('fal’s own client sends the same request as the node', () => {
	function client() {
		const hosts: { [host: string]: string } = {
			'queue.fal.run': sandbox.fal.queueUrl,
			'fal.run': sandbox.fal.runUrl,
			'rest.fal.ai': sandbox.fal.restUrl,
			'rest.alpha.fal.ai': sandbox.fal.restUrl,
		};
		return createFalClient({
			credentials: sandbox.fal.key,
			requestMiddleware: async (request) => {
				const url = new URL(request.url);
				return { ...request, url: `${hosts[url.host] ?? url.origin}${url.pathname}${url.search}` };
			},
		});
	}

	/**
	 * The parts of a request that a server may treat differently, except those that identify the program that sent it.
	 */
	function essence({ method, url, body, headers }: RecordedRequest) {
		const { authorization, accept } = headers;
		const contentType = headers['content-type']?.split(';')[0];
		const fal = Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-fal-')));
		return { method, url, body, authorization, accept: accept?.split(',')[0], contentType, fal };
	}

	const input = {
		prompt: ANIMATE.prompt as string,
		image_url: IMAGE,
		aspect_ratio: '16:9',
		resolution: '540p',
		duration: '5s',
		loop: false,
	};

	/** fal's names of the models, as on its pages. */
	const ENDPOINTS: { readonly [model in ModelName]: string } = {
		animate: MODEL,
		generate: 'luma/agent/ray/v3.2/text-to-video',
		edit: 'luma/agent/ray/v3.2/video-to-video',
		reframe: 'luma/agent/ray/v3.2/reframe',
	};
	/** Each operation with only its required parameters, and with optional parameters. */
	const ORDERS = MODEL_NAMES.flatMap((model) =>
		[undefined, 1, 2].map((seed) => ({ model, seed, endpoint: ENDPOINTS[model] })),
	);

	test.each(ORDERS)(
		'for a submit of $model (parameters from seed $seed)',
		async ({ model, seed, endpoint }) => {
			const { parameters } = formOrder('fal', model, { seed });
			const options = { ...parameters.options, priority: 'low' };
			await run({ ...parameters, waitMode: 'submit', options });
			const sentInput = sent('submit')[0].body;
			await client().queue.submit(endpoint, { input: sentInput, priority: 'low' } as never);
			const [ours, theirs] = sent('submit').map(essence);
			expect(ours).toEqual(theirs);
			expect(sandbox.ignored).toEqual([]);
		},
	);

	test.each(ORDERS)(
		'for the blocking call of $model (parameters from seed $seed)',
		async ({ model, seed, endpoint }) => {
			const { parameters } = formOrder('fal', model, { seed });
			const options = { ...parameters.options, follow: 'direct' };
			await run({ ...parameters, options });
			await client().run(endpoint, { input: sent('run')[0].body } as never);
			const [ours, theirs] = sent('run').map(essence);
			expect(ours).toEqual(theirs);
		},
	);

	test('with the expected input', async () => {
		await run({ waitMode: 'submit' });
		expect(sent('submit')[0].body).toEqual(input);
	});

	test.each(MODEL_NAMES)('for status, result and cancel of %s', async (model) => {
		const { parameters } = formOrder('fal', model);
		await run({ ...parameters, options: { follow: 'poll' } });
		const [{ id: requestId }] = sandbox.jobs;
		await run({ provider: 'fal', resource: 'generation', operation: 'cancel', requestId });
		const theirClient = client().queue;
		await theirClient.status(ENDPOINTS[model], { requestId, logs: false });
		await theirClient.result(ENDPOINTS[model], { requestId });
		await theirClient.cancel(ENDPOINTS[model], { requestId }).catch(() => undefined);
		for (const endpoint of ['status', 'result', 'cancel']) {
			const [ours, theirs] = [sent(endpoint)[0], sent(endpoint).at(-1)!].map(essence);
			expect(sent(endpoint).length).toBeGreaterThan(1);
			const plain = ({ method, url, authorization }: typeof ours) => ({
				method,
				path: url.split('?')[0],
				authorization,
			});
			expect(plain(ours)).toEqual(plain(theirs));
		}
	});

	const UPLOADS = modelsWithFile('fal');
	test.each(UPLOADS)('for the start of an upload for %s', async (model) => {
		const { parameters, binary } = formOrder('fal', model, { binary: true });
		await run({ ...parameters, waitMode: 'submit' }, false, binary);
		const [{ mimeType, fileName, data }] = Object.values(binary);
		const file = new File([Buffer.from(data, 'base64')], fileName!, { type: mimeType });
		await client().storage.upload(file);
		const nameless = (request: ReturnType<typeof essence>) => ({
			...request,
			body: { ...(request.body as object), file_name: '' },
		});
		const [ours, theirs] = sent('uploadInitiate').map(essence).map(nameless);
		expect(ours).toEqual(theirs);
	});
});
