import type { IDataObject, INode } from 'n8n-workflow';

import { startSandbox, type Endpoint, type Fault, type Sandbox } from '../../sandbox';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';

/** What a provider's answers prove, and what they do not prove. */

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 0.2, queueSeconds: 0.1 });
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

async function run(parameters: IDataObject, node: Partial<INode> = {}) {
	return await runNode({ credentials: sandboxCredentials(sandbox), parameters, node });
}

function answer(endpoint: Endpoint, code: number, body: unknown, nth?: number | [number, number]): void {
	sandbox.faults.add({ endpoint, nth, fault: { kind: 'status', code, body } });
}

const sent = (endpoint: Endpoint) => sandbox.requests.filter((request) => request.endpoint === endpoint);
const RETRY = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
const POLL = { follow: 'poll', pollIntervalSeconds: 1 };

describe('Oxen’s record of a job, which may be older than the job’s row in the queue', () => {
	const old = { status: 'processing', result_url: null, error_message: null, cost: '0.50' };

	test('adds the cost, but does not override the row', async () => {
		answer('generation', 200, { generation: old });
		const { items, error } = await run({ provider: 'oxen', options: POLL }, RETRY);
		expect(error).toBeUndefined();
		expect(items[0].json).toMatchObject({
			status: 'succeeded',
			videoUrl: expect.stringMatching(/^http/),
			cost: { actualUsd: 0.5 },
		});
		expect(sandbox.jobs).toHaveLength(1);
	});

	test('provides the video address if the row has none', async () => {
		answer('status', 200, { status: 'succeeded', result_url: null });
		const { items, error } = await run({ provider: 'oxen', options: POLL });
		expect(error).toBeUndefined();
		expect(items[0].json.videoUrl).toMatch(/^http/);
	});

	test('is read again if the video address of a succeeded job is still missing', async () => {
		answer('status', 200, { status: 'succeeded', result_url: null }, [1, 3]);
		answer('generation', 200, { generation: old }, [1, 3]);
		const { items, error } = await run({ provider: 'oxen', options: POLL });
		expect(error).toBeUndefined();
		expect(items[0].json).toMatchObject({ status: 'succeeded', videoUrl: expect.stringMatching(/^http/) });
	});

	test('leads to a timeout if the video address never appears, and a retry does not pay again', async () => {
		answer('status', 200, { status: 'succeeded', result_url: null });
		answer('generation', 200, { generation: old });
		const { error } = await run({ provider: 'oxen', options: { ...POLL, timeoutMinutes: 0.03 } }, RETRY);
		expect(error?.description).toContain(sandbox.jobs[0].id);
		expect(sandbox.jobs).toHaveLength(1);
	});
});

describe('a result at fal that cannot be read', () => {
	test.each<[string, number, unknown]>([
		['500 internal_error', 500, { detail: 'Internal server error', error_type: 'internal_error' }],
		['504 from the runner', 504, { detail: 'Timed out', error_type: 'startup_timeout' }],
		['405', 405, { detail: 'Method Not Allowed' }],
		['410', 410, { detail: 'Gone' }],
		['400 with another message', 400, { detail: 'The request has not been completed' }],
		['400 without a message', 400, {}],
		['422 from a gateway', 422, '<html></html>'],
	])('is read again after %s', async (_what, code, body) => {
		answer('result', code, body, 1);
		const { items, error } = await run({ options: POLL }, RETRY);
		expect(error).toBeUndefined();
		expect(items[0].json.requestId).toBe(sandbox.jobs[0].id);
		expect(sandbox.jobs).toHaveLength(1);
	});

	test.each([405, 410, 500])('is not paid for again in a retry if each read answers %d', async (code) => {
		answer('result', code, { detail: 'No', error_type: 'internal_error' });
		const { error } = await run({ options: { ...POLL, timeoutMinutes: 0.05 } }, RETRY);
		expect(error?.description).toContain(sandbox.jobs[0].id);
		expect(sandbox.jobs).toHaveLength(1);
	});

	describe('fails the job only if the job’s status reports a failure', () => {
		beforeEach(() => {
			sandbox.faults.add({
				endpoint: 'submit',
				fault: { kind: 'jobFails', message: 'The machine broke down' },
			});
			answer('result', 500, '<html></html>');
		});

		test('for Wait and Get', async () => {
			const { error } = await run({ options: POLL });
			expect(error?.message).toBe('fal.ai: The machine broke down [item 0]');
			const [{ id }] = sandbox.jobs;
			const get = { resource: 'generation', operation: 'get', requestId: id };
			const { items } = await run(get);
			expect(items[0].json).toMatchObject({
				status: 'failed',
				errorMessage: 'fal.ai: The machine broke down',
			});
		});

		test('and then a retry submits the item again', async () => {
			await run({ options: POLL }, RETRY);
			expect(sandbox.jobs).toHaveLength(2);
		});
	});
});

describe('an unclear answer to a paid request', () => {
	const direct = (provider: string) => ({ provider, options: { follow: 'direct' } });

	test.each<[string, string, unknown]>([
		['fal', 'a gateway’s JSON', { message: 'Service Unavailable' }],
		['fal', 'an empty detail', { detail: [] }],
		['fal', 'an error without a type', { error: 'unavailable' }],
		['fal', 'a request ID', { detail: 'Unavailable', request_id: 'a-job' }],
		['fal', "a gateway's request ID", { detail: 'Unavailable', gateway_request_id: 'a-job' }],
		['oxen', 'a gateway’s JSON', { message: 'Service Unavailable' }],
		['oxen', 'an empty error', { error: null }],
		['oxen', 'a generation', { error: { title: 'Unavailable' }, generations: [{ generation_id: 'a-job' }] }],
		['oxen', 'a generation ID', { status: 'error', error: 'Unavailable', generation_id: 'a-job' }],
	])('a 503 from %s with %s does not prove a refusal', async (provider, _what, body) => {
		answer('run', 503, body);
		const { error } = await run(direct(provider));
		expect(error?.message).toContain('may have accepted the generation');
		expect(sent('run')).toHaveLength(1);
		if (JSON.stringify(body).includes('a-job')) expect(error?.description).toContain('a-job');
	});

	test.each<[string, unknown]>([
		['fal', { detail: 'Unavailable' }],
		['fal', { detail: [{ type: 'downstream_service_unavailable', msg: 'x' }] }],
		['fal', { error: { type: 'server_error', message: 'Unavailable' } }],
		['fal', { error: 'Unavailable', error_type: 'runner_connection_error' }],
		['oxen', { error: { type: 'unknown_error', title: 'Unavailable' } }],
		['oxen', { error: 'Unavailable', generations: [] }],
		['oxen', { status: 'error', status_message: 'unavailable' }],
	])('after a 503 from %s with %j, the request is sent again', async (provider, body) => {
		answer('run', 503, body, 1);
		const { error } = await run(direct(provider));
		expect(error).toBeUndefined();
		expect(sent('run')).toHaveLength(2);
	});

	test.each([{ error: null }, { error: { title: 'x' } }, { generations: [], error: null }])(
		'a 200 from Oxen with %j does not prove a refusal',
		async (body) => {
			answer('run', 200, body);
			const { error } = await run(direct('oxen'));
			expect(error?.message).toContain('may have accepted the generation');
		},
	);
});

describe('when Oxen returns fewer jobs than requested', () => {
	const asked = { provider: 'oxen', options: { numGenerations: 3, ...POLL } };

	beforeEach(async () => {
		await run({ ...asked, waitMode: 'submit', options: { numGenerations: 2 } });
		const [one, two] = sandbox.jobs.map(({ id }) => ({ generation_id: id, status: 'queued' }));
		answer('submit', 200, { generations: [one, one, two] });
	});

	test('returns each missing job as a failed item, and a repeated job only once', async () => {
		const { items } = await run(asked, { onError: 'continueRegularOutput' });
		expect(items.map(({ json }) => json.requestId ?? json.error)).toEqual([
			sandbox.jobs[0].id,
			sandbox.jobs[1].id,
			'Oxen.ai was asked for 3 generations and returned 2',
		]);
		expect(items.map(({ pairedItem }) => pairedItem)).toEqual(Array(3).fill({ item: 0 }));
		expect(JSON.stringify(items[2].json)).toContain('not submitted again');
	});

	test('does not pay again in a retry', async () => {
		const { error } = await run(asked, RETRY);
		expect(error?.message).toContain('returned 2');
		for (const { id } of sandbox.jobs) expect(error?.description).toContain(id);
		expect(sent('submit')).toHaveLength(2);
	});
});

describe('an error type that is the name of a built-in property', () => {
	test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
		'is handled like any other: %s',
		async (type) => {
			const direct = { options: { follow: 'direct' } };
			answer('run', 422, { detail: [{ loc: ['body', type], type, msg: 'No such thing' }] }, 1);
			expect((await run(direct)).error?.message).toBe(`'${type}': no such thing [item 0]`);
			answer('run', 400, { detail: 'No such thing', error_type: type }, 1);
			expect((await run(direct)).error?.message).toBe('fal.ai: No such thing [item 0]');
			answer('run', 400, { error: { type, title: 'No such thing' } }, 1);
			expect((await run({ provider: 'oxen', ...direct })).error?.message).toBe(
				'Oxen.ai: No such thing [item 0]',
			);
		},
	);
});

test.each([
	[[]],
	[null],
	[{}],
	[7],
	[' '],
	[[{}]],
	[[null, 7, 'x']],
	[[{ msg: '', type: '', loc: [] }]],
	[[{ loc: ['body', { a: 1 }], msg: ' ' }]],
])('a message is readable even if fal’s detail is %j', async (detail) => {
	for (const code of [400, 422]) {
		answer('run', code, { detail }, 1);
		const { error } = await run({ options: { follow: 'direct' } });
		expect(error?.message).toMatch(/^fal\.ai\S* [\w ,:()]*[\w)] \[item 0\]|^fal\.ai: [\w ,]+ \[item 0\]/);
		expect(error?.description).toBeTruthy();
	}
});

test('the message says that fal gave no reason if its detail contains only a field', async () => {
	answer('run', 422, { detail: [{ loc: ['body', 'prompt'] }] });
	const { error } = await run({ options: { follow: 'direct' } });
	expect(error?.message).toBe("'Prompt' was refused, and no reason was given [item 0]");
});

test.each([{}, { error: { title: 'Payment Required' } }, { error: null }])(
	'Oxen’s 402 with %j is reported as missing credits',
	async (body) => {
		answer('submit', 402, body);
		const { error } = await run({ provider: 'oxen' });
		expect(error?.message).toBe('The credits of the Oxen.ai account are used up [item 0]');
		if (body.error) expect(error?.description).toContain('Payment Required');
	},
);

describe('a refused upload at fal is reported as an error of the file', () => {
	test.each<[Endpoint, string]>([
		[
			'uploadInitiate',
			'The file could not be uploaded: fal.ai does not accept the API key for this request [item 0]',
		],
		['uploadPut', "The file could not be uploaded: fal.ai's storage answered with HTTP 403 [item 0]"],
	])('when %s is refused', async (endpoint, message) => {
		answer(endpoint, 403, { detail: 'Forbidden' });
		const image = { data: Buffer.from('an image').toString('base64'), mimeType: 'image/png' };
		const { error } = await runNode({
			credentials: sandboxCredentials(sandbox),
			parameters: { imageSource: 'binary' },
			items: [{ json: {}, binary: { data: image } }],
		});
		expect(error?.message).toBe(message);
		expect(sandbox.jobs).toHaveLength(0);
	});
});

describe('the model of a job about which only the request ID is known', () => {
	async function modelOf(provider: string, operation: string) {
		const [{ json }] = (await run({ provider, waitMode: 'submit' })).items;
		const known = { resource: 'generation', provider, requestId: json.requestId };
		if (operation === 'get, ended') await run({ ...known, operation: 'wait' });
		const { items, error } = await run({ ...known, operation: operation.split(',')[0] });
		expect(error).toBeUndefined();
		return items[0].json.model;
	}
	const OTHER: Fault = {
		kind: 'status',
		code: 200,
		body: {
			model_name: 'another-model',
			status: 'succeeded',
			result_url: 'https://videos.example.com/a.mp4',
		},
	};

	test.each(['get', 'get, ended', 'wait'])('is reported by Oxen (%s)', async (operation) => {
		expect(await modelOf('oxen', operation)).toBe('luma-ray-v3-2-image-to-video');
		sandbox.faults.add({ endpoint: 'status', fault: OTHER });
		expect(await modelOf('oxen', operation)).toBe('another-model');
	});

	test('is not reported by fal while the job runs', async () => {
		expect(await modelOf('fal', 'get')).toBeNull();
	});

	test.each(['get, ended', 'wait'])('is found in fal’s list of past requests (%s)', async (operation) => {
		expect(await modelOf('fal', operation)).toBe('luma/agent/ray/v3.2/image-to-video');
	});

	test('is known if this node submitted the job', async () => {
		const { items } = await run({});
		expect(items[0].json.model).toBe('luma/agent/ray/v3.2/image-to-video');
	});
});

describe('an invalid live price', () => {
	const estimate = {
		resource: 'model',
		operation: 'estimateCost',
		resolution: '720p',
		duration: '10s',
		count: 1,
	};

	test.each([0, -1, 1e308, '0.5'])('is ignored: %p', async (price) => {
		const endpoint_id = 'luma/agent/ray/v3.2/image-to-video';
		answer('pricing', 200, {
			prices: [{ endpoint_id, unit_price: price, unit: 'videos', currency: 'USD' }],
		});
		answer('model', 200, {
			pricing: { cost_per_second_by_resolution: { '720p': price } },
			request_schema: {},
		});
		for (const provider of ['fal', 'oxen']) {
			const { items } = await run({ provider, ...estimate });
			expect(items[0].json).toMatchObject({ clipUsd: 2, source: 'table' });
		}
	});
});
