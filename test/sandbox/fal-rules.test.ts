import { FAL_INPUTS, falClient, until, useSandbox } from './support';

const [ANIMATE, GENERATE, EDIT, REFRAME] = Object.keys(FAL_INPUTS);
const IMAGE = 'https://example.com/tiger.png';
const { prompt } = FAL_INPUTS[ANIMATE];
const KEYFRAMES = { image_url: undefined, keyframes: [IMAGE, IMAGE], keyframe_indexes: [0, 120] };
const HDR = { hdr: true, resolution: '720p' };

type Case = [what: string, id: string, changes: Record<string, unknown>];

describe('fal’s rules in October 2026', () => {
	const sandbox = useSandbox({ edition: '2026-10', jobSeconds: 0.02, queueSeconds: 0 });
	const complete = (id: string, changes: Record<string, unknown>) =>
		falClient(sandbox, id).complete({ ...FAL_INPUTS[id], ...changes });

	test.each<Case>([
		['an image', ANIMATE, {}],
		['a first and a last frame', ANIMATE, { end_image_url: IMAGE }],
		['keyframes', ANIMATE, KEYFRAMES],
		['keyframes for 10 s', ANIMATE, { ...KEYFRAMES, duration: '10s', keyframe_indexes: [0, 240] }],
		['keyframes for 10 s in HDR', ANIMATE, { ...KEYFRAMES, ...HDR, duration: '10s' }],
		[
			'64 keyframes',
			ANIMATE,
			{ image_url: null, keyframes: Array(64).fill(IMAGE), keyframe_indexes: [...Array(64).keys()] },
		],
		['nulls', ANIMATE, { end_image_url: null, keyframes: null, keyframe_indexes: null }],
		['a loop', ANIMATE, { loop: true }],
		['HDR with EXR', ANIMATE, { ...HDR, exr_export: true }],
		['a prompt of 6000 characters', GENERATE, { prompt: 'x'.repeat(6000) }],
		['10 s', GENERATE, { duration: '10s' }],
		['10 s in HDR', EDIT, { ...HDR, duration: '10s' }],
		['a strength', EDIT, { edit_strength: 'reimagine_3', auto_controls: false }],
		['controls', EDIT, { controls: { depth: { enabled: true, blur: 0.5 }, pose: { strength: 'coarse' } } }],
		['a user', EDIT, { user: 'somebody' }],
		['keyframes far into the source', EDIT, { keyframes: [IMAGE], keyframe_indexes: [400] }],
		['as long as the source', REFRAME, { duration: null }],
		['a position', REFRAME, { source_position: { x_norm: 0.1, y_norm: 0, w_norm: 0.5, h_norm: 1 } }],
	])('accept %s for %s', async (_what, id, changes) => {
		const { status, body } = await complete(id, changes);
		expect([status, body.detail]).toEqual([200, undefined]);
		expect(sandbox.ignored).toEqual([]);
	});

	test.each<[...Case, field: string | undefined, type: string]>([
		['an empty prompt', GENERATE, { prompt: '' }, 'prompt', 'string_too_short'],
		['a prompt of 6001 characters', ANIMATE, { prompt: 'x'.repeat(6001) }, 'prompt', 'string_too_long'],
		['an empty address', ANIMATE, { image_url: '' }, 'image_url', 'string_too_short'],
		[
			'a ratio that existed only at launch',
			ANIMATE,
			{ aspect_ratio: '3:1' },
			'aspect_ratio',
			'literal_error',
		],
		['no ratio', ANIMATE, { aspect_ratio: null }, 'aspect_ratio', 'literal_error'],
		['no image and no keyframes', ANIMATE, { image_url: undefined }, undefined, 'value_error'],
		[
			'a last frame without a first',
			ANIMATE,
			{ image_url: undefined, end_image_url: IMAGE },
			undefined,
			'value_error',
		],
		['an image and keyframes', ANIMATE, { ...KEYFRAMES, image_url: IMAGE }, undefined, 'value_error'],
		['a last frame and keyframes', ANIMATE, { ...KEYFRAMES, end_image_url: IMAGE }, undefined, 'value_error'],
		['10 s from one image', ANIMATE, { duration: '10s' }, undefined, 'value_error'],
		['10 s from two frames', ANIMATE, { duration: '10s', end_image_url: IMAGE }, undefined, 'value_error'],
		['a loop in HDR', ANIMATE, { ...HDR, loop: true }, undefined, 'value_error'],
		['a loop with a last frame', ANIMATE, { loop: true, end_image_url: IMAGE }, undefined, 'value_error'],
		['a loop with keyframes', ANIMATE, { ...KEYFRAMES, loop: true }, undefined, 'value_error'],
		['HDR at 540p', ANIMATE, { hdr: true }, undefined, 'value_error'],
		['EXR without HDR', ANIMATE, { exr_export: true }, undefined, 'value_error'],
		['no keyframe', ANIMATE, { ...KEYFRAMES, keyframes: [] }, 'keyframes', 'sequence_too_short'],
		[
			'65 keyframes',
			ANIMATE,
			{ ...KEYFRAMES, keyframes: Array(65).fill(IMAGE) },
			'keyframes',
			'sequence_too_long',
		],
		[
			'keyframes without positions',
			ANIMATE,
			{ ...KEYFRAMES, keyframe_indexes: null },
			undefined,
			'value_error',
		],
		['positions without keyframes', ANIMATE, { keyframe_indexes: [0] }, undefined, 'value_error'],
		[
			'fewer positions than keyframes',
			ANIMATE,
			{ ...KEYFRAMES, keyframe_indexes: [0] },
			undefined,
			'value_error',
		],
		[
			'the same position twice',
			ANIMATE,
			{ ...KEYFRAMES, keyframe_indexes: [7, 7] },
			undefined,
			'value_error',
		],
		[
			'a position before the start',
			ANIMATE,
			{ ...KEYFRAMES, keyframe_indexes: [-1, 7] },
			'keyframe_indexes',
			'greater_than_equal',
		],
		[
			'a fractional position',
			ANIMATE,
			{ ...KEYFRAMES, keyframe_indexes: [0, 1.5] },
			'keyframe_indexes',
			'int_type',
		],
		['a position after 5 s', ANIMATE, { ...KEYFRAMES, keyframe_indexes: [0, 121] }, undefined, 'value_error'],
		[
			'a position after 10 s',
			ANIMATE,
			{ ...KEYFRAMES, duration: '10s', keyframe_indexes: [0, 241] },
			undefined,
			'value_error',
		],
		[
			'a keyframe that is not an address',
			ANIMATE,
			{ ...KEYFRAMES, keyframes: [IMAGE, 7] },
			'keyframes',
			'string_type',
		],
		['a loop of 10 s', GENERATE, { loop: true, duration: '10s' }, undefined, 'value_error'],
		['a loop in HDR', GENERATE, { ...HDR, loop: true }, undefined, 'value_error'],
		['10 s in HDR', GENERATE, { ...HDR, duration: '10s' }, undefined, 'value_error'],
		['HDR at 540p', GENERATE, { hdr: true }, undefined, 'value_error'],
		['EXR without HDR', GENERATE, { exr_export: true }, undefined, 'value_error'],
		['no source', EDIT, { video_url: undefined }, 'video_url', 'missing'],
		['an unknown strength', EDIT, { edit_strength: 'flex_4' }, 'edit_strength', 'literal_error'],
		[
			'a strength and automatic controls',
			EDIT,
			{ edit_strength: 'flex_1', auto_controls: true },
			undefined,
			'value_error',
		],
		[
			'a strength and controls',
			EDIT,
			{ edit_strength: 'flex_1', controls: { face: {} } },
			undefined,
			'value_error',
		],
		[
			'automatic controls and controls',
			EDIT,
			{ auto_controls: true, controls: { face: {} } },
			undefined,
			'value_error',
		],
		['controls that are a list', EDIT, { controls: [] }, 'controls', 'dict_type'],
		['a blur above 1', EDIT, { controls: { depth: { blur: 1.1 } } }, 'controls', 'less_than_equal'],
		[
			'a pose that is not known',
			EDIT,
			{ controls: { pose: { strength: 'rough' } } },
			'controls',
			'literal_error',
		],
		[
			'a start image and keyframes',
			EDIT,
			{ start_image_url: IMAGE, keyframes: [IMAGE], keyframe_indexes: [0] },
			undefined,
			'value_error',
		],
		['keyframes without positions', EDIT, { keyframes: [IMAGE] }, undefined, 'value_error'],
		['HDR at 540p', EDIT, { hdr: true }, undefined, 'value_error'],
		['EXR without HDR', EDIT, { exr_export: true }, undefined, 'value_error'],
		['no ratio', REFRAME, { aspect_ratio: undefined }, 'aspect_ratio', 'missing'],
		[
			'an incomplete position',
			REFRAME,
			{ source_position: { x_norm: 0, y_norm: 0, w_norm: 1 } },
			'source_position',
			'missing',
		],
		['an unknown duration', REFRAME, { duration: '7s' }, 'duration', 'literal_error'],
		['1080p upright', REFRAME, { aspect_ratio: '9:16', resolution: '1080p' }, undefined, 'value_error'],
	])('refuse %s for %s', async (_what, id, changes, field, type) => {
		const { status, headers, body } = await complete(id, changes);
		expect(status).toBe(422);
		expect(body.detail).toHaveLength(1);
		expect(body.detail[0]).toMatchObject({ type, url: `https://docs.fal.ai/errors#${type}` });
		expect(body.detail[0].loc.slice(0, 2)).toEqual(field === undefined ? ['body'] : ['body', field]);
		expect(headers.get('x-fal-billable-units')).toBe('0');
	});

	test('report the list entry or the nested field with the mistake', async () => {
		const entry = await complete(ANIMATE, { ...KEYFRAMES, keyframes: [IMAGE, 7] });
		expect(entry.body.detail[0].loc).toEqual(['body', 'keyframes', 1]);
		const nested = await complete(EDIT, { controls: { depth: { blur: 2 } } });
		expect(nested.body.detail[0]).toMatchObject({
			loc: ['body', 'controls', 'depth', 'blur'],
			ctx: { le: 1 },
		});
	});

	test('report any image of the input that cannot be loaded', async () => {
		const gone = `${sandbox.fal.cdnUrl}/files/u/1/gone.png`;
		for (const [id, changes, field] of [
			[ANIMATE, { end_image_url: gone }, 'end_image_url'],
			[ANIMATE, { ...KEYFRAMES, keyframes: [IMAGE, gone] }, 'keyframes'],
			[EDIT, { start_image_url: gone }, 'start_image_url'],
			[EDIT, { video_url: gone }, 'video_url'],
		] as const) {
			const { body } = await complete(id, changes);
			expect(body.detail).toMatchObject([{ loc: ['body', field], type: 'file_download_error', input: gone }]);
		}
	});

	test('ignore, record and log fields that the model does not have', async () => {
		const { body } = await falClient(sandbox, EDIT).submit({
			...FAL_INPUTS[EDIT],
			aspect_ratio: '1:1',
			controls: { depth: { colour: 1 }, wind: {} },
		});
		await until(() => sandbox.jobs[0].completedAt);
		expect(sandbox.jobs[0].status).toBe('succeeded');
		const fields = ['aspect_ratio', 'controls.depth.colour', 'controls.wind'];
		expect(sandbox.ignored).toEqual(
			fields.map((field) => ({ service: 'fal', jobId: body.request_id, model: EDIT, field })),
		);
		expect(sandbox.jobs[0].ignored).toEqual(fields);
		const { logs } = (await falClient(sandbox).get(`${body.status_url}?logs=1`)).body;
		expect(
			logs
				.filter(({ level }: { level: string }) => level === 'WARNING')
				.map(({ message }: { message: string }) => message),
		).toEqual(fields.map((field) => `Ignoring unknown field '${field}'`));
		sandbox.reset();
		expect(sandbox.ignored).toEqual([]);
	});

	test('ignore fields of the launch edition that no longer exist', async () => {
		const { status } = await complete(ANIMATE, { reference_image_urls: [IMAGE] });
		expect(status).toBe(200);
		expect(sandbox.ignored).toMatchObject([{ field: 'reference_image_urls' }]);
	});
});

describe('fal’s rules at launch', () => {
	const sandbox = useSandbox({ jobSeconds: 0.02, queueSeconds: 0 });
	const complete = (id: string, changes: Record<string, unknown>) =>
		falClient(sandbox, id).complete({ ...FAL_INPUTS[id], ...changes });

	test('accept image to video of 10 s in 12 ratios with references', async () => {
		const changes = { duration: '10s', aspect_ratio: '1:3', reference_image_urls: [IMAGE] };
		expect((await complete(ANIMATE, changes)).status).toBe(200);
		expect(sandbox.ignored).toEqual([]);
	});

	test('require an image and ignore keyframes', async () => {
		const { status, body } = await falClient(sandbox, ANIMATE).complete({ prompt, ...KEYFRAMES });
		expect(status).toBe(422);
		expect(body.detail).toMatchObject([{ loc: ['body', 'image_url'], type: 'missing' }]);
		expect(sandbox.ignored.map(({ field }) => field)).toEqual(['keyframes', 'keyframe_indexes']);
	});

	test('ignore, record and log a last frame and keyframes next to the image', async () => {
		const fields = ['end_image_url', 'keyframes', 'keyframe_indexes'];
		const changes = { end_image_url: IMAGE, keyframes: [IMAGE], keyframe_indexes: [0] };
		const { body } = await falClient(sandbox, ANIMATE).submit({ ...FAL_INPUTS[ANIMATE], ...changes });
		await until(() => sandbox.jobs[0].completedAt);
		expect(sandbox.jobs[0].status).toBe('succeeded');
		expect(sandbox.ignored.map(({ field }) => field)).toEqual(fields);
		const { logs } = (await falClient(sandbox).get(`${body.status_url}?logs=1`)).body;
		const lines = logs.map(({ message }: { message: string }) => message);
		expect(lines).toEqual(expect.arrayContaining(fields.map((field) => `Ignoring unknown field '${field}'`)));
	});

	test('ignore user for an edit and duration for a reframe', async () => {
		await complete(EDIT, { user: 'somebody' });
		await complete(REFRAME, { duration: '10s' });
		expect(sandbox.ignored).toMatchObject([
			{ model: EDIT, field: 'user' },
			{ model: REFRAME, field: 'duration' },
		]);
	});
});

describe('an account without HDR access', () => {
	const sandbox = useSandbox({ edition: '2026-10', hdrAccess: false });

	test('is refused only HDR', async () => {
		const fal = falClient(sandbox, GENERATE);
		const refused = await fal.complete({ prompt, ...HDR });
		expect(refused.body.detail).toMatchObject([{ loc: ['body', 'hdr'], type: 'feature_not_supported' }]);
		expect((await fal.complete({ prompt })).status).toBe(200);
	});
});
