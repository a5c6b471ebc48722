import { eventsOf, HELD, http, oxenClient, OXEN_INPUT, until, useSandbox, without } from './support';

const sandbox = useSandbox(HELD);
const oxen = oxenClient(sandbox);

const NOT_FOUND = {
	status: 404,
	body: {
		error: { type: 'resource_not_found', title: 'The requested resource could not be found' },
		status: 'error',
		status_message: 'resource_not_found',
	},
};

describe('a submit to Oxen’s queue', () => {
	test('accepts a generation', async () => {
		const { status, body } = await oxen.enqueue();
		expect(status).toBe(200);
		expect(body).toEqual({
			generations: [{ generation_id: expect.stringMatching(/^[0-9a-f-]{36}$/), status: 'queued' }],
		});
		expect(sandbox.jobs).toMatchObject([
			{ service: 'oxen', endpoint: 'submit', input: OXEN_INPUT, id: body.generations[0].generation_id },
		]);
		expect(sandbox.requests).toMatchObject([
			{ service: 'oxen', host: 'oxen', endpoint: 'submit', jobId: body.generations[0].generation_id },
		]);
	});

	test('creates up to four generations for one request', async () => {
		const { body } = await oxen.enqueue({ ...OXEN_INPUT, num_generations: 4, target_namespace: 'studio' });
		expect(body.generations).toHaveLength(4);
		expect(sandbox.jobs.map(({ namespace }) => namespace)).toEqual(Array(4).fill('studio'));
	});

	test.each([0, 5, 1.5, '2'])('refuses %p generations', async (count) => {
		const { status, body } = await oxen.enqueue({ ...OXEN_INPUT, num_generations: count });
		expect(status).toBe(400);
		expect(JSON.stringify(body)).toContain('num_generations must be an integer between 1 and 4');
		expect(sandbox.jobs).toHaveLength(0);
	});

	test('refuses an unknown model, a missing model, and a body that is not JSON', async () => {
		expect(await oxen.enqueue({ ...OXEN_INPUT, model: 'no-such-model' })).toMatchObject({
			status: 400,
			body: { error: { message: 'Model not found: no-such-model' } },
		});
		expect((await oxen.enqueue(without(OXEN_INPUT, 'model'))).status).toBe(400);
		const text = await oxen.post('/api/ai/queue', { body: 'hello' });
		expect(text).toMatchObject({ status: 400, body: { error: { message: ':unsupported_media_type' } } });
		expect(sandbox.jobs).toHaveLength(0);
	});

	test('requires the key, like everything except the models', async () => {
		for (const authorization of [undefined, 'Bearer wrong', `Key ${sandbox.oxen.key}`]) {
			const { status, body } = await http('GET', `${sandbox.oxen.baseUrl}/api/ai/queue`, { authorization });
			expect(status).toBe(401);
			expect(body).toMatchObject({ error: { type: 'unauthenticated' }, status_message: 'unauthenticated' });
		}
	});
});

describe('a generation in Oxen’s queue', () => {
	test('is queued, processing and succeeded, and stays in the queue', async () => {
		const { body } = await oxen.enqueue();
		const path = `/api/ai/queue/${body.generations[0].generation_id}`;
		expect((await oxen.get(path)).body).toEqual({
			generation_id: sandbox.jobs[0].id,
			model_name: OXEN_INPUT.model,
			prompt: OXEN_INPUT.prompt,
			media_type: 'video',
			status: 'queued',
			result_url: null,
			error_message: null,
			enqueued_at: Math.floor(sandbox.jobs[0].acceptedAt / 1000),
			started_at: null,
			completed_at: null,
		});
		await sandbox.advance(sandbox.jobs[0]);
		expect((await oxen.get(path)).body).toMatchObject({
			status: 'processing',
			started_at: expect.any(Number),
		});
		await sandbox.advance(sandbox.jobs[0]);
		expect((await oxen.get(path)).body).toMatchObject({
			status: 'succeeded',
			result_url: expect.stringContaining(sandbox.oxen.cdnUrl),
			completed_at: expect.any(Number),
		});
	});

	test('has a result that is downloaded without the key', async () => {
		const [row] = await oxen.complete();
		const response = await fetch(row.result_url);
		expect(response.headers.get('content-type')).toBe('video/mp4');
		expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(1000);
		expect(sandbox.requests.at(-1)).toMatchObject({ service: 'oxen', host: 'oxenCdn', endpoint: 'video' });
	});

	test.each([
		['a loop of 10s', { loop: true, duration: '10s' }, 'Value error, loop is not supported for 10s videos'],
		['an unknown ratio', { aspect_ratio: '5:4' }, 'Input should be'],
		['no image', { input_image: undefined }, 'Field required'],
		['an image that does not exist', { input_image: 'tiger.png' }, 'Failed to download the file'],
	])('is accepted and fails later with %s', async (_what, wrong, message) => {
		const [row] = await oxen.complete({ ...OXEN_INPUT, ...wrong });
		expect(row).toMatchObject({ status: 'failed', result_url: null });
		expect(row.error_message).toMatch(/^Getting model response error: 422 - /);
		expect(row.error_message).toContain(message);
	});

	test('is not found if its ID is unknown', async () => {
		expect(await oxen.get('/api/ai/queue/no-such-id')).toMatchObject(NOT_FOUND);
		expect(await oxen.delete('/api/ai/queue/no-such-id')).toMatchObject(NOT_FOUND);
		expect(await oxen.get('/api/ai/generations/no-such-id')).toMatchObject(NOT_FOUND);
		expect(await oxen.get('/api/elsewhere')).toMatchObject(NOT_FOUND);
	});

	test('is not found if its ID belongs to fal', async () => {
		await http('POST', `${sandbox.fal.queueUrl}/luma/agent/ray/v3.2/image-to-video`, {
			authorization: `Key ${sandbox.fal.key}`,
			json: {},
		});
		expect((await oxen.get(`/api/ai/queue/${sandbox.jobs[0].id}`)).status).toBe(404);
	});
});

describe('a cancel at Oxen', () => {
	test('ends a generation', async () => {
		const { body } = await oxen.enqueue();
		const path = `/api/ai/queue/${body.generations[0].generation_id}`;
		expect(await oxen.delete(path)).toMatchObject({
			status: 200,
			body: { status: 'success', generation_id: body.generations[0].generation_id },
		});
		expect((await oxen.get(path)).body).toMatchObject({ status: 'cancelled', error_message: null });
		expect(sandbox.jobs[0].cancelRequestedAt).toBeDefined();
	});

	test('does not change a generation that has ended', async () => {
		const [row] = await oxen.complete();
		expect((await oxen.delete(`/api/ai/queue/${row.generation_id}`)).status).toBe(200);
		expect(sandbox.jobs[0]).toMatchObject({ status: 'succeeded' });
		expect(sandbox.jobs[0].cancelRequestedAt).toBeUndefined();
	});
});

test('Oxen’s queue lists active generations, or those that match a filter', async () => {
	await oxen.complete();
	await oxen.enqueue({ ...OXEN_INPUT, prompt: 'open', target_namespace: 'studio' });
	const prompts = async (query: string) => {
		const { body } = await oxen.get(`/api/ai/queue${query}`);
		expect(body.count).toBe(body.generations.length);
		return body.generations.map((row: { prompt: string }) => row.prompt);
	};
	expect(await prompts('')).toEqual(['open']);
	expect(await prompts('?status=succeeded')).toEqual([OXEN_INPUT.prompt]);
	expect(await prompts('?namespace=studio&media_type=video')).toEqual(['open']);
	expect(await prompts('?namespace=other')).toEqual([]);
	expect(await prompts('?model=other')).toEqual([]);
	expect(await prompts('?media_type=image')).toEqual([]);
});

describe('Oxen’s history', () => {
	test('contains the cost of each generation', async () => {
		await oxen.complete({ ...OXEN_INPUT, resolution: '1080p', duration: '10s' });
		await oxen.complete({ ...OXEN_INPUT, aspect_ratio: '5:4' });
		await oxen.enqueue();
		const cost = async (index: number) =>
			(await oxen.get(`/api/ai/generations/${sandbox.jobs[index].id}`)).body.generation.cost;
		expect([await cost(0), await cost(1), await cost(2)]).toEqual(['4.00', '0.00', null]);

		const { body } = await oxen.get('/api/ai/generations');
		expect(body).toMatchObject({ count: 3, page_number: 1, page_size: 50, total_pages: 1, total_entries: 3 });
		expect(body.total_cost).toBe('4.00');
		expect(body.generations.map((row: { generation_id: string }) => row.generation_id)).toEqual(
			sandbox.jobs.map(({ id }) => id).reverse(),
		);
	});

	test('is divided into pages', async () => {
		await oxen.enqueue({ ...OXEN_INPUT, num_generations: 3 });
		const { body } = await oxen.get('/api/ai/generations?page=2&page_size=2');
		expect(body).toMatchObject({ count: 1, page_number: 2, page_size: 2, total_pages: 2, total_entries: 3 });
		expect(body.generations[0].generation_id).toBe(sandbox.jobs[0].id);
	});
});

describe('Oxen’s events', () => {
	const completions = (text: string) =>
		eventsOf(text)
			.filter(({ event }) => event === 'media_generation_completed')
			.map(({ data }) => data);

	test('report every end to every listener, successful or failed, and also contain other events', async () => {
		const feeds = [await oxen.listen(), await oxen.listen()];
		expect(sandbox.openStreams()).toBe(2);
		const [good] = await oxen.complete();
		const [bad] = await oxen.complete({ ...OXEN_INPUT, duration: '7s' });
		for (const feed of feeds) {
			await until(() => completions(feed.text).length === 2, 'both events');
			expect(completions(feed.text)).toEqual([
				{
					generation_id: good.generation_id,
					status: 'succeeded',
					media_type: 'video',
					model: OXEN_INPUT.model,
					url: good.result_url,
				},
				{ generation_id: bad.generation_id, status: 'failed', media_type: 'video', error: bad.error_message },
			]);
			expect(eventsOf(feed.text).map(({ event }) => event)).toContain('credits_updated');
			feed.leave();
		}
		await until(() => sandbox.openStreams() === 0);
	});

	test('contain no cancelled generations and none that ended before', async () => {
		await oxen.complete();
		const feed = await oxen.listen();
		const { body } = await oxen.enqueue();
		await oxen.delete(`/api/ai/queue/${body.generations[0].generation_id}`);
		const [last] = await oxen.complete();
		await until(() => completions(feed.text).length > 0);
		expect(completions(feed.text)).toMatchObject([{ generation_id: last.generation_id }]);
		feed.leave();
	});
});
