import type { IDataObject } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../../sandbox';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';

// A process caches a price by its address for an hour, so each test has its own addresses.
let sandbox: Sandbox;
beforeEach(async () => {
	sandbox = await startSandbox({ jobSeconds: 0.1, queueSeconds: 0 });
});
afterEach(async () => await sandbox.close());

async function run(
	provider: string,
	options: IDataObject,
	jsons: IDataObject[],
	parameters: IDataObject = {},
) {
	return await runNode({
		credentials: sandboxCredentials(sandbox),
		parameters: { provider, waitMode: 'submit', options, ...parameters },
		items: jsons.map((json) => ({ json })),
	});
}

const submits = () => sandbox.requests.filter(({ endpoint }) => endpoint === 'submit').length;

test.each([
	[
		'fal',
		{ operation: 'generate', resolution: '720p', options: { hdr: true } },
		'is not published by fal.ai',
	],
	[
		'fal',
		{ operation: 'reframe', videoUrl: 'https://videos.example.com/tiger.mp4', duration: 'source' },
		'depends on the length of the source',
	],
])('refuses a budget at %s when the price is unknown: %j', async (provider, parameters, why) => {
	const { options = {}, ...form } = parameters as IDataObject;
	const maxCostUsd = { ...(options as IDataObject), maxCostUsd: 100 };
	const { error } = await run(provider, maxCostUsd, [{}], form);
	expect(error?.message).toBe(
		`The price of this video ${why}, so 'Maximum Cost (USD)' cannot be checked [item 0]`,
	);
	expect(submits()).toBe(0);
	const priced = await run(provider, { ...maxCostUsd, clipPriceUsd: 1.5 }, [{}], form);
	expect(priced.error).toBeUndefined();
	expect(priced.items[0].json.cost).toEqual({ estimatedUsd: 1.5, source: 'own', actualUsd: null });
});

describe.each(['fal', 'oxen'] as const)('Maximum Cost at %s', (provider) => {
	const name = provider === 'fal' ? 'fal.ai' : 'Oxen.ai';
	const priceEndpoint = provider === 'fal' ? 'pricing' : 'model';

	test('refuses all items before the first submit and names the total cost', async () => {
		const { error } = await run(
			provider,
			{ maxCostUsd: 4.5 },
			[{ r: '540p' }, { r: '1080p' }, { r: '1080p' }, { r: '540p' }],
			{
				resolution: '={{ $json.r }}',
			},
		);
		expect(error?.message).toBe(`This run would cost $5 at ${name}, more than 'Maximum Cost (USD)' of $4.50`);
		expect(error?.description).toContain(
			`4 videos, up to $2 each, by the live price of ${name}. Nothing was submitted or billed.`,
		);
		expect(submits()).toBe(0);
	});

	test('allows a run that costs exactly the maximum, and reads the live price once', async () => {
		const { items, error } = await run(provider, { maxCostUsd: 1 }, [{}, {}]);
		expect(error).toBeUndefined();
		expect(items.map(({ json }) => json.cost)).toEqual([
			{ estimatedUsd: 0.5, source: 'live', actualUsd: null },
			{ estimatedUsd: 0.5, source: 'live', actualUsd: null },
		]);
		expect(sandbox.requests.filter(({ endpoint }) => endpoint === priceEndpoint)).toHaveLength(1);
	});

	test.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'returns no successful item if the budget is exceeded, with On Error set to %s',
		async (onError) => {
			const { items, errorItems, error } = await runNode({
				credentials: sandboxCredentials(sandbox),
				node: { onError },
				parameters: { provider, options: { maxCostUsd: 0.6 } },
				items: [{ json: { sku: 1 } }, { json: { sku: 2 } }],
			});
			expect(error).toBeUndefined();
			const [bad, good] = onError === 'continueErrorOutput' ? [errorItems, items] : [items, errorItems];
			expect(good).toEqual([]);
			expect(bad.map(({ json }) => json.error)).toEqual([
				expect.stringContaining('This run would cost $1'),
				expect.stringContaining('This run would cost $1'),
			]);
			expect(submits()).toBe(0);
		},
	);

	test.each([{ resolution: '1080p' }, { duration: '10s' }])(
		'refuses a run if Additional Fields (JSON) change the price: %j',
		async (additionalFields) => {
			const options = { additionalFields: JSON.stringify(additionalFields) };
			const { error } = await run(provider, { ...options, maxCostUsd: 1 }, [{}]);
			expect(error?.message).toContain(
				"changes the price, so 'Maximum Cost (USD)' cannot be checked [item 0]",
			);
			expect(submits()).toBe(0);

			const without = await run(provider, options, [{}]);
			expect(without.items[0].json.cost).toMatchObject({ estimatedUsd: null, source: null });
		},
	);

	test('uses the price list if the provider returns no price', async () => {
		sandbox.faults.add({
			service: provider,
			endpoint: priceEndpoint,
			fault: { kind: 'status', code: 500, body: {} },
		});
		const { error } = await run(provider, { maxCostUsd: 0.4 }, [{}]);
		expect(error?.description).toMatch(/by the price list of \d{4}-\d{2}-\d{2}/);
		expect(submits()).toBe(0);
	});

	test('prefers the user’s own price to the live price and the price list', async () => {
		const cheap = await run(provider, { maxCostUsd: 0.4, clipPriceUsd: 0.15 }, [{}, {}]);
		expect(cheap.error).toBeUndefined();
		expect(cheap.items[0].json.cost).toMatchObject({ estimatedUsd: 0.15, source: 'own' });
		const dear = await run(provider, { maxCostUsd: 0.4, clipPriceUsd: 0.3 }, [{}, {}]);
		expect(dear.error?.description).toContain("2 videos, up to $0.30 each, by your 'Clip Price (USD)'");
	});
});

test('counts each of several generations of an item toward the maximum cost', async () => {
	const { error } = await run('oxen', { maxCostUsd: 1.5, numGenerations: 4 }, [{}]);
	expect(error?.message).toContain('would cost $2');
});

test.each(['a lot', -1, null])('refuses %j as Maximum Cost', async (maxCostUsd) => {
	const { error } = await run('fal', { maxCostUsd }, [{}]);
	expect(error?.message).toBe("'Maximum Cost (USD)' must be a number of at least 0 [item 0]");
	expect(submits()).toBe(0);
});

describe.each(['fal', 'oxen'] as const)('the estimated cost at %s', (provider) => {
	const endpoint = provider === 'fal' ? 'pricing' : 'model';
	const reads = () => sandbox.requests.filter((request) => request.endpoint === endpoint).length;
	const break_ = (fault: object) => sandbox.faults.add({ service: provider, endpoint, fault } as never);
	const costOf = async (jsons: IDataObject[] = [{}]) => {
		const { error, items } = await run(provider, {}, jsons, { resolution: '720p' });
		expect(error).toBeUndefined();
		return items[0].json.cost;
	};

	test('is the live price, which is read once for all items and runs', async () => {
		expect(await costOf([{}, {}, {}])).toEqual({ estimatedUsd: 1, source: 'live', actualUsd: null });
		await costOf();
		expect(reads()).toBe(1);
	});

	test('is the user’s own price, and no live price is read', async () => {
		const { items } = await run(provider, { clipPriceUsd: 0.3, checkLiveModel: false }, [{}, {}]);
		expect(items[0].json.cost).toMatchObject({ estimatedUsd: 0.3, source: 'own' });
		expect(reads()).toBe(0);
	});

	const unitOf = (unit_price: unknown, unit = 'video') =>
		provider === 'fal'
			? { prices: [{ endpoint_id: 'luma/agent/ray/v3.2/image-to-video', unit_price, unit, currency: 'USD' }] }
			: {
					request_schema: {},
					pricing: {
						method: unit === 'video' ? 'per_second' : unit,
						cost_per_second_by_resolution: { '720p': unit_price },
					},
				};

	test.each([
		['a wrong key', { kind: 'status', code: 401, body: {} }],
		['an error', { kind: 'status', code: 500, body: '' }],
		['a page', { kind: 'status', code: 200, body: '<html></html>' }],
		['a price of 0', { kind: 'status', code: 200, body: unitOf(0) }],
		['a negative price', { kind: 'status', code: 200, body: unitOf(-0.5) }],
		['a price that is text', { kind: 'status', code: 200, body: unitOf('0.5') }],
		['an extremely high price', { kind: 'status', code: 200, body: unitOf(1e308) }],
		['an unknown unit', { kind: 'status', code: 200, body: unitOf(0.5, 'tokens') }],
		['no answer', { kind: 'hang' }],
	])(
		'comes from the price list when the provider answers with %s, and the run continues',
		async (_what, fault) => {
			break_(fault);
			expect(await costOf()).toEqual({ estimatedUsd: 1, source: 'table', actualUsd: null });
			expect(submits()).toBe(1);
		},
	);

	test('waits at most 3 seconds for the price, and does not wait again in the next run', async () => {
		break_({ kind: 'hang' });
		const startedAt = Date.now();
		await costOf();
		expect(Date.now() - startedAt).toBeGreaterThan(2_500);
		const read = reads();
		await costOf();
		expect(reads()).toBe(read);
	});
});

test('does not use the price of another account if a key has no access to the price', async () => {
	const fault = { kind: 'status', code: 401, body: {} } as const;
	sandbox.faults.add({ service: 'fal', endpoint: 'pricing', nth: 1, fault });
	const order = async (apiKey: string) => {
		const credentials = sandboxCredentials(sandbox);
		credentials.lumaRayFalApi = { ...credentials.lumaRayFalApi, apiKey };
		return await runNode({ credentials, parameters: { waitMode: 'submit' } });
	};
	expect((await order('another:key')).error?.message).toContain('does not accept the API key');
	const { items } = await order(sandbox.fal.key);
	expect(items[0].json.cost).toMatchObject({ source: 'live' });
});

test('uses the same estimate for an order in a retry', async () => {
	sandbox.faults.add({
		service: 'fal',
		endpoint: 'submit',
		nth: 2,
		fault: { kind: 'status', code: 422, body: { detail: 'No' } },
	});
	const options = {
		credentials: sandboxCredentials(sandbox),
		node: { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 },
		parameters: { waitMode: 'submit', resolution: '={{ $json.r }}', options: { concurrency: 1 } },
		items: [{ json: { r: '720p' } }, { json: { r: '540p' } }],
	};
	const { error, items } = await runNode(options);
	expect(error).toBeUndefined();
	expect(items.map(({ json }) => json.cost)).toMatchObject([
		{ estimatedUsd: 1, source: 'live' },
		{ estimatedUsd: 0.5, source: 'live' },
	]);
	expect(submits()).toBe(3);
	expect(sandbox.requests.filter(({ endpoint }) => endpoint === 'pricing')).toHaveLength(1);
});
