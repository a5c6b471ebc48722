import { startSandbox } from '../../sandbox';
import {
	chunksOf,
	ENDPOINT_ID,
	eventsOf,
	falClient,
	finish,
	HELD,
	http,
	INPUT,
	sleep,
	until,
	useSandbox,
	without,
} from './support';

const sandbox = useSandbox(HELD);
const fal = falClient(sandbox);

describe('a submit to fal’s queue', () => {
	test('accepts a job and returns its addresses under owner/alias', async () => {
		const { status, headers, body } = await fal.submit(INPUT, { headers: { 'x-fal-queue-priority': 'low' } });
		const requests = `${sandbox.fal.queueUrl}/luma/agent/requests/${body.request_id}`;
		expect(status).toBe(200);
		expect(body).toEqual({
			status: 'IN_QUEUE',
			request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
			gateway_request_id: body.request_id,
			queue_position: 0,
			response_url: requests,
			status_url: `${requests}/status`,
			cancel_url: `${requests}/cancel`,
		});
		expect(headers.get('x-fal-request-id')).toBe(body.request_id);
		expect(sandbox.jobs).toMatchObject([
			{
				id: body.request_id,
				service: 'fal',
				endpoint: 'submit',
				input: INPUT,
				status: 'queued',
				priority: 'low',
			},
		]);
	});

	test('refuses a wrong or a missing key', async () => {
		const wrong = await fal.submit(INPUT, { authorization: 'Key nobody:nothing' });
		expect(wrong).toMatchObject({ status: 401, body: { detail: 'No user found for Key ID and Secret' } });
		const none = await http('POST', `${sandbox.fal.queueUrl}/${ENDPOINT_ID}`, { json: INPUT });
		expect(none.status).toBe(401);
		expect(none.body.detail).toContain('Cannot access application "luma/agent"');
		expect(sandbox.jobs).toHaveLength(0);
	});

	test('refuses a body that is not JSON', async () => {
		const { status, body } = await http('POST', `${sandbox.fal.queueUrl}/${ENDPOINT_ID}`, {
			authorization: `Key ${sandbox.fal.key}`,
			body: '{"prompt":',
			headers: { 'content-type': 'application/json' },
		});
		expect(status).toBe(400);
		expect(body.error_type).toBe('bad_request');
	});

	test('returns the number of jobs before it', async () => {
		await Promise.all([fal.submit(), fal.submit()]);
		expect((await fal.submit()).body.queue_position).toBe(2);
	});
});

describe('the status in fal’s queue', () => {
	// Long enough for two requests in each state, even on a slow machine.
	const sandbox = useSandbox({ queueSeconds: 1, jobSeconds: 1 });
	const fal = falClient(sandbox);

	test('is answered with 202 until the job ends and then with 200, at the short and the full address', async () => {
		const { body } = await fal.submit();
		const full = `${sandbox.fal.queueUrl}/${ENDPOINT_ID}/requests/${body.request_id}/status`;

		for (const url of [body.status_url, full]) {
			const queued = await fal.get(url);
			expect(queued).toMatchObject({ status: 202, body: { status: 'IN_QUEUE', queue_position: 0 } });
		}
		await sandbox.advance(sandbox.jobs[0]);
		const running = await fal.get(body.status_url);
		expect(running).toMatchObject({ status: 202, body: { status: 'IN_PROGRESS', logs: null } });

		// The running time of the job must be at least one millisecond.
		await sleep(5);
		await sandbox.advance(sandbox.jobs[0]);
		for (const url of [body.status_url, full]) {
			const completed = await fal.get(url);
			expect(completed).toMatchObject({
				status: 200,
				body: { status: 'COMPLETED', request_id: body.request_id, response_url: body.response_url },
			});
			expect(completed.body.metrics.inference_time).toBeGreaterThan(0);
			expect(completed.body).not.toHaveProperty('error');
		}
	});

	test('contains the log on request', async () => {
		const { body } = await fal.submit();
		await finish(sandbox);
		const { logs } = (await fal.get(`${body.status_url}?logs=1`)).body;
		expect(logs.length).toBeGreaterThan(1);
		for (const line of logs) {
			expect(line).toEqual({
				message: expect.any(String),
				timestamp: new Date(line.timestamp).toISOString(),
				level: 'INFO',
				source: 'USER',
			});
		}
	});

	test('is 404 for unknown jobs and 401 without the right key', async () => {
		const url = `${sandbox.fal.queueUrl}/luma/agent/requests/no-such-job/status`;
		expect(await fal.get(url)).toMatchObject({ status: 404, body: { status: 'NOT_FOUND' } });
		expect((await fal.get(url, { authorization: 'Key a:b' })).status).toBe(401);
	});
});

describe('the status stream in fal’s queue', () => {
	test('sends each status once and ends with COMPLETED', async () => {
		const events = eventsOf(await fal.streamed()).map(({ data }) => data);
		expect(events.map(({ status }) => status)).toEqual(['IN_QUEUE', 'IN_PROGRESS', 'COMPLETED']);
		await until(() => sandbox.openStreams() === 0, 'the end of the stream');
	});

	test('sends each log line once', async () => {
		const events = eventsOf(await fal.streamed('?logs=1')).map(({ data }) => data);
		const streamed = events.flatMap(({ logs }) => logs ?? []);
		expect(streamed).toHaveLength(2);
		expect(streamed).toEqual((await fal.get(`${events[0].status_url}?logs=1`)).body.logs);
	});

	test('sends a single event for an ended job', async () => {
		const { body } = await fal.submit();
		await finish(sandbox);
		expect(await fal.stream(body.status_url)).toMatchObject([{ status: 'COMPLETED' }]);
	});

	test('is counted while open, kept alive with comments, and closed when the client leaves', async () => {
		const quiet = await startSandbox({ ...HELD, keepAliveSeconds: 0.05 });
		try {
			const { body } = await falClient(quiet).submit();
			const leave = new AbortController();
			const response = await fetch(`${body.status_url}/stream`, {
				headers: { authorization: `Key ${quiet.fal.key}` },
				signal: leave.signal,
			});
			expect(response.headers.get('content-type')).toContain('text/event-stream');
			let text = '';
			for await (const chunk of chunksOf(response)) {
				text += Buffer.from(chunk).toString();
				if (text.includes(': keep-alive\n\n')) break;
			}
			expect(text).toContain('data: {"status":"IN_QUEUE"');
			leave.abort();
			await until(() => quiet.openStreams() === 0, 'the stream to close');
		} finally {
			await quiet.close();
		}
	});
});

describe('the result in fal’s queue', () => {
	test('is the model’s output, with the billed units in a header', async () => {
		const { status, headers, body } = await fal.complete({ ...INPUT, resolution: '1080p', duration: '10s' });
		expect(status).toBe(200);
		expect(headers.get('x-fal-billable-units')).toBe('8');
		expect(headers.get('x-fal-request-id')).toBe(sandbox.jobs[0].id);
		expect(body).toEqual({
			video: {
				url: expect.stringContaining(sandbox.fal.cdnUrl),
				content_type: 'video/mp4',
				file_name: expect.stringMatching(/\.mp4$/),
				file_size: expect.any(Number),
			},
		});
		const video = await http('HEAD', body.video.url);
		expect(video.headers.get('content-length')).toBe(String(body.video.file_size));
	});

	test('is also available under /response', async () => {
		const { body } = await fal.submit();
		await finish(sandbox);
		expect((await fal.get(`${body.response_url}/response`)).body.video.url).toBeTruthy();
	});

	test('is refused while the job runs', async () => {
		const { body } = await fal.submit();
		const early = await fal.get(body.response_url);
		expect(early).toMatchObject({ status: 400, body: { detail: 'Request is still in progress' } });
	});
});

describe('the input of a job in fal’s queue', () => {
	test.each([
		['no prompt', without(INPUT, 'prompt'), ['body', 'prompt'], 'missing'],
		['no image', without(INPUT, 'image_url'), ['body', 'image_url'], 'missing'],
		['a prompt that is a number', { ...INPUT, prompt: 2026 }, ['body', 'prompt'], 'string_type'],
		['an unknown ratio', { ...INPUT, aspect_ratio: '5:4' }, ['body', 'aspect_ratio'], 'literal_error'],
		['an unknown resolution', { ...INPUT, resolution: '4k' }, ['body', 'resolution'], 'literal_error'],
		['an unknown duration', { ...INPUT, duration: '7s' }, ['body', 'duration'], 'literal_error'],
		['a loop of 10s', { ...INPUT, loop: true, duration: '10s' }, ['body'], 'value_error'],
		['a loop that is not a boolean', { ...INPUT, loop: 'yes' }, ['body', 'loop'], 'bool_type'],
		[
			'references that are not a list',
			{ ...INPUT, reference_image_urls: 'https://example.com/a.png' },
			['body', 'reference_image_urls'],
			'list_type',
		],
	])('is accepted, but the result refuses %s', async (_what, input, loc, type) => {
		const { status, headers, body } = await fal.complete(input);
		expect(status).toBe(422);
		expect(body.detail).toEqual([expect.objectContaining({ loc, type, msg: expect.any(String) })]);
		expect(body.detail[0].url).toBe(`https://docs.fal.ai/errors#${type}`);
		expect(headers.get('x-fal-error-type')).toBe(type);
		expect(headers.get('x-fal-billable-units')).toBe('0');
		expect(sandbox.jobs).toMatchObject([{ status: 'failed' }]);
	});

	test('is refused with a list of the valid options if an option is unknown', async () => {
		const { body } = await fal.complete({ ...INPUT, resolution: '4k' });
		expect(body.detail[0]).toMatchObject({
			msg: "Input should be '540p', '720p' or '1080p'",
			ctx: { expected: "'540p', '720p' or '1080p'" },
			input: '4k',
		});
	});

	test('is refused with a list of all mistakes', async () => {
		const { body } = await fal.complete({ duration: '7s' });
		expect(body.detail.map(({ loc }: { loc: string[] }) => loc[1])).toEqual([
			'prompt',
			'image_url',
			'duration',
		]);
	});

	test.each([
		['answers 404', () => `${sandbox.fal.cdnUrl}/files/u/1/gone.png`, 'file_download_error'],
		['is not an address', () => 'tiger.png', 'file_download_error'],
		['is JSON', () => `${sandbox.fal.restUrl}/.well-known/jwks.json`, 'image_load_error'],
		['is inline text', () => 'data:text/plain;base64,aGk=', 'image_load_error'],
	])('is refused if its image %s', async (_what, url, type) => {
		const { status, body } = await fal.complete({ ...INPUT, image_url: url() });
		expect(status).toBe(422);
		expect(body.detail).toEqual([
			expect.objectContaining({ loc: ['body', 'image_url'], type, input: url() }),
		]);
	});

	test('is refused if a reference image cannot be loaded', async () => {
		const gone = `${sandbox.fal.cdnUrl}/files/u/1/gone.png`;
		const { body } = await fal.complete({ ...INPUT, reference_image_urls: [INPUT.image_url, gone] });
		expect(body.detail).toMatchObject([{ loc: ['body', 'reference_image_urls'], input: gone }]);
	});

	test('may contain an inline image', async () => {
		const { status } = await fal.complete({ ...INPUT, image_url: 'data:image/png;base64,iVBORw0KGgo=' });
		expect(status).toBe(200);
	});
});

describe('a cancel in fal’s queue', () => {
	test('removes a queued job from the queue', async () => {
		const { body } = await fal.submit();
		expect((await fal.put(body.cancel_url)).status).toBe(200);
		expect(sandbox.jobs).toMatchObject([{ status: 'cancelled', cancelRequestedAt: expect.any(Number) }]);
		expect((await fal.get(body.status_url)).body).toMatchObject({
			status: 'COMPLETED',
			error_type: 'client_cancelled',
		});
		expect(await fal.get(body.response_url)).toMatchObject({
			status: 499,
			body: { error_type: 'client_cancelled' },
		});
	});

	test('is only requested for a running job', async () => {
		const { body } = await fal.submit();
		await sandbox.advance(sandbox.jobs[0]);
		const cancel = await fal.put(body.cancel_url, { headers: { 'content-type': 'application/json' } });
		expect(cancel).toMatchObject({ status: 202, body: { status: 'CANCELLATION_REQUESTED' } });
		expect(sandbox.jobs[0].status).toBe('cancelled');
	});

	test('is refused for a job that has ended or is unknown', async () => {
		const { body } = await fal.submit();
		await finish(sandbox);
		expect(await fal.put(body.cancel_url)).toMatchObject({
			status: 400,
			body: { status: 'ALREADY_COMPLETED' },
		});
		const unknown = await fal.put(`${sandbox.fal.queueUrl}/luma/agent/requests/no-such-job/cancel`);
		expect(unknown).toMatchObject({ status: 404, body: { status: 'NOT_FOUND' } });
	});
});

test('a job that does not start within its start timeout fails as timed out by the user', async () => {
	const { body } = await fal.submit(INPUT, { headers: { 'x-fal-request-timeout': '0.01' } });
	await until(() => sandbox.jobs[0].completedAt, 'the end of the job');
	expect(sandbox.jobs[0].status).toBe('failed');
	expect(sandbox.jobs[0].startedAt).toBeUndefined();
	const { status, headers, body: result } = await fal.get(body.response_url);
	expect({ status, result }).toEqual({
		status: 504,
		result: { detail: 'Request timed out', error_type: 'request_timeout' },
	});
	expect(headers.get('x-fal-request-timeout-type')).toBe('user');
	expect((await fal.get(body.status_url)).body.error_type).toBe('request_timeout');
});

test('a job that starts in time is not affected by its start timeout', async () => {
	// All timers are set at the same time, so they fire in this order even on a slow machine.
	const quick = await startSandbox({ queueSeconds: 0.05, jobSeconds: 0.2 });
	try {
		const api = falClient(quick);
		const { body } = await api.submit(INPUT, { headers: { 'x-fal-request-timeout': '0.1' } });
		await until(() => quick.jobs[0].completedAt, 'the end of the job');
		expect((await api.get(body.response_url)).status).toBe(200);
	} finally {
		await quick.close();
	}
});

test('the sandbox records requests in order, with their keys and jobs', async () => {
	const { body } = await fal.submit();
	await fal.get(`${body.status_url}?logs=1`);
	await fal.get(`${sandbox.fal.queueUrl}/elsewhere`);
	expect(sandbox.requests).toMatchObject([
		{
			service: 'fal',
			host: 'queue',
			endpoint: 'submit',
			method: 'POST',
			url: `/${ENDPOINT_ID}`,
			headers: { authorization: `Key ${sandbox.fal.key}` },
			body: INPUT,
			status: 200,
			jobId: body.request_id,
		},
		{ endpoint: 'status', url: expect.stringContaining('?logs=1'), status: 202, jobId: body.request_id },
		{ endpoint: 'unknown', status: 404 },
	]);
});
