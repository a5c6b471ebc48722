import { ENDPOINT_ID, falClient, HELD, http, INPUT, sleep, until, useSandbox } from './support';

const sandbox = useSandbox(HELD);
const fal = falClient(sandbox);
const v1 = (path: string) => `${sandbox.fal.apiUrl}/v1${path}`;

describe('fal’s pricing endpoint', () => {
	test('requires the key', async () => {
		const { body } = await fal.get(v1(`/models/pricing?endpoint_id=${ENDPOINT_ID}`));
		expect(body).toEqual({
			prices: [{ endpoint_id: ENDPOINT_ID, unit_price: 0.5, unit: expect.any(String), currency: 'USD' }],
			next_cursor: null,
			has_more: false,
		});
		const stranger = await http('GET', v1(`/models/pricing?endpoint_id=${ENDPOINT_ID}`));
		expect(stranger).toMatchObject({ status: 401, body: { error: { type: 'authorization_error' } } });
		const unknown = await fal.get(v1('/models/pricing?endpoint_id=luma/none'));
		expect(unknown).toMatchObject({ status: 404, body: { error: { type: 'not_found' } } });
	});

	test.each([
		['540p', '5s', 0.5],
		['720p', '5s', 1],
		['1080p', '5s', 2],
		['540p', '10s', 1],
		['720p', '10s', 2],
		['1080p', '10s', 4],
	])('returns unit prices that match the model page: %s %s', async (resolution, duration, usd) => {
		const { headers } = await fal.complete({ ...INPUT, resolution, duration });
		const { body } = await fal.get(v1(`/models/pricing?endpoint_id=${ENDPOINT_ID}`));
		expect(Number(headers.get('x-fal-billable-units')) * body.prices[0].unit_price).toBe(usd);
	});

	test('multiplies the unit price for an estimate', async () => {
		const estimate = (endpoints: unknown) =>
			fal.post(v1('/models/pricing/estimate'), { estimate_type: 'unit_price', endpoints });
		expect((await estimate({ [ENDPOINT_ID]: { unit_quantity: 5 } })).body).toEqual({
			estimate_type: 'unit_price',
			total_cost: 2.5,
			currency: 'USD',
		});
		expect((await estimate({ [ENDPOINT_ID]: {} })).status).toBe(400);
		expect((await estimate({ 'luma/none': { unit_quantity: 5 } })).status).toBe(404);
	});
});

test('fal’s models endpoint needs no key and returns the schema on request', async () => {
	const plain = await http('GET', v1(`/models?endpoint_id=${ENDPOINT_ID}`));
	expect(plain.body.models).toMatchObject([
		{ endpoint_id: ENDPOINT_ID, metadata: { category: 'image-to-video' } },
	]);
	expect(plain.body.models[0]).not.toHaveProperty('openapi');

	const { body } = await http('GET', v1(`/models?endpoint_id=${ENDPOINT_ID}&expand=openapi-3.0`));
	const { openapi } = body.models[0];
	const { $ref } = openapi.paths[`/${ENDPOINT_ID}`].post.requestBody.content['application/json'].schema;
	const schema = openapi.components.schemas[$ref.split('/').at(-1)];
	expect(schema.required).toEqual(['prompt', 'image_url']);
	expect(Object.keys(schema.properties)).toEqual([
		'prompt',
		'image_url',
		'aspect_ratio',
		'resolution',
		'duration',
		'loop',
		'reference_image_urls',
	]);
	expect(schema.properties.aspect_ratio.enum).toHaveLength(12);
	expect(schema.properties.duration).toMatchObject({ type: 'string', enum: ['5s', '10s'], default: '5s' });
});

describe('fal’s list of past requests', () => {
	const list = (query = '') => fal.get(v1(`/models/requests/by-endpoint?endpoint_id=${ENDPOINT_ID}${query}`));

	test('is sorted newest first and contains payloads on request', async () => {
		await fal.complete();
		await fal.submit({ ...INPUT, prompt: 'second' });
		const { body } = await list();
		expect(body).toMatchObject({
			items: [
				{ request_id: sandbox.jobs[1].id, endpoint_id: ENDPOINT_ID, status_code: null, ended_at: null },
				{ request_id: sandbox.jobs[0].id, status_code: 200, sent_at: expect.any(String) },
			],
			has_more: false,
		});
		expect(body.items[0]).not.toHaveProperty('json_input');
		const expanded = await list('&expand=payloads');
		expect(expanded.body.items.map((item: { json_input: object }) => item.json_input)).toEqual([
			{ ...INPUT, prompt: 'second' },
			INPUT,
		]);
		expect(expanded.body.items[1].json_output.video.url).toBeTruthy();
	});

	test('can be filtered by ID, by time and by outcome', async () => {
		await fal.complete({ ...INPUT, duration: '7s' });
		// The two jobs must have different times.
		await sleep(5);
		await fal.complete();
		const ids = async (query: string) =>
			(await list(query)).body.items.map((item: { request_id: string }) => item.request_id);
		const [bad, good] = sandbox.jobs.map(({ id }) => id);
		expect(await ids(`&request_id=${bad}`)).toEqual([bad]);
		expect(await ids('&status=success')).toEqual([good]);
		expect(await ids('&status=user_error')).toEqual([bad]);
		expect(await ids('&start=2999-01-01')).toEqual([]);
		expect(await ids('&end=2001-01-01')).toEqual([]);
		expect(await ids(`&start=${new Date(sandbox.jobs[1].acceptedAt).toISOString()}`)).toEqual([good]);
	});

	test('is divided into pages', async () => {
		await Promise.all([fal.submit(), fal.submit(), fal.submit()]);
		const first = (await list('&limit=2')).body;
		expect(first).toMatchObject({ items: { length: 2 }, has_more: true, next_cursor: expect.any(String) });
		const second = (await list(`&limit=2&cursor=${first.next_cursor}`)).body;
		expect(second).toMatchObject({ items: { length: 1 }, has_more: false, next_cursor: null });
		await until(() => sandbox.jobs.length === 3);
	});

	test('requires the key and an endpoint', async () => {
		expect((await http('GET', v1(`/models/requests/by-endpoint?endpoint_id=${ENDPOINT_ID}`))).status).toBe(
			401,
		);
		expect((await fal.get(v1('/models/requests/by-endpoint'))).status).toBe(400);
	});
});
