import type { Edition } from '../../sandbox';
import { FAL_INPUTS, falClient, OXEN_INPUTS, oxenClient, useSandbox } from './support';

const [ANIMATE, GENERATE, EDIT, REFRAME] = Object.keys(FAL_INPUTS);
const IMAGE = 'https://example.com/tiger.png';
const KEYFRAMES = { image_url: undefined, keyframes: [IMAGE], keyframe_indexes: [0] };
const HDR = { hdr: true };
const EXR = { hdr: true, exr_export: true };
const LONG = { duration: '10s' };
const RESOLUTIONS = ['540p', '720p', '1080p'];

/** USD at 540p, 720p and 1080p, or null if there is no such clip. Copied from the providers' price texts. */
type Row = [id: string, changes: Record<string, unknown>, ...usd: Array<number | null>];
const LAUNCH: Row[] = [
	[ANIMATE, {}, 0.5, 1, 2],
	[ANIMATE, LONG, 1, 2, 4],
	[GENERATE, {}, 0.5, 1, 2],
	[GENERATE, LONG, 1, 2, 4],
	[EDIT, {}, 0.72, 1.08, 2.16],
	[EDIT, LONG, 1.44, 2.16, 4.32],
	[REFRAME, {}, 0.3, 0.6, 1.8],
];
const OCTOBER: Row[] = [
	[ANIMATE, {}, 0.15, 0.3, 1.2],
	[ANIMATE, KEYFRAMES, 0.15, 0.3, 1.2],
	// Assumption: fal publishes no price for these.
	[ANIMATE, { ...KEYFRAMES, ...LONG }, 0.45, 0.9, 3.6],
	[ANIMATE, HDR, null, 0.6, 2.4],
	[ANIMATE, EXR, null, 0.9, 3.6],
	[GENERATE, {}, 0.5, 1, 2],
	[GENERATE, LONG, 1, 2, 4],
	// Assumption: the price ratios of the other models apply.
	[GENERATE, HDR, null, 2, 4],
	[GENERATE, EXR, null, 3, 6],
	[EDIT, {}, 0.72, 1.08, 2.16],
	[EDIT, LONG, 1.44, 2.16, 4.32],
	[EDIT, HDR, null, 2.16, 4.32],
	[EDIT, { ...HDR, ...LONG }, null, 4.32, 8.64],
	[EDIT, EXR, null, 3.24, 6.48],
	[EDIT, { ...EXR, ...LONG }, null, 6.48, 12.96],
	[REFRAME, { duration: '5s' }, 0.3, 0.6, 1.8],
	[REFRAME, LONG, 0.6, 1.2, 3.6],
];

describe.each<[Edition, Row[], unitPrices: Array<[number, string]>]>([
	[
		'launch',
		LAUNCH,
		[
			[0.5, 'video'],
			[0.5, 'video'],
			[0.72, 'video'],
			[0.06, 'second'],
		],
	],
	[
		'2026-10',
		OCTOBER,
		[
			[0.15, 'video'],
			[0.5, 'video'],
			[0.72, 'video'],
			[0.06, 'second'],
		],
	],
])('fal’s prices in edition %s', (edition, rows, unitPrices) => {
	const sandbox = useSandbox({ edition, jobSeconds: 0, queueSeconds: 0 });
	const v1 = (path: string) => `${sandbox.fal.apiUrl}/v1${path}`;

	test('include the price of a unit of each model', async () => {
		const ids = Object.keys(FAL_INPUTS);
		const { body } = await falClient(sandbox).get(v1(`/models/pricing?endpoint_id=${ids.join(',')}`));
		expect(body.prices).toEqual(
			unitPrices.map(([unit_price, unit], index) => ({
				endpoint_id: ids[index],
				unit_price,
				unit,
				currency: 'USD',
			})),
		);
	});

	test.each(
		rows.flatMap(([id, changes, ...usd]) =>
			usd.map((price, index) => [id.split('/').at(-1), RESOLUTIONS[index], changes, price, id] as const),
		),
	)('give the right cost for %s at %s with %j: %p', async (_name, resolution, changes, usd, id) => {
		const fal = falClient(sandbox, id);
		const { status, headers } = await fal.complete({ ...FAL_INPUTS[id], ...changes, resolution });
		const units = Number(headers.get('x-fal-billable-units'));
		const { body } = await fal.get(v1(`/models/pricing?endpoint_id=${id}`));
		expect(status).toBe(usd === null ? 422 : 200);
		expect(units * body.prices[0].unit_price).toBeCloseTo(usd ?? 0, 6);
	});

	test('are added up in an estimate for several models', async () => {
		const { body } = await falClient(sandbox).post(v1('/models/pricing/estimate'), {
			estimate_type: 'unit_price',
			endpoints: { [EDIT]: { unit_quantity: 2 }, [REFRAME]: { unit_quantity: 7 } },
		});
		expect(body).toEqual({ estimate_type: 'unit_price', total_cost: 1.86, currency: 'USD' });
	});
});

describe('Oxen’s prices', () => {
	describe.each<[Edition, Record<string, [perSecond: number[], cost: string]>]>([
		[
			'launch',
			{
				'luma-ray-v3-2-image-to-video': [[0.1, 0.2, 0.4], '1.00'],
				'luma-ray-v3-2-text-to-video': [[0.1, 0.2, 0.4], '1.00'],
				'luma-ray-v3-2-video-to-video': [[0.144, 0.216, 0.432], '1.08'],
				'luma-ray-v3-2-reframe': [[0.06, 0.12, 0.36], '0.60'],
			},
		],
		['2026-10', { 'luma-ray-v3-2-image-to-video': [[0.03, 0.06, 0.24], '0.30'] }],
	])('in edition %s', (edition, expected) => {
		const sandbox = useSandbox({ edition, jobSeconds: 0, queueSeconds: 0 });

		test.each(Object.keys(expected))(
			'are given per second for %s, and as the cost of a generation',
			async (id) => {
				const [perSecond, cost] = expected[id];
				const oxen = oxenClient(sandbox);
				const { pricing } = (await oxen.get(`/api/ai/models/${id}`)).body;
				expect(pricing.cost_per_second_by_resolution).toEqual(
					Object.fromEntries(RESOLUTIONS.map((resolution, index) => [resolution, perSecond[index]])),
				);
				const [row] = await oxen.complete({ ...OXEN_INPUTS[id], model: id, resolution: '720p' });
				const { body } = await oxen.get(`/api/ai/generations/${row.generation_id}`);
				expect(body.generation.cost).toBe(cost);
				expect((await oxen.get('/api/ai/generations')).body.total_cost).toBe(cost);
			},
		);
	});
});
