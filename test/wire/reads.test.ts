import type { IDataObject } from 'n8n-workflow';

import { startSandbox, type Endpoint, type Sandbox } from '../../sandbox';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 0.2, queueSeconds: 0.1 });
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

async function run(parameters: IDataObject) {
	return await runNode({ credentials: sandboxCredentials(sandbox), parameters });
}

const ESTIMATE = {
	resource: 'model',
	operation: 'estimateCost',
	resolution: '720p',
	duration: '10s',
	count: 1,
};

const READS: Array<[string, 'fal' | 'oxen', Endpoint, IDataObject]> = [
	['Get Many', 'fal', 'requests', { resource: 'generation', operation: 'getMany' }],
	['Get Many', 'oxen', 'generations', { resource: 'generation', operation: 'getMany' }],
	['Model: Get', 'fal', 'models', { resource: 'model', operation: 'get' }],
	['Model: Get', 'oxen', 'model', { resource: 'model', operation: 'get' }],
];

describe('a free read', () => {
	test.each(READS)('is repeated after a 502: %s at %s', async (_what, provider, endpoint, parameters) => {
		const fault = { kind: 'status', code: 502, body: '<html></html>' } as const;
		sandbox.faults.add({ service: provider, endpoint, nth: 1, fault });
		const { error } = await run({ provider, ...parameters });
		expect(error).toBeUndefined();
	});

	test('is repeated after a 502: the record of a job that Oxen’s queue has dropped', async () => {
		const submitted = await run({ provider: 'oxen', waitMode: 'submit' });
		const { requestId } = submitted.items[0].json;
		sandbox.faults.add({ service: 'oxen', endpoint: 'status', fault: { kind: 'notFound' } });
		const fault = { kind: 'status', code: 502, body: '<html></html>' } as const;
		sandbox.faults.add({ service: 'oxen', endpoint: 'generation', nth: 1, fault });
		const { error, items } = await run({
			provider: 'oxen',
			resource: 'generation',
			operation: 'wait',
			requestId,
		});
		expect(error).toBeUndefined();
		expect(items[0].json).toMatchObject({ status: 'succeeded', requestId });
	});

	test.each(READS)(
		'is not repeated with a wrong key: %s at %s',
		async (_what, provider, endpoint, parameters) => {
			const fault = { kind: 'status', code: 401, body: {} } as const;
			sandbox.faults.add({ service: provider, endpoint, fault });
			const { error } = await run({ provider, ...parameters });
			expect(error?.message).toContain('does not accept the API key');
			expect(sandbox.requests.filter((request) => request.endpoint === endpoint)).toHaveLength(1);
		},
	);

	test.each([
		['fal', 'pricing'],
		['oxen', 'model'],
	] as const)('is repeated after a 502: the live price at %s', async (provider, endpoint) => {
		const fault = { kind: 'status', code: 502, body: '<html></html>' } as const;
		sandbox.faults.add({ service: provider, endpoint, nth: 1, fault });
		const { items } = await run({ provider, ...ESTIMATE });
		expect(items[0].json).toMatchObject({ clipUsd: 2, source: 'live' });
	});
});

describe('fal’s live price', () => {
	const ours = { endpoint_id: 'luma/agent/ray/v3.2/image-to-video', unit_price: 0.6, currency: 'USD' };

	test.each([
		['a clip', [{ ...ours, unit: 'videos' }], { clipUsd: 2.4, source: 'live' }],
		[
			'a clip among prices of other models',
			[
				{ ...ours, endpoint_id: 'another/model', unit: 'units', unit_price: 9 },
				{ ...ours, unit: 'units' },
			],
			{ clipUsd: 2.4, source: 'live' },
		],
		['a second', [{ ...ours, unit: 'seconds' }], { clipUsd: 2, source: 'table' }],
		['an unknown unit', [ours], { clipUsd: 2, source: 'table' }],
		[
			'another model',
			[{ ...ours, endpoint_id: 'another/model', unit: 'units' }],
			{ clipUsd: 2, source: 'table' },
		],
		[
			'a clip in another currency',
			[{ ...ours, unit: 'units', currency: 'EUR' }],
			{ clipUsd: 2, source: 'table' },
		],
	])('gives the right estimate for a price of %s', async (_what, prices, estimate) => {
		const fault = { kind: 'status', code: 200, body: { prices } } as const;
		sandbox.faults.add({ service: 'fal', endpoint: 'pricing', fault });
		const { items } = await run({ provider: 'fal', ...ESTIMATE });
		expect(items[0].json).toMatchObject(estimate);
	});
});
