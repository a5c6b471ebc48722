import {
	clipPrice,
	clipPriceAmong,
	formatUsd,
	listPrice,
	timesCheapest,
} from '../../nodes/LumaRay/models/prices';
import { CATALOGUES } from '../../nodes/LumaRay/providers/catalogues';

/** What a video costs, if the price is known. */

/** The launch edition. */
const [FAL] = CATALOGUES.fal.models.animate.editions;
const CHEAP = { resolution: '540p', duration: '5s' };

test.each([
	['540p', '5s', 0.5],
	['540p', '10s', 1],
	['720p', '5s', 1],
	['720p', '10s', 2],
	['1080p', '5s', 2],
	['1080p', '10s', 4],
] as const)('%s for %s costs %d USD, as on fal’s model page', (resolution, duration, usd) => {
	expect(clipPrice(FAL, { resolution, duration })).toEqual({ usd, source: 'table' });
	expect(timesCheapest(FAL, { resolution, duration })).toBe(usd / 0.5);
});

test("prefers the user's own price to the live price, and the live price to the list", () => {
	const live = { of: 'clip', usd: 0.3 } as const;
	expect(clipPrice(FAL, CHEAP, { ownUsd: 0.15, live })).toEqual({ usd: 0.15, source: 'own' });
	expect(clipPrice(FAL, CHEAP, { ownUsd: 0, live })).toEqual({ usd: 0.3, source: 'live' });
	expect(clipPrice(FAL, CHEAP, { ownUsd: 0 })).toEqual({ usd: 0.5, source: 'table' });
});

test.each([
	[{ resolution: '4k', duration: '5s' }],
	[{ resolution: '540p', duration: '60s' }],
	[{ resolution: '540p', duration: '10s' }],
])('returns no price if the list has none: %j', (input) => {
	const prices = { per: 'clip', usd: { '540p': { '5s': 0.15, '10s': null } } } as const;
	expect(listPrice({ prices }, input)).toEqual({ usd: null, reason: 'unpublished' });
	expect(timesCheapest({ prices }, input)).toBeUndefined();
});

describe('a price per second', () => {
	const prices = { per: 'second', usd: { '540p': 0.06, '1080p': 0.36 } } as const;

	test('charges for the selected duration, or for the source rounded up to full seconds', () => {
		expect(listPrice({ prices }, CHEAP)).toEqual({ usd: 0.3 });
		expect(listPrice({ prices }, { resolution: '540p', duration: 'source' }, 7.2)).toEqual({ usd: 0.48 });
		expect(timesCheapest({ prices }, { resolution: '1080p', duration: '5s' })).toBeCloseTo(30);
	});

	test('is unknown if the length of the source is unknown', () => {
		const input = { resolution: '540p', duration: 'source' };
		expect(listPrice({ prices }, input)).toEqual({ usd: null, reason: 'sourceLength' });
	});
});

test('formats USD with cents unless the amount is whole', () => {
	expect([0.5, 12, 0.125, 1.1].map(formatUsd)).toEqual(['$0.50', '$12', '$0.125', '$1.10']);
});

describe('the price of a clip, calculated from the live price of a unit', () => {
	const [, october] = CATALOGUES.fal.models.animate.editions;
	const [, reframe] = CATALOGUES.fal.models.reframe.editions;
	const clip = { of: 'clip', usd: 0.3 } as const;
	const second = { of: 'second', usd: 0.03 } as const;
	const secondAt = { of: 'secondAt', usd: { '540p': 0.1, '1080p': 0.4 } } as const;

	test.each([
		['the cheapest clip', october, clip, CHEAP, undefined, 0.3],
		['1080p', october, clip, { resolution: '1080p', duration: '5s' }, undefined, 2.4],
		['HDR', october, clip, { resolution: '1080p', duration: '5s', hdr: true }, undefined, 4.8],
		[
			'EXR',
			october,
			clip,
			{ resolution: '720p', duration: '5s', hdr: true, exrExport: true },
			undefined,
			1.8,
		],
		['a selected length', reframe, second, { resolution: '1080p', duration: '5s' }, 9, 0.9],
		['partial seconds', reframe, second, { resolution: '720p', duration: 'source' }, 7.2, 0.48],
		['seconds by resolution', FAL, secondAt, { resolution: '1080p', duration: '10s' }, undefined, 4],
	] as const)('is correct for %s', (_what, edition, live, input, sourceSeconds, usd) => {
		expect(clipPrice(edition, input, { live, sourceSeconds })).toEqual({ usd, source: 'live' });
	});

	test.each([
		['a different kind of unit', october, second, CHEAP],
		['a clip that is not in the list', october, clip, { resolution: '4k', duration: '5s' }],
		['a resolution without a price', FAL, secondAt, { resolution: '720p', duration: '5s' }],
		['HDR without a list price', FAL, secondAt, { ...CHEAP, hdr: true }],
		['an almost free unit', october, { of: 'clip', usd: 1e-7 }, CHEAP],
		['a source of unknown length', reframe, second, { resolution: '720p', duration: 'source' }],
	] as const)('comes from the list for %s', (_what, edition, live, input) => {
		expect(clipPrice(edition, input, { live })).toEqual({ ...listPrice(edition, input), source: 'table' });
	});
});

describe('if several editions may apply', () => {
	const { editions } = CATALOGUES.fal.models.animate;

	test('uses the price of the newest edition, and the highest price for a budget', () => {
		const input = { resolution: '1080p', duration: '5s' };
		expect(clipPriceAmong(editions, input)).toEqual({ usd: 1.2, source: 'table', atMostUsd: 2 });
		const live = { of: 'clip', usd: 0.2 } as const;
		expect(clipPriceAmong([...editions].reverse(), input, { live })).toEqual({
			usd: 0.8,
			source: 'live',
			atMostUsd: 1.6,
		});
	});

	test('ignores an edition without a price for the clip', () => {
		expect(clipPriceAmong(editions, { resolution: '540p', duration: '10s' })).toEqual({
			usd: 1,
			source: 'table',
		});
		const unknown = { usd: null, reason: 'unpublished', source: 'table' };
		expect(clipPriceAmong(editions, { resolution: '4k', duration: '5s' })).toEqual(unknown);
	});
});
