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

describe('what reaches fal', () => {
	test('every parameter of the model page is sent by fal’s name', async () => {
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

	test('10 seconds never carry loop', async () => {
		await run({ duration: '10s', loop: true });
		expect(sent('submit')[0].body).not.toHaveProperty('loop');
	});

	test('additional fields override the others; priority and start timeout are headers', async () => {
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

	test('auto: one submit, one stream, one result', async () => {
		const [item] = await run({});
		const id = item.json.requestId as string;
		const follow = sandbox.requests.filter(({ service, jobId }) => service === 'fal' && jobId === id);
		// A submit that took more than a second, on a slow machine, is followed by a poll before the stream reports.
		const endpoints = follow.map(({ endpoint }) => endpoint).filter((endpoint) => endpoint !== 'status');
		expect(endpoints).toEqual(['submit', 'stream', 'result']);
		expect(sent('status').length).toBeLessThanOrEqual(1);
	});

	test('poll: no stream', async () => {
		await run({ options: { follow: 'poll' } });
		expect(sent('stream')).toHaveLength(0);
		expect(sent('status').length).toBeGreaterThan(0);
	});

	test('logs are requested only if the option says so', async () => {
		const [item] = await run({ options: { follow: 'poll', includeLogs: true } });
		expect(sent('status')[0].url).toMatch(/logs=1/);
		expect((item.json.logs as unknown[]).length).toBeGreaterThan(0);
		sandbox.reset();
		expect((await run({ options: { follow: 'poll' } }))[0].json).not.toHaveProperty('logs');
		expect(sent('status')[0].url).not.toMatch(/logs/);
	});

	test('direct: the blocking call alone', async () => {
		const [item] = await run({ options: { follow: 'direct' } });
		expect(sent('run')).toHaveLength(1);
		expect(sent('run')[0]).toMatchObject({ method: 'POST', url: `/${MODEL}` });
		expect(sent('submit')).toHaveLength(0);
		expect(item.json).toMatchObject({ status: 'succeeded', requestId: sandbox.jobs[0].id });
	});

	test('submit only: nothing after the submit', async () => {
		const [item] = await run({ waitMode: 'submit' });
		expect(sandbox.requests.map(({ endpoint }) => endpoint)).toEqual(['submit']);
		expect(item.json).toMatchObject({ status: 'queued', requestId: sandbox.jobs[0].id, videoUrl: null });
	});

	test('binary data is uploaded to fal’s storage: the key to the first call only, the bytes to the second', async () => {
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

	test('the line break of a pasted key is removed', async () => {
		const credentials = sandboxCredentials(sandbox);
		const half = Math.floor(sandbox.fal.key.length / 2);
		credentials.lumaRayFalApi.apiKey = ` ${sandbox.fal.key.slice(0, half)}\n${sandbox.fal.key.slice(half)}\n`;
		const { error } = await runNode({ credentials });
		expect(error).toBeUndefined();
	});
});

describe('the reference: fal’s own client sends the same', () => {
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

	/** What a server can tell one request from another by, less what names the program that sent it. */
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

	/** fal's names of the models, as its pages have them. */
	const ENDPOINTS: { readonly [model in ModelName]: string } = {
		animate: MODEL,
		generate: 'luma/agent/ray/v3.2/text-to-video',
		edit: 'luma/agent/ray/v3.2/video-to-video',
		reframe: 'luma/agent/ray/v3.2/reframe',
	};
	/** Each operation with only its required parameters, and with optional ones. */
	const ORDERS = MODEL_NAMES.flatMap((model) =>
		[undefined, 1, 2].map((seed) => ({ model, seed, endpoint: ENDPOINTS[model] })),
	);

	test.each(ORDERS)('submit of $model (parameters by seed $seed)', async ({ model, seed, endpoint }) => {
		const { parameters } = formOrder('fal', model, { seed });
		const options = { ...parameters.options, priority: 'low' };
		await run({ ...parameters, waitMode: 'submit', options });
		const sentInput = sent('submit')[0].body;
		await client().queue.submit(endpoint, { input: sentInput, priority: 'low' } as never);
		const [ours, theirs] = sent('submit').map(essence);
		expect(ours).toEqual(theirs);
		expect(sandbox.ignored).toEqual([]);
	});

	test.each(ORDERS)(
		'the blocking call for $model (parameters by seed $seed)',
		async ({ model, seed, endpoint }) => {
			const { parameters } = formOrder('fal', model, { seed });
			const options = { ...parameters.options, follow: 'direct' };
			await run({ ...parameters, options });
			await client().run(endpoint, { input: sent('run')[0].body } as never);
			const [ours, theirs] = sent('run').map(essence);
			expect(ours).toEqual(theirs);
		},
	);

	test('the input is the same as one written by hand', async () => {
		await run({ waitMode: 'submit' });
		expect(sent('submit')[0].body).toEqual(input);
	});

	test.each(MODEL_NAMES)('status, result and cancel of %s', async (model) => {
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
	test.each(UPLOADS)('the start of an upload for %s', async (model) => {
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
