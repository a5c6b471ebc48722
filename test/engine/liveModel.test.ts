import type { IDataObject } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../../sandbox';
import { runNode, sandboxCredentials, type EngineRun } from '../../harness/engine/engine';

/** How the provider's live description of a model affects a run before anything is paid. */

const EDITIONS = ['launch', '2026-10'] as const;
const sandboxes = new Map<string, Sandbox>();
beforeAll(async () => {
	for (const edition of EDITIONS) {
		sandboxes.set(edition, await startSandbox({ edition, jobSeconds: 0.1, queueSeconds: 0 }));
	}
});
afterEach(() => sandboxes.forEach((sandbox) => sandbox.reset()));
afterAll(async () => {
	for (const sandbox of sandboxes.values()) await sandbox.close();
});

async function run(edition: string, parameters: IDataObject, options: IDataObject = {}) {
	const sandbox = sandboxes.get(edition)!;
	const { items, error } = await runNode({
		credentials: sandboxCredentials(sandbox),
		parameters: { waitMode: 'submit', options, ...parameters },
	});
	const sent = (endpoint: string) => sandbox.requests.filter((one) => one.endpoint === endpoint).length;
	return { items, error, sent };
}

const STALE: Array<[string, IDataObject, string, string]> = [
	[
		'a ratio',
		{ aspectRatio: '3:1' },
		`'Aspect Ratio' is "3:1"`,
		'Use one of: 21:9, 16:9, 4:3, 1:1, 3:4, 9:16.',
	],
	[
		'a duration',
		{ duration: '10s' },
		`'Duration' "10s" needs 'Frames' "keyframes"`,
		`Set 'Frames' to "keyframes", or set 'Duration' to "5s".`,
	],
	[
		'a parameter',
		{ referenceImageUrls: ['https://images.example.com/style.png'] },
		"'Reference Image URLs' is not available for this model",
		"Leave 'Reference Image URLs' empty",
	],
];

describe.each(STALE)('when fal.ai has removed %s', (_, parameters, message, remedy) => {
	test('refuses the value before anything is paid and lists what the model accepts now', async () => {
		const { error, sent } = await run('2026-10', parameters);
		expect(error?.message).toContain(message);
		expect(error?.description).toContain(remedy);
		expect([sent('submit'), sent('upload')]).toEqual([0, 0]);
	});

	test('accepts the value if the model still has it', async () => {
		const { error, sent } = await run('launch', parameters);
		expect(error).toBeUndefined();
		expect(sent('submit')).toBe(1);
	});

	test('submits the value anyway if the check is off', async () => {
		const { error, sent } = await run('2026-10', parameters, { checkLiveModel: false });
		expect(sent('models')).toBe(0);
		expect(sent('submit')).toBe(1);
		expect(error?.message ?? '').not.toContain(message);
	});
});

test.each([
	['launch', 2],
	['2026-10', 1.2],
])('the price of 1080p in edition %s is %d USD', async (edition, usd) => {
	const { items } = await run(edition, { resolution: '1080p' });
	expect(items[0].json.cost).toMatchObject({ estimatedUsd: usd });
	const over = await run(edition, { resolution: '1080p' }, { maxCostUsd: usd - 0.01 });
	expect(over.error?.message).toContain(`would cost $${usd === 2 ? '2' : '1.20'} at fal.ai`);
	const within = await run(edition, { resolution: '1080p' }, { maxCostUsd: usd });
	expect(within.error).toBeUndefined();
});

test('reads the description once for all items and runs', async () => {
	const own = await startSandbox({ jobSeconds: 0.1, queueSeconds: 0 });
	for (let run = 0; run < 2; run++) {
		await runNode({
			credentials: sandboxCredentials(own),
			parameters: { waitMode: 'submit' },
			items: [{ json: {} }, { json: {} }],
		});
	}
	expect(own.requests.filter(({ endpoint }) => endpoint === 'submit')).toHaveLength(4);
	expect(own.requests.filter(({ endpoint }) => endpoint === 'models')).toHaveLength(1);
	await own.close();
});

describe('when the description cannot be read', () => {
	test.each([
		['an error', { kind: 'status', code: 500, body: 'Internal error' }],
		['a page', { kind: 'status', code: 200, body: '<html></html>' }],
		['nothing', { kind: 'hang' }],
	] as const)(
		'refuses nothing, and checks a budget with the most expensive edition (%s)',
		async (_, fault) => {
			const own = await startSandbox({ edition: '2026-10', jobSeconds: 0.1, queueSeconds: 0 });
			own.faults.add({ service: 'fal', endpoint: 'models', fault: fault as never });
			own.faults.add({ service: 'fal', endpoint: 'pricing', fault: { kind: 'status', code: 500, body: '' } });
			const order = async (options: IDataObject) =>
				await runNode({
					credentials: sandboxCredentials(own),
					parameters: { waitMode: 'submit', options, resolution: '1080p' },
				});
			const over = await order({ maxCostUsd: 1.5 });
			expect(over.error?.message).toContain('would cost $2 at fal.ai');
			const { error, items } = await order({});
			expect(error).toBeUndefined();
			expect(items[0].json.cost).toMatchObject({ estimatedUsd: 1.2, source: 'table' });
			await own.close();
		},
	);
});

test('sends HDR if the edition has it, and refuses it otherwise', async () => {
	const sdr = { resolution: '720p' };
	const { error } = await run('2026-10', sdr, { hdr: true });
	expect(error).toBeUndefined();
	const submitted = sandboxes.get('2026-10')!.requests.find(({ endpoint }) => endpoint === 'submit');
	expect(submitted?.body).toMatchObject({ hdr: true });
	const old = await run('launch', sdr, { hdr: true });
	expect(old.error?.message).toContain("'HDR' is not available for this model");
	expect(old.sent('submit')).toBe(0);
});

describe('the hint about a changed description', () => {
	const hintsOf = (run: EngineRun) => run.data.resultData.runData['Luma Ray'].at(-1)!.hints ?? [];
	const atOxen = async (edition: string, parameters: IDataObject = {}) =>
		await runNode({
			credentials: sandboxCredentials(sandboxes.get(edition)!),
			parameters: { provider: 'oxen', waitMode: 'submit', ...parameters },
		});

	test('lists the differences, and nothing is refused', async () => {
		const run = await atOxen('2026-10', {
			referenceImageUrls: ['https://images.example.com/style.png'],
		});
		expect(run.error).toBeUndefined();
		expect(run.items).toHaveLength(1);
		const [hint, ...others] = hintsOf(run);
		expect(others).toEqual([]);
		expect(hint).toMatchObject({ type: 'warning', location: 'outputPane' });
		expect(hint.message).toContain(
			'Oxen.ai describes luma-ray-v3-2-image-to-video differently than this version of the node expects: ',
		);
		expect(hint.message).toContain('reference_image_urls (no longer described)');
		expect(hint.message).toContain('aspect_ratio (options removed: 3:1, 2:1, 3:2, 2:3, 1:2, 1:3)');
	});

	test('is not shown if the description matches an edition', async () => {
		expect(hintsOf(await atOxen('launch'))).toEqual([]);
	});
});

test('stopping one run does not abort a read of the description that other runs wait for', async () => {
	const own = await startSandbox({ edition: '2026-10', jobSeconds: 0.1, queueSeconds: 0 });
	own.faults.add({
		service: 'fal',
		endpoint: 'models',
		nth: 1,
		fault: { kind: 'delay', seconds: 1.5 } as never,
	});
	const order = async (onStart?: (execution: { cancel(): void }) => void) =>
		await runNode({
			credentials: sandboxCredentials(own),
			parameters: { waitMode: 'submit', aspectRatio: '3:1' },
			onStart,
		});
	let stop = () => {};
	const first = order((execution) => (stop = () => execution.cancel()));
	const described = () => own.requests.filter(({ endpoint }) => endpoint === 'models').length;
	await vi.waitUntil(() => described() === 1, 10_000);
	const second = order();
	stop();
	expect((await first).items).toEqual([]);
	// Without the description, the node would submit the value, because the older edition accepts it.
	expect((await second).error?.message).toContain(`'Aspect Ratio' is "3:1"`);
	expect(described()).toBe(1);
	await own.close();
});

test('refuses an option that Oxen no longer lists, even if its description matches no edition', async () => {
	const { error, sent } = await run('2026-10', { provider: 'oxen', aspectRatio: '3:1' });
	expect(error?.message).toContain(`'Aspect Ratio' is "3:1", which the model does not accept now`);
	expect(error?.description).toContain('Use one of: 3:4, 4:3, 1:1, 9:16, 16:9, 21:9.');
	expect(sent('submit')).toBe(0);
});
