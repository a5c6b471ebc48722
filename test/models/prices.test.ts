import {
	clipPrice,
	dearestPrice,
	formatUsd,
	listPrice,
	timesCheapest,
} from '../../nodes/LumaRay/models/prices';
import { CATALOGUES } from '../../nodes/LumaRay/providers/catalogues';

/** What a video costs, as far as it is known. */

/** The edition of the launch. */
const [FAL] = CATALOGUES.fal.models.animate.editions;
const CHEAP = { resolution: '540p', duration: '5s' };

test.each([
	['540p', '5s', 0.5],
	['540p', '10s', 1],
	['720p', '5s', 1],
	['720p', '10s', 2],
	['1080p', '5s', 2],
	['1080p', '10s', 4],
] as const)('%s for %s costs %d USD, as the model page of fal says', (resolution, duration, usd) => {
	expect(clipPrice(FAL, { resolution, duration })).toEqual({ usd, source: 'table' });
	expect(timesCheapest(FAL, { resolution, duration })).toBe(usd / 0.5);
});

test('the price that the user typed comes before the live one, and that before the list', () => {
	expect(clipPrice(FAL, CHEAP, { ownUsd: 0.15, liveUsd: 0.3 })).toEqual({ usd: 0.15, source: 'own' });
	expect(clipPrice(FAL, CHEAP, { ownUsd: 0, liveUsd: 0.3 })).toEqual({ usd: 0.3, source: 'live' });
	expect(clipPrice(FAL, CHEAP, { ownUsd: 0 })).toEqual({ usd: 0.5, source: 'table' });
});

test.each([
	[{ resolution: '4k', duration: '5s' }],
	[{ resolution: '540p', duration: '60s' }],
	[{ resolution: '540p', duration: '10s' }],
])('a price that no list names is unknown: %j', (input) => {
	const prices = { per: 'clip', usd: { '540p': { '5s': 0.15, '10s': null } } } as const;
	expect(listPrice({ prices }, input)).toEqual({ usd: null, reason: 'unpublished' });
	expect(timesCheapest({ prices }, input)).toBeUndefined();
});

describe('a price by the second', () => {
	const prices = { per: 'second', usd: { '540p': 0.06, '1080p': 0.36 } } as const;

	test('counts each started second, of the chosen duration or of the source', () => {
		expect(listPrice({ prices }, CHEAP)).toEqual({ usd: 0.3 });
		expect(listPrice({ prices }, { resolution: '540p', duration: 'source' }, 7.2)).toEqual({ usd: 0.48 });
		expect(timesCheapest({ prices }, { resolution: '1080p', duration: '5s' })).toBeCloseTo(30);
	});

	test('is unknown if the length of the source is', () => {
		const input = { resolution: '540p', duration: 'source' };
		expect(listPrice({ prices }, input)).toEqual({ usd: null, reason: 'sourceLength' });
	});
});

test('USD is written as users write it', () => {
	expect([0.5, 12, 0.125, 1.1].map(formatUsd)).toEqual(['$0.50', '$12', '$0.125', '$1.10']);
});

test('the dearest of several editions counts only those that sell the video', () => {
	const { editions } = CATALOGUES.fal.models.animate;
	expect(dearestPrice(editions, { resolution: '1080p', duration: '5s' })).toEqual({ usd: 2 });
	expect(dearestPrice(editions, { resolution: '540p', duration: '10s' })).toEqual({ usd: 1 });
	const unknown = { usd: null, reason: 'unpublished' };
	expect(dearestPrice(editions, { resolution: '4k', duration: '5s' })).toEqual(unknown);
});
