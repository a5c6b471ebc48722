import { checkImageUrl, checkRayInput, type RawRayInput } from '../../nodes/LumaRay/ray/input';
import { clipPrice, formatUsd } from '../../nodes/LumaRay/ray/price';
import { TABLES } from '../../nodes/LumaRay/ray/tables';

const VALID: RawRayInput = {
	prompt: 'The tiger walks through the snow',
	aspectRatio: '16:9',
	resolution: '540p',
	duration: '5s',
	loop: false,
	referenceImageUrls: [],
};

function check(raw: RawRayInput) {
	return checkRayInput({ ...VALID, ...raw }, TABLES.fal);
}

function refusal(raw: RawRayInput): string {
	const checked = check(raw);
	if (checked.ok) throw new Error(`accepted: ${JSON.stringify(checked.value)}`);
	return checked.violation.message;
}

describe('what the model allows is accepted', () => {
	test('all 12 aspect ratios, 3 resolutions and 2 durations of the model page', () => {
		const { aspectRatios, resolutions, durations } = TABLES.fal;
		expect(aspectRatios).toHaveLength(12);
		expect(resolutions).toEqual(['540p', '720p', '1080p']);
		expect(durations).toEqual(['5s', '10s']);
		for (const aspectRatio of aspectRatios) {
			for (const resolution of resolutions) {
				for (const duration of durations) {
					expect(check({ aspectRatio, resolution, duration, loop: null }).ok).toBe(true);
				}
			}
		}
	});

	test('a prompt of digits stays text', () => {
		expect(check({ prompt: 2026 })).toMatchObject({ ok: true, value: { prompt: '2026' } });
	});

	test('a list of reference images, also where an entry yields a list; blank entries count as none', () => {
		const referenceImageUrls = ['https://a.example/1.png', ['https://a.example/2.png'], ' '];
		expect(check({ referenceImageUrls })).toMatchObject({
			ok: true,
			value: { referenceImageUrls: ['https://a.example/1.png', 'https://a.example/2.png'] },
		});
	});

	test('loop that is hidden, or off, is not sent for 10 seconds', () => {
		for (const loop of [null, undefined, false]) {
			const checked = check({ duration: '10s', loop });
			expect(checked.ok && 'loop' in checked.value).toBe(false);
		}
	});
});

describe('what the model forbids is refused by the name of its field', () => {
	test.each<[RawRayInput, string]>([
		[{ prompt: '' }, "'Prompt' is empty"],
		[{ prompt: '  \n' }, "'Prompt' is empty"],
		[{ prompt: undefined }, "'Prompt' is empty"],
		[{ prompt: null }, "'Prompt' is empty"],
		[{ prompt: { text: 'x' } }, "'Prompt' is an object"],
		[{ aspectRatio: '5:4' }, `'Aspect Ratio' is "5:4", which is not one of its options`],
		[{ aspectRatio: undefined }, "'Aspect Ratio' is empty, which is not one of its options"],
		[{ resolution: 540 }, "'Resolution' is 540, which is not one of its options"],
		[{ duration: '7s' }, `'Duration' is "7s", which is not one of its options`],
		[{ duration: '10s', loop: true }, "'Loop' cannot be on for a clip of 10s"],
		[{ duration: '10s', loop: 'true' }, "'Loop' cannot be on for a clip of 10s"],
		[{ loop: 'yes' }, `'Loop' is "yes"`],
		[
			{ referenceImageUrls: 'https://a.example/1.png' },
			`'Reference Image URLs' is "https://a.example/1.png", not a list`,
		],
		[{ referenceImageUrls: { 0: 'x' } }, "'Reference Image URLs' is an object, not a list"],
		[
			{ referenceImageUrls: ['https://a.example/1.png', 'tiger.png'] },
			`Entry 2 of 'Reference Image URLs' is "tiger.png", not an http(s) URL`,
		],
	])('%j', (raw, message) => {
		expect(refusal(raw)).toBe(message);
	});

	test.each([
		['', 'empty'],
		[undefined, 'empty'],
		[42, '42'],
		['tiger.png', '"tiger.png"'],
		['ftp://a.example/x.png', '"ftp://a.example/x.png"'],
		['javascript:alert(1)', '"javascript:alert(1)"'],
		['data:image/png;base64,AAAA', '"data:image/png;base64,AAAA"'],
		['https://', '"https://"'],
	])('Image URL %j', (value, shown) => {
		const checked = checkImageUrl(value);
		expect(checked.ok ? '' : checked.violation.message).toBe(`'Image URL' is ${shown}, not an http(s) URL`);
	});

	test('a huge value does not flood the message', () => {
		expect(refusal({ aspectRatio: 'x'.repeat(100_000) }).length).toBeLessThan(200);
	});
});

describe('prices', () => {
	test.each([
		['540p', '5s', 0.5],
		['540p', '10s', 1],
		['720p', '5s', 1],
		['720p', '10s', 2],
		['1080p', '5s', 2],
		['1080p', '10s', 4],
	] as const)('%s for %s costs %d USD, as the model page of fal says', (resolution, duration, usd) => {
		expect(clipPrice(TABLES.fal, resolution, duration)).toEqual({ usd, source: 'table' });
	});

	test('a price that the person typed goes over the table', () => {
		expect(clipPrice(TABLES.fal, '540p', '5s', { ownUsd: 0.15, liveUsd: 0.3 })).toEqual({
			usd: 0.15,
			source: 'own',
		});
		expect(clipPrice(TABLES.fal, '540p', '5s', { ownUsd: 0 })).toEqual({ usd: 0.5, source: 'table' });
	});

	test('USD is written as people write it', () => {
		expect([0.5, 12, 0.125, 1.1].map(formatUsd)).toEqual(['$0.50', '$12', '$0.125', '$1.10']);
	});
});
