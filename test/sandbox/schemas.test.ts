import type { Edition } from '../../sandbox';
import { FAL_INPUTS, http, OXEN_INPUTS, useSandbox } from './support';

const SIX = ['3:4', '4:3', '1:1', '9:16', '16:9', '21:9'];
const TWELVE = ['3:1', '2:1', '21:9', '16:9', '4:3', '3:2', '1:1', '3:4', '2:3', '9:16', '1:2', '1:3'];
const [ANIMATE, GENERATE, EDIT, REFRAME] = Object.keys(FAL_INPUTS);
const orNull = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });

describe('fal’s schemas', () => {
	/** The whole document, and the schemas of its input and its output. */
	async function read(apiUrl: string, id: string) {
		const url = `${apiUrl}/v1/models?endpoint_id=${id}&expand=openapi-3.0`;
		const [{ openapi }] = (await http('GET', url)).body.models;
		const schemaAt = ({ $ref }: { $ref: string }) => openapi.components.schemas[$ref.split('/').at(-1)!];
		const { post } = openapi.paths[`/${id}`];
		const result = openapi.paths['/luma/agent/requests/{request_id}'].get.responses[200];
		return {
			openapi,
			schemaAt,
			input: schemaAt(post.requestBody.content['application/json'].schema),
			output: schemaAt(result.content['application/json'].schema),
		};
	}

	type Fields = [edition: Edition, id: string, required: string[], optional: string[]];
	const ANIMATE_FIELDS = ['aspect_ratio', 'resolution', 'duration', 'loop'];
	const HDR_FIELDS = ['hdr', 'exr_export'];
	const FRAME_FIELDS = ['keyframes', 'keyframe_indexes'];
	const EDIT_FIELDS = ['resolution', 'duration', 'edit_strength', 'auto_controls', ...HDR_FIELDS, 'controls'];
	const fields: Fields[] = [
		['launch', ANIMATE, ['prompt', 'image_url'], [...ANIMATE_FIELDS, 'reference_image_urls']],
		['launch', GENERATE, ['prompt'], [...ANIMATE_FIELDS, ...HDR_FIELDS]],
		['launch', EDIT, ['prompt', 'video_url'], ['start_image_url', ...EDIT_FIELDS, ...FRAME_FIELDS]],
		['launch', REFRAME, ['prompt', 'video_url', 'aspect_ratio'], ['resolution', 'source_position']],
		[
			'2026-10',
			ANIMATE,
			['prompt'],
			['image_url', 'end_image_url', ...ANIMATE_FIELDS, ...HDR_FIELDS, ...FRAME_FIELDS],
		],
		['2026-10', GENERATE, ['prompt'], [...ANIMATE_FIELDS, ...HDR_FIELDS]],
		['2026-10', EDIT, ['prompt', 'video_url'], ['user', 'start_image_url', ...EDIT_FIELDS, ...FRAME_FIELDS]],
		[
			'2026-10',
			REFRAME,
			['prompt', 'video_url', 'aspect_ratio'],
			['resolution', 'duration', 'source_position'],
		],
	];

	describe.each<Edition>(['launch', '2026-10'])('in edition %s', (edition) => {
		const sandbox = useSandbox({ edition });

		test.each(fields.filter((row) => row[0] === edition))(
			'%s lists the fields of %s in order',
			async (_, id, required, optional) => {
				const { input, openapi } = await read(sandbox.fal.apiUrl, id);
				expect(input.required).toEqual(required);
				expect(Object.keys(input.properties)).toEqual([...required, ...optional]);
				expect(input['x-fal-order-properties']).toEqual([...required, ...optional]);
				expect(input).not.toHaveProperty('additionalProperties');
				expect(openapi.info['x-fal-metadata'].endpointId).toBe(id);
				expect(Object.keys(openapi.paths)).toEqual([
					`/${id}`,
					'/luma/agent/requests/{request_id}/status',
					'/luma/agent/requests/{request_id}',
					'/luma/agent/requests/{request_id}/cancel',
				]);
			},
		);
	});

	describe('in October 2026', () => {
		const sandbox = useSandbox({ edition: '2026-10' });

		test('image to video has limits and nullable fields', async () => {
			const { input, output } = await read(sandbox.fal.apiUrl, ANIMATE);
			expect(input.properties).toMatchObject({
				prompt: { type: 'string', minLength: 1, maxLength: 6000 },
				image_url: orNull({ type: 'string', minLength: 1 }),
				aspect_ratio: { type: 'string', enum: SIX, default: '16:9' },
				resolution: { enum: ['540p', '720p', '1080p'], default: '540p' },
				duration: { enum: ['5s', '10s'], default: '5s' },
				hdr: { type: 'boolean', default: false },
				keyframes: orNull({ type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 64 }),
				keyframe_indexes: orNull({ type: 'array', items: { type: 'integer', minimum: 0 } }),
			});
			expect(output.properties).toHaveProperty('exr_file');
			expect(output.required).toEqual(['video']);
		});

		test('video to video describes its controls', async () => {
			const { input, schemaAt } = await read(sandbox.fal.apiUrl, EDIT);
			expect(input.properties.edit_strength.anyOf[0].enum).toHaveLength(9);
			const controls = schemaAt(input.properties.controls.anyOf[0]);
			expect(Object.keys(controls.properties)).toEqual(['depth', 'face', 'normals', 'pose', 'trajectory']);
			const pose = schemaAt(controls.properties.pose.anyOf[0]);
			expect(pose.properties).toMatchObject({
				enabled: { type: 'boolean', default: true },
				strength: orNull({ type: 'string', enum: ['precise', 'coarse'] }),
			});
		});

		test('reframe has no default ratio, a nullable duration and a position of four numbers', async () => {
			const { input, schemaAt } = await read(sandbox.fal.apiUrl, REFRAME);
			expect(input.properties.aspect_ratio).toMatchObject({ enum: SIX });
			expect(input.properties.aspect_ratio).not.toHaveProperty('default');
			expect(input.properties.duration).toMatchObject(orNull({ enum: ['5s', '10s'] }));
			const position = schemaAt(input.properties.source_position.anyOf[0]);
			expect(position.required).toEqual(['x_norm', 'y_norm', 'w_norm', 'h_norm']);
		});

		test('the list of models contains the kind of each model', async () => {
			const { body } = await http('GET', `${sandbox.fal.apiUrl}/v1/models`);
			expect(
				body.models.map((one: { endpoint_id: string; metadata: { category: string } }) => [
					one.endpoint_id,
					one.metadata.category,
				]),
			).toEqual([
				[ANIMATE, 'image-to-video'],
				[GENERATE, 'text-to-video'],
				[EDIT, 'video-to-video'],
				[REFRAME, 'video-to-video'],
			]);
		});
	});
});

describe('Oxen’s schemas', () => {
	const [animate, generate, edit, reframe] = Object.keys(OXEN_INPUTS);
	const read = async (baseUrl: string, id: string) =>
		(await http('GET', `${baseUrl}/api/ai/models/${id}`)).body.json_request_schema;

	describe.each<Edition>(['launch', '2026-10'])('in edition %s', (edition) => {
		const sandbox = useSandbox({ edition });

		test.each([
			[generate, ['prompt'], ['aspect_ratio', 'resolution', 'duration', 'loop', 'reference_image_urls']],
			[
				edit,
				['prompt', 'input_video'],
				['input_image', 'resolution', 'duration', 'edit_strength', 'auto_controls', 'hdr', 'exr_export'],
			],
			[reframe, ['prompt', 'input_video', 'aspect_ratio'], ['resolution', 'source_position']],
		])('%s matches the model’s page', async (id, required, optional) => {
			const schema = await read(sandbox.oxen.baseUrl, id);
			expect(schema.required).toEqual(required);
			expect(Object.keys(schema.properties)).toEqual([...required, ...optional]);
		});

		test('text to video has 12 ratios, reframe 6', async () => {
			expect((await read(sandbox.oxen.baseUrl, generate)).properties.aspect_ratio.enum).toEqual(TWELVE);
			expect((await read(sandbox.oxen.baseUrl, reframe)).properties.aspect_ratio.enum).toEqual(SIX);
		});
	});

	describe('in October 2026', () => {
		const sandbox = useSandbox({ edition: '2026-10' });

		test('image to video follows fal, with Oxen’s name for the first frame', async () => {
			const schema = await read(sandbox.oxen.baseUrl, animate);
			expect(schema.required).toEqual(['prompt']);
			expect(Object.keys(schema.properties).slice(0, 3)).toEqual(['prompt', 'input_image', 'end_image_url']);
			expect(schema.properties.keyframes.anyOf[0]).toMatchObject({ minItems: 1, maxItems: 64 });
			expect(schema.properties).not.toHaveProperty('reference_image_urls');
		});
	});
});
