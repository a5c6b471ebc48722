import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../../sandbox';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';

/** A first and a last image, and keyframes: from the form or an expression to the paid request and the output. */

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ edition: '2026-10', jobSeconds: 0.1, queueSeconds: 0 });
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

const image = (name: string) => `https://images.example.com/${name}.png`;
const file = (content: string, mimeType = 'image/png') => ({
	data: Buffer.from(content).toString('base64'),
	mimeType,
	fileName: `${content}.png`,
});
const ANIMATE: IDataObject = { operation: 'animate', imageUrl: image('first') };
const KEYFRAMES: IDataObject = {
	operation: 'animate',
	frames: 'keyframes',
	keyframes: {
		keyframe: [
			{ imageUrl: image('last'), seconds: 5 },
			{ imageUrl: image('first'), seconds: 0 },
			{ imageUrl: image('middle'), seconds: 1.52 },
		],
	},
};
const EDIT: IDataObject = {
	operation: 'edit',
	videoSource: 'url',
	videoUrl: 'https://videos.example.com/tiger.mp4',
	imageSource: 'none',
	editStrength: 'auto',
};

async function run(parameters: IDataObject, items?: INodeExecutionData[]) {
	const { items: made, error } = await runNode({
		credentials: sandboxCredentials(sandbox),
		parameters: { imageUrl: '', ...parameters },
		items,
	});
	const sent = (endpoint: string) => sandbox.requests.filter((one) => one.endpoint === endpoint);
	const json = made[0]?.json as { parameters: IDataObject; cost: IDataObject } | undefined;
	const bodies = sent('submit').map(({ body }) => body as IDataObject);
	return { json, message: error?.message, next: error?.description, body: bodies[0], bodies, sent };
}

describe('a first and a last image', () => {
	const BOTH = { ...ANIMATE, frames: 'firstAndLast', endImageUrl: image('last') };

	test('sends both images and shows them in the output', async () => {
		const { json, message, body } = await run(BOTH);
		expect(message).toBeUndefined();
		expect(body).toMatchObject({ image_url: image('first'), end_image_url: image('last') });
		expect(body).not.toHaveProperty('frames');
		expect(body).not.toHaveProperty('loop');
		expect(json?.parameters).toMatchObject({
			frames: 'firstAndLast',
			imageUrl: image('first'),
			endImageUrl: image('last'),
		});
		expect(sandbox.ignored).toEqual([]);
	});

	test('uploads both images from the item’s binary data', async () => {
		const binary = { start: file('start'), end: file('end') };
		const { json, message, body, sent } = await run(
			{
				...BOTH,
				imageSource: 'binary',
				imageBinaryField: 'start',
				endImageSource: 'binary',
				endImageBinaryField: 'end',
			},
			[{ json: {}, binary }],
		);
		expect(message).toBeUndefined();
		expect(sent('uploadInitiate')).toHaveLength(2);
		expect(body.image_url).toMatch(/start\.png$/);
		expect(body.end_image_url).toMatch(/end\.png$/);
		expect(json?.parameters).toMatchObject({ endImageUrl: body.end_image_url });
	});

	test('does not send or show the last image if only the first is selected', async () => {
		const { json, body } = await run({ ...BOTH, frames: 'first' });
		expect(body).not.toHaveProperty('end_image_url');
		expect(json?.parameters).not.toHaveProperty('endImageUrl');
	});

	test('ignores hidden fields even if an expression selects the visible ones', async () => {
		const { message, body } = await run({
			...BOTH,
			...KEYFRAMES,
			frames: '={{ "first" }}',
			imageUrl: image('first'),
			endImageSource: 'binary',
			endImageBinaryField: 'nothing',
		});
		expect(message).toBeUndefined();
		expect(body).toMatchObject({ image_url: image('first') });
		for (const name of ['end_image_url', 'keyframes', 'keyframe_indexes']) {
			expect(body).not.toHaveProperty(name);
		}
	});
});

describe('keyframes', () => {
	const INDEXES = { keyframe_indexes: [0, 36, 120] };
	const SENT = { keyframes: ['first', 'middle', 'last'].map(image), ...INDEXES };

	test('sends keyframes in chronological order, as frame numbers at 24 per second', async () => {
		const { json, message, body } = await run(KEYFRAMES);
		expect(message).toBeUndefined();
		expect(body).toMatchObject(SENT);
		expect(body).not.toHaveProperty('image_url');
		expect(json?.parameters.keyframes).toEqual([
			{ imageUrl: image('first'), seconds: 0 },
			{ imageUrl: image('middle'), seconds: 1.52 },
			{ imageUrl: image('last'), seconds: 5 },
		]);
		expect(json?.parameters).not.toHaveProperty('imageUrl');
	});

	test.each([
		['instead of the whole value', '={{ $json.shots }}'],
		['instead of the list', { keyframe: '={{ $json.shots }}' }],
		['with the whole value', '={{ ({ keyframe: $json.shots }) }}'],
	])('accepts an expression %s', async (_, keyframes) => {
		const shots = [
			{ imageUrl: image('middle'), seconds: '1.52' },
			{ imageUrl: image('last'), seconds: 5 },
			{ imageSource: 'url', imageUrl: image('first'), seconds: 0 },
		];
		const { message, body } = await run({ ...KEYFRAMES, keyframes }, [{ json: { shots } }]);
		expect(message).toBeUndefined();
		expect(body).toMatchObject(SENT);
	});

	test('accepts the keyframes of an output item as input', async () => {
		const { json } = await run(KEYFRAMES);
		const { bodies } = await run({ ...KEYFRAMES, keyframes: '={{ $json.parameters.keyframes }}' }, [
			{ json: json as unknown as IDataObject },
		]);
		expect(bodies[1]).toEqual(bodies[0]);
	});

	test('evaluates expressions inside a keyframe for each item', async () => {
		const keyframe = [{ imageUrl: '={{ $json.url }}', seconds: '={{ $json.at }}' }];
		const { message, bodies } = await run({ ...KEYFRAMES, keyframes: { keyframe } }, [
			{ json: { url: image('one'), at: 1 } },
			{ json: { url: image('two'), at: 2 } },
		]);
		expect(message).toBeUndefined();
		const sent = bodies.map(({ keyframes, keyframe_indexes }) => [keyframes, keyframe_indexes]);
		expect(sent).toEqual(
			expect.arrayContaining([
				[[image('one')], [24]],
				[[image('two')], [48]],
			]),
		);
	});

	test('accepts files and URLs together, and uploads a repeated file once', async () => {
		const keyframe = [
			{ imageSource: 'binary', imageBinaryField: 'tail', seconds: 5 },
			{ imageUrl: image('middle'), seconds: 2 },
			{ imageSource: 'binary', imageBinaryField: 'head', seconds: 0 },
			{ imageSource: 'binary', imageBinaryField: 'head', seconds: 1 },
		];
		const { json, message, body, sent } = await run({ ...KEYFRAMES, keyframes: { keyframe } }, [
			{ json: {}, binary: { head: file('head'), tail: file('tail') } },
		]);
		expect(message).toBeUndefined();
		expect(sent('uploadInitiate')).toHaveLength(2);
		expect(body).toMatchObject({
			keyframes: [
				expect.stringMatching(/head\.png$/),
				expect.stringMatching(/head\.png$/),
				image('middle'),
				expect.stringMatching(/tail\.png$/),
			],
			keyframe_indexes: [0, 24, 48, 120],
		});
		const shown = (json?.parameters.keyframes as IDataObject[]).map(({ imageUrl }) => imageUrl);
		expect(shown).toEqual(body.keyframes);
	});

	test('sends 64 keyframes for a 10-second video, which has no published price', async () => {
		const keyframe = Array.from({ length: 64 }, (_, at) => ({
			imageUrl: image(`${at}`),
			seconds: (at * 10) / 63,
		}));
		const long = { ...KEYFRAMES, keyframes: { keyframe }, duration: '10s' };
		const { json, message, body } = await run(long);
		expect(message).toBeUndefined();
		expect(body.keyframe_indexes).toHaveLength(64);
		expect((body.keyframe_indexes as number[]).at(-1)).toBe(240);
		expect(json?.cost).toMatchObject({ estimatedUsd: null });
	});

	test('estimates no price for a 10-second video even if the live model is not checked', async () => {
		const options = { checkLiveModel: false };
		const { json } = await run({ ...KEYFRAMES, duration: '10s', options });
		expect(json?.cost).toMatchObject({ estimatedUsd: null, reason: expect.any(String) });
		const over = await run({ ...KEYFRAMES, duration: '10s', options: { ...options, maxCostUsd: 5 } });
		expect(over.message).toContain("'Maximum Cost (USD)' cannot be checked");
		expect(over.bodies).toHaveLength(1);
	});

	test('treats keyframes of an edit as frames of the source', async () => {
		const keyframe = [{ imageUrl: image('late'), seconds: 17 }];
		const { json, message, body } = await run({ ...EDIT, keyframes: { keyframe } });
		expect(message).toBeUndefined();
		expect(body).toMatchObject({ keyframes: [image('late')], keyframe_indexes: [408] });
		expect(json?.parameters).toMatchObject({ imageUrl: null, keyframes: [{ seconds: 17 }] });
	});

	test.each([[{}], [{ keyframe: [] }], ['={{ [] }}']])('edits without keyframes: %j', async (keyframes) => {
		const { message, body } = await run({ ...EDIT, keyframes });
		expect(message).toBeUndefined();
		expect(body).not.toHaveProperty('keyframes');
	});

	test('finds the job of an unanswered submit by its keyframes in the list', async () => {
		sandbox.faults.add({ service: 'fal', endpoint: 'submit', fault: { kind: 'resetAfter' } });
		const { json, message } = await run(KEYFRAMES);
		expect(message).toBeUndefined();
		expect(json).toMatchObject({ status: 'succeeded', requestId: sandbox.jobs[0].id });
		expect(sandbox.jobs).toHaveLength(1);
	});

	test('resumes the paid job in the second try, without uploading its files again', async () => {
		const keyframe = [{ imageSource: 'binary', imageBinaryField: 'head', seconds: 0 }];
		const fault = { kind: 'status', code: 404, body: 'gone' } as const;
		sandbox.faults.add({ service: 'fal', endpoint: 'video', fault });
		const { error } = await runNode({
			credentials: sandboxCredentials(sandbox),
			parameters: { ...KEYFRAMES, keyframes: { keyframe }, downloadVideo: true },
			node: { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 },
			items: [{ json: {}, binary: { head: file('head') } }],
		});
		expect(error?.message).toContain('could not be downloaded');
		const sent = (endpoint: string) => sandbox.requests.filter((one) => one.endpoint === endpoint).length;
		expect(sent('video')).toBeGreaterThan(1);
		expect([sent('submit'), sent('uploadInitiate')]).toEqual([1, 1]);
	});
});

describe('a mistake in the frames', () => {
	const at = (seconds: unknown, more: IDataObject = {}) =>
		({ imageUrl: image('x'), seconds, ...more }) as IDataObject;
	const of = (...keyframe: unknown[]) => ({ keyframes: { keyframe } }) as IDataObject;
	const listed = (list: string) => ({ keyframes: `={{ ${list} }}` });
	const CASES: Array<[IDataObject, string, string]> = [
		[{ keyframes: {} }, "'Keyframes' is empty", 'Add keyframes in the form'],
		[listed('$json.nothing'), "'Keyframes' is empty, not a list", 'an expression that returns a list'],
		[listed('null'), "'Keyframes' is empty, not a list", 'an expression that returns a list'],
		[listed('""'), "'Keyframes' is empty, not a list", 'an expression that returns a list'],
		[listed('[]'), "'Keyframes' is empty", 'an expression that returns a list'],
		[listed('({ a: 1 })'), "'Keyframes' is an object, not a list", 'an expression that returns a list'],
		[
			{ keyframes: { keyframe: '={{ $json.nothing }}' } },
			"'Keyframes' is empty, not a list",
			'an expression that returns a list',
		],
		[listed('["x"]'), `Entry 1 of 'Keyframes' is "x", not an object`, 'imageUrl'],
		[
			listed('[{ imageUrl: "https://a.example/x.png" }]'),
			"'Seconds' of entry 1 of 'Keyframes' is empty",
			'number',
		],
		[
			of(at(0), { imageUrl: '={{ "" }}', seconds: 2 }),
			"'Image URL' of entry 2 of 'Keyframes' is empty, not an http(s) URL",
			'Binary Data',
		],
		[
			of(at(0, { imageUrl: 'tiger.png' })),
			`'Image URL' of entry 1 of 'Keyframes' is "tiger.png", not an http(s) URL`,
			'Use a public URL',
		],
		[of(at('soon')), `'Seconds' of entry 1 of 'Keyframes' is "soon"`, 'a number of 0 or more'],
		[of(at('={{ $json.nothing }}')), "'Seconds' of entry 1 of 'Keyframes' is empty", 'a number of 0 or more'],
		[of(at(-1)), "'Seconds' of entry 1 of 'Keyframes' is -1", 'a number of 0 or more'],
		[
			of(at(1), at(1.01)),
			"'Keyframes' has two images at the same moment: 1 and 1.01 seconds",
			"Change 'Seconds' of one of them. A second has 24 frames",
		],
		[
			of(at(5.1)),
			"'Keyframes' has an image at 5.1 seconds, after the end of the video",
			'The video is 5 seconds long',
		],
		[
			of(...Array.from({ length: 65 }, (_, second) => at(second / 20))),
			"'Keyframes' has 65 entries; the model accepts up to 64",
			'Remove 1 of them.',
		],
		[
			of(at(0, { imageSource: 'file' })),
			"'Image Source' of entry 1 of 'Keyframes' must be one of: url, binary",
			'Change the value',
		],
		[
			of(at(0), { imageSource: 'binary', imageBinaryField: 'photo', seconds: 2 }),
			`'Image Data Field Name' of entry 2 of 'Keyframes' is "photo", but the item has no file with that name`,
			'The item has files in these fields: clip.',
		],
		[
			of({ imageSource: 'binary', imageBinaryField: 'clip', seconds: 2 }),
			"The binary field 'clip' of 'Image Data Field Name' of entry 1 of 'Keyframes' contains video/mp4, not an image",
			'Put an image into that field.',
		],
		[
			{ frames: '={{ "keyframes" }}', loop: true },
			`'Loop' cannot be combined with 'Frames' "keyframes"`,
			"Change 'Loop' or 'Frames'.",
		],
		[
			{ frames: 'firstAndLast', imageUrl: image('a'), endImageUrl: '' },
			"'End Image URL' is empty, not an http(s) URL",
			"set 'End Image Source' to Binary Data",
		],
		[
			{ frames: 'firstAndLast', imageUrl: image('a'), endImageUrl: image('b'), duration: '10s' },
			`'Duration' "10s" needs 'Frames' "keyframes"`,
			`Set 'Frames' to "keyframes", or set 'Duration' to "5s".`,
		],
		[
			{ frames: 'first', imageUrl: image('a'), duration: '10s' },
			`'Duration' "10s" needs 'Frames' "keyframes"`,
			`Set 'Frames' to "keyframes", or set 'Duration' to "5s".`,
		],
		[
			{ frames: '={{ $json.nothing }}' },
			"'Frames' is empty, which is not one of its options",
			'Use one of: first, firstAndLast, keyframes.',
		],
		[
			{ ...EDIT, imageSource: 'url', imageUrl: image('a') },
			"'Keyframes' cannot be combined with 'Image URL'",
			"Remove the entries of 'Keyframes', or set 'Image Source' to None.",
		],
		[{ ...EDIT, ...listed('$json.nothing') }, "'Keyframes' is empty, not a list", 'Add keyframes'],
	];
	test.each(CASES)('is refused before anything is uploaded or paid: %j', async (parameters, said, remedy) => {
		const { message, next, sent } = await run({ ...KEYFRAMES, ...parameters }, [
			{ json: {}, binary: { clip: file('clip', 'video/mp4') } },
		]);
		expect(message).toBe(`${said} [item 0]`);
		expect(next).toContain(remedy);
		expect([sent('submit'), sent('uploadInitiate')]).toEqual([[], []]);
	});
});

test('ignores Frames at Oxen and sends the image', async () => {
	const { json, message, body } = await run({
		...ANIMATE,
		...KEYFRAMES,
		provider: 'oxen',
		imageUrl: image('first'),
	});
	expect(message).toBeUndefined();
	expect(body).toMatchObject({ input_image: image('first') });
	expect(body).not.toHaveProperty('keyframes');
	expect(json?.parameters).not.toHaveProperty('frames');
});

describe('frames in fal’s launch edition', () => {
	let launch: Sandbox;
	beforeAll(async () => {
		launch = await startSandbox({ edition: 'launch', jobSeconds: 0.1, queueSeconds: 0 });
	});
	afterAll(async () => await launch.close());

	test.each(['firstAndLast', 'keyframes'])('refuses %s before anything is paid', async (frames) => {
		const { error } = await runNode({
			credentials: sandboxCredentials(launch),
			parameters: { ...KEYFRAMES, imageUrl: image('first'), endImageUrl: image('last'), frames },
		});
		expect(error?.message).toBe(`'Frames' is "${frames}", which is not one of its options [item 0]`);
		expect(error?.description).toBe('Use one of: first.');
		expect(launch.jobs).toEqual([]);
	});
});
