import { orderKey } from '../../nodes/LumaRay/jobs/memory';
import type { StoredFile } from '../../nodes/LumaRay/models/files';
import { filesIn, replaceFiles, type Input } from '../../nodes/LumaRay/models/parameters';
import { FAL } from '../../nodes/LumaRay/providers/fal/catalogue';
import { listedInput, wireInput } from '../../nodes/LumaRay/providers/input';

/** Converts keyframes to fal's format and back. */

const { animate } = FAL.models;
const url = (name: string) => `https://images.example.com/${name}.png`;
const file = (identity: string): StoredFile => ({
	field: identity,
	fileName: `${identity}.png`,
	mimeType: 'image/png',
	bytes: 1,
	identity,
});
const INPUT: Input<StoredFile> = {
	frames: 'keyframes',
	prompt: 'The tiger walks through the snow',
	duration: '10s',
	keyframes: [
		{ imageUrl: url('first'), seconds: 0 },
		{ imageUrl: file('middle'), seconds: 3.3 },
		{ imageUrl: file('last'), seconds: 10 },
	],
};
const ADDRESSES = { middle: url('middle'), last: url('last') };
const WIRE = {
	prompt: 'The tiger walks through the snow',
	duration: '10s',
	keyframes: ['first', 'middle', 'last'].map(url),
	keyframe_indexes: [0, 79, 240],
};

test('finds and replaces the files of all keyframes', () => {
	expect(filesIn(INPUT).map(({ identity }) => identity)).toEqual(['middle', 'last']);
	const { keyframes } = replaceFiles(INPUT, ({ identity }) => identity.toUpperCase());
	expect(keyframes?.map(({ imageUrl }) => imageUrl)).toEqual([url('first'), 'MIDDLE', 'LAST']);
	expect(keyframes?.map(({ seconds }) => seconds)).toEqual([0, 3.3, 10]);
});

test('sends addresses and frame numbers once every file has an address', () => {
	expect(wireInput(animate, INPUT as Input, ADDRESSES)).toEqual({ input: WIRE, unknown: [] });
	const { input, unknown } = wireInput(animate, INPUT as Input, { middle: url('middle') });
	expect(unknown).toEqual(['keyframes', 'keyframe_indexes']);
	expect(input).not.toHaveProperty('keyframes');
});

test('restores keyframes from a list entry', () => {
	const told = listedInput(animate, WIRE);
	expect(told).toEqual({
		prompt: WIRE.prompt,
		duration: '10s',
		keyframes: [
			{ imageUrl: url('first'), seconds: 0 },
			{ imageUrl: url('middle'), seconds: 3.292 },
			{ imageUrl: url('last'), seconds: 10 },
		],
	});
	expect(wireInput(animate, told).input).toEqual(WIRE);
});

test.each([
	[{ keyframes: ['x'] }],
	[{ keyframe_indexes: [0] }],
	[{ keyframes: ['x'], keyframe_indexes: [] }],
	[{ keyframes: ['x'], keyframe_indexes: ['0'] }],
	[{ keyframes: [7], keyframe_indexes: [0] }],
	[{ keyframes: null, keyframe_indexes: null }],
])('ignores incomplete keyframes in a list entry: %j', (shown) => {
	expect(listedInput(animate, shown)).toEqual({});
});

test('an order’s key depends on the files and times of its keyframes', () => {
	const keyOf = (input: Input<StoredFile>) => orderKey('fal', 0, { model: 'animate', input, options: {} });
	const reopened = replaceFiles(INPUT, (one) => ({ ...one, bytes: 0, open: () => undefined }));
	expect(keyOf(reopened)).toBe(keyOf(INPUT));
	expect(keyOf(replaceFiles(INPUT, () => file('other')))).not.toBe(keyOf(INPUT));
	const [first, ...others] = INPUT.keyframes!;
	expect(keyOf({ ...INPUT, keyframes: [{ ...first, seconds: 1 }, ...others] })).not.toBe(keyOf(INPUT));
});
