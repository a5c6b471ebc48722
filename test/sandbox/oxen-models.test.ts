import type { Edition } from '../../sandbox';
import { eventsOf, http, OXEN_INPUTS, oxenClient, until, useSandbox } from './support';

const IDS = Object.keys(OXEN_INPUTS);
const [ANIMATE, , EDIT, REFRAME] = IDS;
const IMAGE = 'https://example.com/tiger.png';
const inputOf = (id: string, changes = {}) => ({ ...OXEN_INPUTS[id], model: id, ...changes });
const MODEL_ERROR = /^Getting model response error: 422 - /;

describe.each<Edition>(['launch', '2026-10'])('Oxen’s models in edition %s', (edition) => {
	const sandbox = useSandbox({ edition });

	test.each(IDS)('%s appears in the queue, the events and the history', async (id) => {
		const oxen = oxenClient(sandbox);
		const feed = await oxen.listen();
		const [row] = await oxen.complete(inputOf(id, { target_namespace: 'studio', num_generations: 1 }));
		expect(row).toMatchObject({ model_name: id, status: 'succeeded' });
		expect((await http('HEAD', row.result_url)).headers.get('content-type')).toBe('video/mp4');
		const isTold = () => eventsOf(feed.text).some(({ data }) => data.model === id);
		await until(isTold, 'the event');
		feed.leave();
		const { body } = await oxen.get(`/api/ai/queue?model=${id}&status=succeeded`);
		expect(body.count).toBe(1);
		expect((await oxen.get('/api/ai/generations')).body.generations).toMatchObject([{ model_name: id }]);
		expect(sandbox.ignored).toEqual([]);
	});

	test.each(IDS)('%s can be generated with a blocking call', async (id) => {
		const { status, body } = await oxenClient(sandbox).post('/api/ai/videos/generate', { json: inputOf(id) });
		expect(status).toBe(200);
		expect(body).toMatchObject({ model: id, videos: [{ url: expect.any(String) }] });
	});
});

describe('Oxen’s rules at launch', () => {
	const sandbox = useSandbox();

	test.each([
		['no source', REFRAME, { input_video: undefined }, 'Field required'],
		['a ratio that existed only at launch', REFRAME, { aspect_ratio: '3:1' }, 'Input should be'],
		[
			'a strength and automatic controls',
			EDIT,
			{ edit_strength: 'flex_1', auto_controls: true },
			'cannot be combined',
		],
		['HDR at 540p', EDIT, { hdr: true }, 'hdr requires a resolution of 720p or 1080p'],
		[
			'a start image that is not an address',
			EDIT,
			{ input_image: 'tiger.png' },
			'Failed to download the file',
		],
	])('%s is accepted for %s and fails later', async (_what, id, changes, message) => {
		const oxen = oxenClient(sandbox);
		const [row] = await oxen.complete(inputOf(id, changes));
		expect(row.status).toBe('failed');
		expect(row.error_message).toMatch(MODEL_ERROR);
		expect(row.error_message).toContain(message);
		const { body } = await oxen.get(`/api/ai/generations/${row.generation_id}`);
		expect(body.generation.cost).toBe('0.00');
	});

	test('fal’s names of the file fields are ignored', async () => {
		const [row] = await oxenClient(sandbox).complete(inputOf(EDIT, { video_url: IMAGE, controls: {} }));
		expect(row.status).toBe('succeeded');
		expect(sandbox.ignored.map(({ service, field }) => [service, field])).toEqual([
			['oxen', 'video_url'],
			['oxen', 'controls'],
		]);
	});
});

describe('Oxen’s rules in October 2026', () => {
	const sandbox = useSandbox({ edition: '2026-10' });

	test('image to video follows fal’s rules and accepts keyframes', async () => {
		const oxen = oxenClient(sandbox);
		const [long] = await oxen.complete(inputOf(ANIMATE, { duration: '10s' }));
		expect(long.error_message).toMatch(MODEL_ERROR);
		const keyframes = { input_image: undefined, keyframes: [IMAGE, IMAGE], keyframe_indexes: [0, 240] };
		const [row] = await oxen.complete(inputOf(ANIMATE, { ...keyframes, duration: '10s' }));
		expect(row.status).toBe('succeeded');
		const [both] = await oxen.complete(inputOf(ANIMATE, { ...keyframes, input_image: IMAGE }));
		expect(both.error_message).toContain('keyframes cannot be combined with image_url');
	});

	test('fields of the launch edition that no longer exist are ignored', async () => {
		await oxenClient(sandbox).complete(inputOf(ANIMATE, { reference_image_urls: [IMAGE] }));
		expect(sandbox.ignored).toMatchObject([
			{ service: 'oxen', model: ANIMATE, field: 'reference_image_urls' },
		]);
	});
});
