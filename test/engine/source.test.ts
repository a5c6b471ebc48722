import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IDataObject } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../../sandbox';
import { withFacts } from '../../sandbox/mp4';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';

/** Reads the length of a source video from its file, for the limit on its length and for its price. */

const SAMPLE = readFileSync(join(__dirname, '..', '..', 'sandbox', 'samples', '16x9.mp4'));
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

async function run(edition: string, seconds: number, parameters: IDataObject = {}) {
	const sandbox = sandboxes.get(edition)!;
	const video = withFacts(SAMPLE, { width: 1920, height: 1080, seconds });
	const binary = { data: video.toString('base64'), mimeType: 'video/mp4', fileName: 'a.mp4' };
	const { items, error } = await runNode({
		credentials: sandboxCredentials(sandbox),
		parameters: {
			operation: 'reframe',
			videoSource: 'binary',
			videoBinaryField: 'data',
			aspectRatio: '1:1',
			duration: 'source',
			...parameters,
		},
		items: [{ json: {}, binary: { data: binary } }],
	});
	const sent = (endpoint: string) => sandbox.requests.filter((one) => one.endpoint === endpoint).length;
	return { cost: items[0]?.json.cost, items, error, paid: sent('submit'), uploads: sent('initiate') };
}

describe.each([
	['launch', 'fal', 30],
	['2026-10', 'fal', 10],
	['launch', 'oxen', 30],
] as const)('sources in edition %s at %s (up to %d seconds)', (edition, provider, longest) => {
	test('refuses a longer source before anything is uploaded', async () => {
		const { error, paid, uploads } = await run(edition, longest + 2, { provider });
		const name = provider === 'fal' ? 'fal.ai' : 'Oxen.ai';
		expect(error?.message).toBe(
			`The source video is ${longest + 2} seconds long; ${name} accepts up to ${longest} seconds [item 0]`,
		);
		expect(error?.description).toMatch(/Nothing was submitted or billed\. .*\d{4}-\d{2}-\d{2}/);
		expect([paid, uploads]).toEqual([0, 0]);
	});

	test.each([0, 0.1])(
		'accepts a source that is %d seconds over the limit because of rounding',
		async (over) => {
			const { paid } = await run(edition, longest + over, { provider, waitMode: 'submit' });
			expect(paid).toBe(1);
		},
	);
});

test('does not check the length of an edit’s source', async () => {
	const edit = { operation: 'edit', duration: '5s', imageSource: 'none', editStrength: 'auto' };
	const { paid } = await run('2026-10', 25, { ...edit, waitMode: 'submit' });
	expect(paid).toBe(1);
});

test('charges for the source rounded up to full seconds, or for the selected length', async () => {
	const source = await run('2026-10', 7.2, { resolution: '720p' });
	expect(source.error).toBeUndefined();
	expect(source.cost).toEqual({ estimatedUsd: 0.96, source: 'live', actualUsd: 0.96 });
	const chosen = await run('2026-10', 7.2, { resolution: '720p', duration: '5s' });
	expect(chosen.cost).toMatchObject({ estimatedUsd: 0.6, source: 'live' });
	const oxen = await run('launch', 7.2, { resolution: '720p', provider: 'oxen' });
	expect(oxen.cost).toMatchObject({ estimatedUsd: 0.96, source: 'live' });
});

test('includes the length of the source in the budget check', async () => {
	const { error, paid } = await run('2026-10', 7.2, { resolution: '720p', options: { maxCostUsd: 0.9 } });
	expect(error?.message).toContain('would cost $0.96 at fal.ai');
	expect(paid).toBe(0);
});

test.each([
	['fal', "Choose a 'Duration', send the source as an MP4 in binary data, or set 'Clip Price (USD)'."],
	['oxen', "Send the source as an MP4 in binary data or set 'Clip Price (USD)'."],
])(
	'gives no estimate for a source of unknown length at %s, and explains what to do',
	async (provider, remedy) => {
		const byAddress = { videoSource: 'url', videoUrl: 'https://videos.example.com/a.mp4', provider };
		const { cost, error } = await run('2026-10', 5, byAddress);
		expect(error).toBeUndefined();
		expect(cost).toEqual({
			estimatedUsd: null,
			source: null,
			actualUsd: expect.any(Number),
			reason: `The price depends on the length of the source video, which is unknown. ${remedy}`,
		});
	},
);

describe('Model: Estimate Cost', () => {
	const estimate = async (parameters: IDataObject, edition = '2026-10') => {
		const { items, error } = await run(edition, 5, {
			resource: 'model',
			operation: 'estimateCost',
			count: 2,
			...parameters,
		});
		return { json: items[0]?.json, error };
	};

	test('charges for the source rounded up to full seconds', async () => {
		const reframe = { modelOperation: 'reframe', resolution: '1080p', duration: 'source' };
		expect((await estimate({ ...reframe, sourceSeconds: 7.2 })).json).toMatchObject({
			sourceSeconds: 7.2,
			clipUsd: 2.88,
			totalUsd: 5.76,
			source: 'live',
		});
		expect((await estimate(reframe)).json).toMatchObject({
			clipUsd: null,
			reason: expect.stringContaining("enter 'Source Length (Seconds)', or set 'Clip Price (USD)'."),
		});
	});

	test.each([
		['animate', { resolution: '1080p' }, 1.2],
		['animate', { resolution: '1080p', hdr: true }, 2.4],
		['animate', { resolution: '720p', hdr: true, exrExport: true }, 0.9],
		['edit', { resolution: '720p', duration: '10s', hdr: true }, 4.32],
		['generate', { resolution: '720p', duration: '10s' }, 2],
	])('estimates %s with %j at %d USD', async (modelOperation, input, clipUsd) => {
		const { json } = await estimate({ modelOperation, duration: '5s', ...input });
		expect(json).toMatchObject({ clipUsd, source: 'live' });
	});

	test('refuses options that the model does not have', async () => {
		const hdr = { modelOperation: 'animate', resolution: '720p', duration: '5s', hdr: true };
		const { error } = await estimate(hdr, 'launch');
		expect(error?.message).toContain("'HDR' is not available for this model");
	});
});
