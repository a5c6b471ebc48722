import type { IDataObject } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../../sandbox';
import { finish, until } from '../sandbox/support';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';

/** How many seconds the jobs of a test run. */
let jobSeconds = 0.3;
let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: () => jobSeconds, queueSeconds: 0.1 });
});
beforeEach(() => (jobSeconds = 0.3));
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

async function run(parameters: IDataObject, items = [{ json: {} as IDataObject }]) {
	const result = await runNode({ credentials: sandboxCredentials(sandbox), parameters, items });
	return result;
}

/** The paths of all values, with the type of each value. */
function shapeOf(value: unknown, path = ''): string[] {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
	return Object.entries(value).flatMap(([key, inner]) => shapeOf(inner, path ? `${path}.${key}` : key));
}

const WAYS = ['fal', 'oxen'].flatMap((provider) =>
	['auto', 'poll', 'direct'].map((follow) => ({ provider, follow })),
);

test('returns the same item for all six combinations of provider and Follow', async () => {
	const rows = [];
	for (const { provider, follow } of WAYS) {
		const { items, error } = await run({ provider, options: { follow } });
		expect(error).toBeUndefined();
		const [{ json }] = items;
		expect(json).toMatchObject({
			provider,
			status: 'succeeded',
			videoUrl: expect.stringMatching(/^http/),
			parameters: {
				prompt: expect.any(String),
				aspectRatio: '16:9',
				resolution: '540p',
				duration: '5s',
				loop: false,
			},
			cost: { estimatedUsd: 0.5, source: 'live' },
		});
		const { actualUsd } = json.cost as IDataObject;
		// Only fal.ai has the Frames option.
		const shape = shapeOf(json).filter((key) => key !== 'parameters.frames');
		rows.push({ provider, follow, keys: shape.length, shape: shape.join(), actualUsd });
	}
	console.table(rows.map(({ provider, follow, keys, actualUsd }) => ({ provider, follow, keys, actualUsd })));
	expect(new Set(rows.map(({ shape }) => shape)).size).toBe(1);
});

test('reports a job to both items that wait for it as soon as it ends', async () => {
	const slow = await startSandbox({ jobSeconds: 4, queueSeconds: 0.1 });
	const run = async (parameters: IDataObject, items = [{ json: {} }]) =>
		await runNode({ credentials: sandboxCredentials(slow), parameters, items });
	const [{ json }] = (await run({ waitMode: 'submit' })).items;
	const wait = { resource: 'generation', operation: 'wait', requestId: json.requestId };
	const { items } = await run(wait, [{ json: {} }, { json: {} }]);
	await until(() => slow.openStreams() === 0);
	await slow.close();
	expect(items.map(({ json: { requestId, status } }) => [requestId, status])).toEqual(
		Array(2).fill([json.requestId, 'succeeded']),
	);
});

test('shares one event stream for 20 Oxen jobs and rarely polls them', async () => {
	const items = Array.from({ length: 20 }, () => ({ json: {} }));
	const { items: output, error } = await run({ provider: 'oxen' }, items);
	expect(error).toBeUndefined();
	expect(output).toHaveLength(20);
	const count = (endpoint: string) =>
		sandbox.requests.filter((request) => request.endpoint === endpoint).length;
	expect(count('events')).toBe(1);
	expect(count('submit')).toBe(20);
	expect(count('status') + count('queueList')).toBeLessThan(60);
});

test('ignores events about other jobs of the account', async () => {
	sandbox.faults.add({ service: 'oxen', endpoint: 'events', fault: { kind: 'foreign' } as never });
	const { items, error } = await run({ provider: 'oxen' });
	expect(error).toBeUndefined();
	expect(items).toHaveLength(1);
});

describe('the API key is sent only to the provider’s own host', () => {
	test('downloads a video on another host without the key', async () => {
		const { error } = await run({ provider: 'oxen', downloadVideo: true });
		expect(error).toBeUndefined();
		const foreign = sandbox.requests.filter(({ host }) => host === 'oxenCdn');
		expect(foreign.length).toBeGreaterThan(0);
		for (const { headers } of foreign) expect(headers).not.toHaveProperty('authorization');
	});

	test('sends the key to the hub for a result, but not to the host that the hub redirects to', async () => {
		const hub = await startSandbox({ jobSeconds: 0.1, queueSeconds: 0, oxenResults: 'hub' } as never);
		try {
			const { items, error } = await runNode({
				credentials: sandboxCredentials(hub),
				parameters: { provider: 'oxen', downloadVideo: true },
			});
			expect(error).toBeUndefined();
			expect(items[0].binary?.data).toMatchObject({ mimeType: 'video/mp4' });
			const videos = hub.requests.filter(({ url }) => url.includes('.mp4'));
			const withKey = videos.filter(({ headers }) => headers.authorization !== undefined);
			expect(withKey.map(({ host }) => host)).toEqual(['oxen']);
			expect(videos.some(({ host }) => host === 'oxenCdn')).toBe(true);
		} finally {
			await hub.close();
		}
	});
});

describe.each(['fal', 'oxen'])('Generation and Model at %s', (provider) => {
	async function submit(parameters: IDataObject = {}): Promise<string> {
		const { items } = await run({ provider, waitMode: 'submit', ...parameters });
		return items[0].json.requestId as string;
	}

	test('Wait resumes a job of an earlier run and returns the same as Animate Image', async () => {
		const requestId = await submit();
		const { items, error } = await run({
			resource: 'generation',
			operation: 'wait',
			provider,
			requestId,
			downloadVideo: true,
		});
		expect(error).toBeUndefined();
		expect(items[0].json).toMatchObject({
			provider,
			requestId,
			status: 'succeeded',
			videoUrl: expect.any(String),
		});
		expect(items[0].binary?.data).toMatchObject({ mimeType: 'video/mp4' });
		expect(sandbox.jobs).toHaveLength(1);
	});

	test('Get reports queued or running first, and the video at the end', async () => {
		jobSeconds = 600;
		const requestId = await submit();
		const get = { resource: 'generation', operation: 'get', provider, requestId };
		expect(['queued', 'running']).toContain((await run(get)).items[0].json.status);
		await finish(sandbox);
		const { items } = await run({ ...get, downloadVideo: true });
		expect(items[0].json).toMatchObject({ requestId, status: 'succeeded', cost: { actualUsd: 0.5 } });
		expect(items[0].binary?.data).toBeDefined();
	});

	test('Get returns an item for a failed job, while Wait throws its message', async () => {
		const requestId = await submit({
			options: { additionalFields: '{"resolution":"4k"}', checkLiveModel: false },
		});
		await until(() => sandbox.jobs[0].completedAt, 'the end of the job');
		const get = { resource: 'generation', operation: 'get', provider, requestId };
		const { items } = await run(get);
		expect(items[0].json).toMatchObject({ status: 'failed', errorMessage: expect.stringContaining('540p') });
		const { error } = await run({ ...get, operation: 'wait' });
		expect(error?.message).toContain('540p');
		expect(error?.description).toContain(requestId);
	});

	test('Cancel ends a job, or reports that the job had already ended', async () => {
		jobSeconds = 600;
		const requestId = await submit();
		const cancel = { resource: 'generation', operation: 'cancel', provider, requestId };
		expect((await run(cancel)).items[0].json).toMatchObject({ provider, requestId, cancelled: true });
		const ended = await submit();
		await finish(sandbox, sandbox.jobs[1]);
		expect((await run({ ...cancel, requestId: ended })).items[0].json).toEqual({
			provider,
			requestId: ended,
			cancelled: false,
			status: 'succeeded',
		});
	});

	test('reports an unknown request ID immediately with a message', async () => {
		for (const operation of ['get', 'wait', 'cancel']) {
			const { error } = await run({ resource: 'generation', operation, provider, requestId: 12345 });
			expect(error?.message).toMatch(/^(fal|Oxen)\.ai has no generation with the request ID 12345/);
			expect(error?.description).toContain('of the same');
			expect(error).toMatchObject({ httpCode: '404' });
		}
	});

	test.each(['={{ undefined }}', '={{ "" }}', '..', 'a\nb', 'a/../../b'])(
		'refuses the request ID %j without a request',
		async (requestId) => {
			const { error } = await run({ resource: 'generation', operation: 'get', provider, requestId });
			expect(error?.message).toMatch(/'Request ID' is/);
			expect(sandbox.requests).toHaveLength(0);
		},
	);

	test('Get Many lists the newest generations first, up to the limit or all of them', async () => {
		const ids = [await submit(), await submit(), await submit()];
		const many = { resource: 'generation', operation: 'getMany', provider };
		const limited = await run({ ...many, limit: 2 });
		expect(limited.items.map(({ json }) => json.requestId)).toEqual([ids[2], ids[1]]);
		const all = await run({ ...many, returnAll: true });
		expect(all.items).toHaveLength(3);
		expect(all.items[0].json.parameters).toMatchObject({ prompt: expect.any(String) });
	});

	test('Model: Get describes the model and finds no difference from the node’s catalogue', async () => {
		const { items, error } = await run({ resource: 'model', operation: 'get', provider });
		expect(error).toBeUndefined();
		expect(items[0].json.differences).toEqual([]);
		expect(items[0].json.schema).toMatchObject({ properties: { prompt: expect.anything() } });
	});

	test('Estimate Cost prefers the user’s own price, then the live price, then the price list', async () => {
		const estimate = {
			resource: 'model',
			operation: 'estimateCost',
			provider,
			resolution: '720p',
			duration: '10s',
			count: 3,
		};
		expect((await run(estimate)).items[0].json).toMatchObject({ clipUsd: 2, totalUsd: 6, source: 'live' });
		expect((await run({ ...estimate, clipPriceUsd: 0.3 })).items[0].json).toMatchObject({
			totalUsd: 0.9,
			source: 'own',
		});
		const half = await run({ ...estimate, count: 1.5 });
		expect(half.error?.message).toBe("'Count' must be a whole number of at least 1 [item 0]");
		const endpoint = provider === 'fal' ? 'pricing' : 'model';
		sandbox.faults.add({
			service: provider as never,
			endpoint: endpoint as never,
			fault: { kind: 'status', code: 500 } as never,
		});
		expect((await run(estimate)).items[0].json).toMatchObject({
			totalUsd: 6,
			source: 'table',
			priceDate: expect.any(String),
		});
	});
});
