import { chunksOf, finish, HELD, http, until, useSandbox } from './support';

// Every snippet on the model's page at docs.oxen.ai, sent as its cURL version and its Python version send it.
const sandbox = useSandbox(HELD);

const MINIMAL = {
	model: 'luma-ray-v3-2-image-to-video',
	prompt:
		'Low-angle shot of a majestic tiger prowling through a snowy landscape, leaving paw prints on the white blanket.',
	input_image: 'https://hub.oxen.ai/api/repos/elau/assets/file/main/bloxy/bloxy_cropped_512x512.png',
};
const BODIES = {
	minimal: MINIMAL,
	'all parameters': { ...MINIMAL, aspect_ratio: '16:9', resolution: '540p', duration: '5s' },
};

const key = () => ({ authorization: `Bearer ${sandbox.oxen.key}` });
const json = { 'content-type': 'application/json' };
/** Python's requests uses one set of headers for all calls, while cURL sets them for each call. */
const LANGUAGES = {
	cURL: { agent: { 'user-agent': 'curl/8.5.0', accept: '*/*' }, poll: {} },
	Python: { agent: { 'user-agent': 'python-requests/2.32.3', accept: '*/*' }, poll: json },
};

const snippets = Object.entries(LANGUAGES).flatMap(([language, { agent, poll }]) =>
	Object.entries(BODIES).map(([parameters, body]) => ({ language, parameters, body, agent, poll })),
);

function post(path: string, body: object, agent: Record<string, string>) {
	return http('POST', `${sandbox.oxen.baseUrl}${path}`, {
		headers: { ...json, ...key(), ...agent },
		body: JSON.stringify(body),
	});
}

test.each(snippets)('the snippet Sync works: $parameters, $language', async ({ body, agent }) => {
	const answer = post('/api/ai/videos/generate', body, agent);
	await until(() => sandbox.jobs.length === 1, 'the job');
	await finish(sandbox);
	const response = await answer;
	expect(response.status).toBe(200);
	expect((await http('HEAD', response.body.videos[0].url)).status).toBe(200);
});

test.each(snippets)('the snippet Async works: $parameters, $language', async ({ body, agent, poll }) => {
	const enqueue = await post('/api/ai/queue', body, agent);
	expect(enqueue.status).toBe(200);
	const id = enqueue.body.generations[0].generation_id;
	const seen = new Set<string>();
	let data: { status: string; result_url?: string };
	do {
		({ body: data } = await http('GET', `${sandbox.oxen.baseUrl}/api/ai/queue/${id}`, {
			headers: { ...poll, ...key(), ...agent },
		}));
		seen.add(data.status);
		// Ends the phase that was seen, so that no phase is missed between two polls.
		await sandbox.advance(sandbox.jobs[0]);
	} while (!['succeeded', 'failed', 'cancelled'].includes(data.status));
	expect([...seen]).toEqual(['queued', 'processing', 'succeeded']);
	expect((await http('HEAD', data.result_url!)).status).toBe(200);
});

test.each(snippets)('the snippet Async with SSE works: $parameters, $language', async ({ body, agent }) => {
	const enqueue = await post('/api/ai/queue', body, agent);
	const id = enqueue.body.generations[0].generation_id as string;
	const response = await fetch(`${sandbox.oxen.baseUrl}/api/events`, { headers: { ...key(), ...agent } });
	await finish(sandbox);

	// Reads line by line, like awk and iter_lines: the data line that follows the event's name.
	let rest = '';
	let name: string | undefined;
	let payload: string | undefined;
	for await (const chunk of chunksOf(response)) {
		const lines = (rest + Buffer.from(chunk).toString()).split('\n');
		rest = lines.pop()!;
		for (const line of lines) {
			if (line.startsWith('event: ')) name = line.slice(7);
			else if (line.startsWith('data: ') && name === 'media_generation_completed') {
				// awk searches the text, and Python compares the value.
				const isOurs = line.includes(`"generation_id":"${id}"`);
				expect(JSON.parse(line.slice(6)).generation_id === id).toBe(isOurs);
				if (isOurs) payload = line.slice(6);
				name = undefined;
			}
		}
		if (payload) break;
	}
	expect(JSON.parse(payload!)).toMatchObject({ status: 'succeeded', url: expect.any(String) });
	await until(() => sandbox.openStreams() === 0);
});

describe('the snippet Fetch model details', () => {
	const get = (path: string) => http('GET', `${sandbox.oxen.baseUrl}/api/ai/models${path}`);

	test('works with and without a key', async () => {
		const withKey = await http('GET', `${sandbox.oxen.baseUrl}/api/ai/models/${MINIMAL.model}`, {
			headers: key(),
		});
		expect(withKey.body).toMatchObject({
			id: MINIMAL.model,
			display_name: 'Luma Ray 3.2 - Image to Video',
			capabilities: { input: ['text', 'image'], output: ['video'] },
		});
		expect((await get(`/${MINIMAL.model}`)).body).toEqual(withKey.body);
	});

	test('returns the schema in the table on the page', async () => {
		const { json_request_schema: schema } = (await get(`/${MINIMAL.model}`)).body;
		expect(schema.required).toEqual(['prompt', 'input_image']);
		expect(schema.properties).toMatchObject({
			prompt: { type: 'string', default: MINIMAL.prompt },
			input_image: { type: 'string', format: 'uri' },
			aspect_ratio: {
				default: '16:9',
				enum: ['3:1', '2:1', '21:9', '16:9', '4:3', '3:2', '1:1', '3:4', '2:3', '9:16', '1:2', '1:3'],
			},
			resolution: { default: '540p', enum: ['540p', '720p', '1080p'] },
			duration: { default: '5s', enum: ['5s', '10s'] },
			loop: { type: 'boolean' },
			reference_image_urls: { type: 'array', items: { type: 'string' } },
		});
		expect(schema.properties.loop).not.toHaveProperty('default');
	});

	test('returns the prices per second', async () => {
		const { pricing } = (await get(`/${MINIMAL.model}`)).body;
		expect(pricing.cost_per_second_by_resolution).toEqual({ '540p': 0.1, '720p': 0.2, '1080p': 0.4 });
	});

	test('lists and searches models, and returns 404 for unknown ones', async () => {
		const ids = (await get('')).body.data.map(({ id }: { id: string }) => id);
		expect(ids).toEqual([
			'luma-ray-v3-2-image-to-video',
			'luma-ray-v3-2-text-to-video',
			'luma-ray-v3-2-video-to-video',
			'luma-ray-v3-2-reframe',
		]);
		expect((await get('/search?search=luma%20ray')).body.data).toHaveLength(4);
		expect((await get('/search?search=ray%20reframe')).body.data).toMatchObject([{ id: ids[3] }]);
		expect((await get('/search?search=seedance')).body.data).toHaveLength(0);
		expect(await get('/no-such-model')).toMatchObject({
			status: 404,
			body: { error: { message: 'Model not found: no-such-model' } },
		});
	});
});
