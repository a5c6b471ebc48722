import type { CatalogueEntry, Edition } from '../../nodes/LumaRay/models/catalogue';
import { checkInput, type RawInput } from '../../nodes/LumaRay/models/check';
import { CATALOGUES } from '../../nodes/LumaRay/providers/catalogues';
import { wordInputRefusal } from '../../nodes/LumaRay/resources/messages/input';

/** Which inputs a model accepts, and the messages about the inputs that it refuses. */

const VALID: RawInput = {
	frames: 'first',
	imageUrl: 'https://images.example.com/tiger.png',
	prompt: 'The tiger walks through the snow',
	aspectRatio: '16:9',
	resolution: '540p',
	duration: '5s',
	loop: false,
	referenceImageUrls: [],
};

/** Image to video at fal.ai as it was at launch. */
const { endpoint, editions } = CATALOGUES.fal.models.animate;
const LAUNCH: CatalogueEntry = { endpoint, editions: [editions[0]] };

function check(raw: RawInput, entry = LAUNCH) {
	return checkInput({ ...VALID, ...raw }, entry);
}

function refusal(raw: RawInput, entry?: CatalogueEntry): string {
	const checked = check(raw, entry);
	if (checked.ok) throw new Error(`accepted: ${JSON.stringify(checked.value)}`);
	return wordInputRefusal(checked.refusal).message;
}

describe('accepted inputs', () => {
	test('accepts all 12 aspect ratios, 3 resolutions and 2 durations of the model page', () => {
		const [{ parameters }] = LAUNCH.editions;
		const optionsOf = (name: 'aspectRatio' | 'resolution' | 'duration') => parameters[name]?.options ?? [];
		expect(optionsOf('aspectRatio')).toHaveLength(12);
		expect(optionsOf('resolution')).toEqual(['540p', '720p', '1080p']);
		expect(optionsOf('duration')).toEqual(['5s', '10s']);
		for (const aspectRatio of optionsOf('aspectRatio')) {
			for (const resolution of optionsOf('resolution')) {
				for (const duration of optionsOf('duration')) {
					expect(check({ aspectRatio, resolution, duration, loop: null }).ok).toBe(true);
				}
			}
		}
	});

	test('accepts a prompt of digits as text', () => {
		expect(check({ prompt: 2026 })).toMatchObject({ ok: true, value: { prompt: '2026' } });
	});

	test('accepts reference images with nested lists, and skips empty entries', () => {
		const referenceImageUrls = ['https://a.example/1.png', ['https://a.example/2.png'], ' '];
		expect(check({ referenceImageUrls })).toMatchObject({
			ok: true,
			value: { referenceImageUrls: ['https://a.example/1.png', 'https://a.example/2.png'] },
		});
	});

	test('does not send Loop for a 10-second video if it is hidden or off', () => {
		for (const loop of [null, undefined, false]) {
			const checked = check({ duration: '10s', loop });
			expect(checked.ok && 'loop' in checked.value).toBe(false);
		}
	});
});

describe('refused inputs', () => {
	test.each<[RawInput, string]>([
		[{ prompt: '' }, "'Prompt' is empty"],
		[{ prompt: '  \n' }, "'Prompt' is empty"],
		[{ prompt: undefined }, "'Prompt' is empty"],
		[{ prompt: null }, "'Prompt' is empty"],
		[{ prompt: { text: 'x' } }, "'Prompt' is an object"],
		[{ aspectRatio: '5:4' }, `'Aspect Ratio' is "5:4", which is not one of its options`],
		[{ aspectRatio: undefined }, "'Aspect Ratio' is empty, which is not one of its options"],
		[{ resolution: 540 }, "'Resolution' is 540, which is not one of its options"],
		[{ duration: '7s' }, `'Duration' is "7s", which is not one of its options`],
		[{ duration: '10s', loop: true }, `'Loop' cannot be combined with 'Duration' "10s"`],
		[{ duration: '10s', loop: 'true' }, `'Loop' cannot be combined with 'Duration' "10s"`],
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
	])('refuses %j and names the field', (raw, message) => {
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
	])('refuses the Image URL %j', (imageUrl, shown) => {
		expect(refusal({ imageUrl })).toBe(`'Image URL' is ${shown}, not an http(s) URL`);
	});

	test('refuses an object that only looks like a file', () => {
		expect(refusal({ imageUrl: { identity: 'x' } })).toContain('an object');
	});

	test('shortens a huge value in the message', () => {
		expect(refusal({ aspectRatio: 'x'.repeat(100_000) }).length).toBeLessThan(200);
	});
});

describe('a model with several editions', () => {
	const EDITION: Edition = {
		id: 'launch',
		date: '2026-06-09',
		source: 'https://example.com',
		parameters: {
			prompt: { wire: 'prompt', required: true },
			imageUrl: { wire: 'image' },
			duration: { wire: 'duration', options: ['5s', '10s'] },
		},
		rules: [],
		prices: { per: 'clip', usd: {} },
	};
	const NEEDS_IMAGE: Edition = {
		...EDITION,
		rules: [{ if: { parameter: 'duration', is: ['10s'] }, needs: [{ parameter: 'imageUrl' }] }],
	};
	const NO_LONG_CLIPS: Edition = {
		...EDITION,
		parameters: { ...EDITION.parameters, duration: { wire: 'duration', options: ['5s'] } },
	};
	const FORM = { prompt: VALID.prompt, imageUrl: VALID.imageUrl, duration: '5s' };
	const LONG = { ...FORM, duration: '10s', imageUrl: null };
	const entryOf = (...editions: [Edition, ...Edition[]]): CatalogueEntry => ({ endpoint: 'x', editions });
	const wordsOf = (raw: RawInput, entry: CatalogueEntry) => {
		const checked = checkInput(raw, entry);
		return checked.ok ? undefined : wordInputRefusal(checked.refusal).message;
	};

	test('accepts inputs that any of the editions accepts', () => {
		expect(checkInput(LONG, entryOf(EDITION, NEEDS_IMAGE)).ok).toBe(true);
		expect(checkInput(LONG, entryOf(NEEDS_IMAGE, EDITION)).ok).toBe(true);
	});

	test('refuses inputs that no edition accepts, with the message for the newest edition', () => {
		expect(wordsOf(LONG, entryOf(NO_LONG_CLIPS, NEEDS_IMAGE))).toBe(`'Duration' "10s" needs 'Image URL'`);
		expect(wordsOf(LONG, entryOf(NEEDS_IMAGE, NO_LONG_CLIPS))).toBe(
			`'Duration' is "10s", which is not one of its options`,
		);
	});

	test('refuses parameters that no edition has, unless they are empty', () => {
		expect(wordsOf({ ...FORM, aspectRatio: '16:9' }, entryOf(EDITION))).toBe(
			"'Aspect Ratio' is not available for this model",
		);
		const nothing = { aspectRatio: '', loop: false, referenceImageUrls: [], resolution: null };
		expect(checkInput({ ...FORM, ...nothing }, entryOf(EDITION))).toEqual({ ok: true, value: FORM });
	});
});

describe('Frames and keyframes', () => {
	const [, OCTOBER] = editions;
	const NOW: CatalogueEntry = { endpoint, editions: [OCTOBER] };
	const at = (seconds: unknown) => ({ imageUrl: 'https://a.example/x.png', seconds });
	const BY_KEYFRAMES = { frames: 'keyframes', keyframes: [at(2), at(0.5)], loop: undefined };

	test('treats image parameters as hidden unless Frames uses them', () => {
		const all = { endImageUrl: 'https://a.example/end.png', keyframes: [at(0)] };
		const taken = (frames: string) => {
			const checked = check({ ...all, frames }, NOW);
			return checked.ok
				? Object.keys(checked.value).filter((name) => /image|keyframes/i.test(name))
				: checked;
		};
		expect(taken('first')).toEqual(['imageUrl']);
		expect(taken('firstAndLast')).toEqual(['imageUrl', 'endImageUrl']);
		expect(taken('keyframes')).toEqual(['keyframes']);
	});

	test('sorts keyframes by time', () => {
		expect(check(BY_KEYFRAMES, NOW)).toMatchObject({ value: { keyframes: [at(0.5), at(2)] } });
	});

	test.each([
		['5s', 5.02, true],
		['5s', 5.03, false],
		['10s', 10, true],
		['10s', 10.1, false],
	])('in a video of %s, checks a keyframe at %d seconds (accepted: %s)', (duration, seconds, isWithin) => {
		expect(check({ ...BY_KEYFRAMES, duration, keyframes: [at(seconds)] }, NOW).ok).toBe(isWithin);
	});

	test('refuses two keyframes with times that round to the same frame', () => {
		expect(check({ ...BY_KEYFRAMES, keyframes: [at(1), at(1 + 1 / 24)] }, NOW).ok).toBe(true);
		expect(check({ ...BY_KEYFRAMES, keyframes: [at(1), at(1.02)] }, NOW).ok).toBe(false);
	});

	test('accepts keyframes if any of the possible editions has them', () => {
		expect(check(BY_KEYFRAMES, CATALOGUES.fal.models.animate).ok).toBe(true);
		expect(refusal(BY_KEYFRAMES)).toBe(`'Frames' is "keyframes", which is not one of its options`);
	});

	test('refuses a huge number of seconds even if the length of the video is unknown', () => {
		const edit = { prompt: 'x', videoUrl: 'https://a.example/x.mp4', resolution: '540p', duration: '5s' };
		const raw = { ...edit, editStrength: 'auto', keyframes: [at(17)] };
		const { edit: entry } = CATALOGUES.fal.models;
		expect(checkInput(raw, entry).ok).toBe(true);
		expect(checkInput({ ...raw, keyframes: [at(1e300)] }, entry).ok).toBe(false);
		for (const seconds of [1e300, Number.POSITIVE_INFINITY, Number.NaN]) {
			expect(check({ ...BY_KEYFRAMES, keyframes: [at(seconds)] }, NOW).ok).toBe(false);
		}
	});
});
