import { acceptsJob, parseFault, REFUSALS, type Fault, type FaultRule } from '../../sandbox';
import { eventsOf, falClient, finish, HELD, holding, http, INPUT, sleep, until, useSandbox } from './support';

const sandbox = useSandbox(HELD);
const fal = falClient(sandbox);

function add(endpoint: FaultRule['endpoint'], fault: Fault, rest: Partial<FaultRule> = {}) {
	return sandbox.faults.add({ service: 'fal', endpoint, fault, ...rest });
}

/** What the client receives for a call: the answer, or the reason why there was none. */
async function attempt(call: Promise<{ status: number; body: unknown }>, patience = 60_000) {
	let timer: NodeJS.Timeout | undefined;
	const waiting = new Promise((resolve) => (timer = setTimeout(resolve, patience, { waiting: true })));
	const failure = call.catch((error: Error & { cause?: NodeJS.ErrnoException }) => ({
		failed: error.cause?.code ?? error.name,
	}));
	return Promise.race([failure, waiting]).finally(() => clearTimeout(timer));
}

describe('a fault rule', () => {
	const teapot: Fault = { kind: 'status', code: 418 };

	async function statusesOf(calls: number) {
		const statuses = [];
		for (let call = 0; call < calls; call += 1) statuses.push((await fal.submit()).status);
		return statuses;
	}

	test('affects every request until it is removed', async () => {
		const rule = add('submit', teapot);
		expect(await statusesOf(2)).toEqual([418, 418]);
		expect(rule.hits).toBe(2);
		rule.remove();
		expect(await statusesOf(1)).toEqual([200]);
	});

	test('can affect the nth request or a range of requests', async () => {
		const second = add('submit', teapot, { nth: 2 });
		const range = add('submit', { kind: 'status', code: 503 }, { nth: [4, 5] });
		expect(await statusesOf(6)).toEqual([200, 418, 200, 503, 503, 200]);
		expect([second.hits, range.hits]).toEqual([1, 2]);
	});

	test('affects and counts only requests that match', async () => {
		const match: FaultRule['match'] = ({ body }) => (body as typeof INPUT).prompt === 'marked';
		add('submit', teapot, { match, nth: 2 });
		const marked = { ...INPUT, prompt: 'marked' };
		const statuses = [];
		for (const input of [INPUT, marked, INPUT, marked, marked])
			statuses.push((await fal.submit(input)).status);
		expect(statuses).toEqual([200, 200, 200, 418, 200]);
	});

	test('does not affect the other provider', async () => {
		add('submit', teapot, { service: 'oxen' });
		expect(await statusesOf(1)).toEqual([200]);
	});

	test('is recorded with the requests that it affects', async () => {
		add('submit', { kind: 'delay', ms: 1 });
		add('submit', teapot);
		await fal.submit();
		expect(sandbox.requests[0]).toMatchObject({ fault: 'delay status', status: 418 });
	});

	test('is removed by a reset', async () => {
		add('submit', teapot);
		sandbox.reset();
		expect(await statusesOf(1)).toEqual([200]);
	});
});

describe('a fault of fal’s submit', () => {
	const cases: Array<{ fault: Fault; sees: object; accepted: boolean }> = [
		{
			fault: { kind: 'resetBefore' },
			sees: { failed: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) },
			accepted: false,
		},
		{
			fault: { kind: 'resetAfter' },
			sees: { failed: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) },
			accepted: true,
		},
		{ fault: { kind: 'hang', accepted: false }, sees: { waiting: true }, accepted: false },
		{ fault: { kind: 'hang', accepted: true }, sees: { waiting: true }, accepted: true },
		{
			fault: { kind: 'status', code: 409, body: { a: 1 }, accepted: false },
			sees: { status: 409, body: { a: 1 } },
			accepted: false,
		},
		{
			fault: { kind: 'status', code: 502, body: { a: 1 }, accepted: true },
			sees: { status: 502 },
			accepted: true,
		},
		{
			fault: REFUSALS.badGateway,
			sees: { status: 502, body: expect.stringContaining('<html>') },
			accepted: false,
		},
		{ fault: { kind: 'notFound' }, sees: { status: 404, body: { status: 'NOT_FOUND' } }, accepted: false },
		{
			fault: { kind: 'redirect', to: 'http://127.0.0.1:9/', code: 307 },
			sees: { status: 307 },
			accepted: false,
		},
		{
			fault: { kind: 'truncated' },
			sees: { failed: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) },
			accepted: true,
		},
		{ fault: { kind: 'stall' }, sees: { waiting: true }, accepted: true },
		{ fault: { kind: 'garbage' }, sees: { failed: 'SyntaxError' }, accepted: true },
		{ fault: { kind: 'wrongShape' }, sees: { status: 200, body: {} }, accepted: true },
		{ fault: { kind: 'wrongShape', body: [1] }, sees: { status: 200, body: [1] }, accepted: true },
		{ fault: { kind: 'delay', ms: 20 }, sees: { status: 200, body: { status: 'IN_QUEUE' } }, accepted: true },
	];

	test.each(cases)('has the documented effect: $fault', async ({ fault, sees, accepted }) => {
		const rule = add('submit', fault);
		expect(await attempt(fal.submit(), 'waiting' in sees ? 100 : undefined)).toMatchObject(sees);
		await until(() => rule.hits === 1 && sandbox.jobs.length === Number(accepted), 'the request');
		expect(rule.hits).toBe(1);
		expect(sandbox.jobs).toHaveLength(accepted ? 1 : 0);
		expect(acceptsJob(fault)).toBe(accepted);
		expect(sandbox.requests).toMatchObject([{ endpoint: 'submit', body: INPUT, fault: fault.kind }]);
		expect(sandbox.requests[0].status).toBe(
			'status' in sees ? sees.status : fault.kind === 'garbage' ? 200 : undefined,
		);
	});

	test.each(Object.entries(REFUSALS))('sends the refusal %s unchanged', async (_name, refusal) => {
		add('submit', refusal);
		const { status, body, headers } = await fal.submit();
		expect({ status, body }).toEqual({ status: refusal.code, body: refusal.body });
		for (const [name, value] of Object.entries(refusal.headers ?? {})) expect(headers.get(name)).toBe(value);
		expect(sandbox.jobs).toHaveLength(0);
	});

	test('can send a JSON answer of a given size (huge)', async () => {
		add('submit', { kind: 'huge', megabytes: 2 });
		const { status, body } = await fal.submit();
		expect({ status, length: body.padding.length }).toEqual({ status: 200, length: 2 * 1024 * 1024 });
		expect(sandbox.jobs).toHaveLength(1);
	});

	test('can send a redirect with its target', async () => {
		add('submit', { kind: 'redirect', to: 'http://127.0.0.1:9/' });
		const { status, headers } = await fal.submit();
		expect({ status, to: headers.get('location') }).toEqual({ status: 302, to: 'http://127.0.0.1:9/' });
	});

	test('can hold a request, so that its job is accepted even after the client has left', async () => {
		const { fault, release } = holding();
		add('submit', fault);
		const url = `${sandbox.fal.queueUrl}/luma/agent/ray/v3.2/image-to-video`;
		const leave = new AbortController();
		const impatient = fetch(url, {
			method: 'POST',
			headers: { authorization: `Key ${sandbox.fal.key}`, 'content-type': 'application/json' },
			body: JSON.stringify(INPUT),
			signal: leave.signal,
		});
		void until(() => sandbox.requests[0]?.fault, 'the request').then(() => leave.abort());
		await expect(impatient).rejects.toThrow();
		release();
		await until(() => sandbox.jobs.length === 1, 'the job');
	});

	test('can make the job fail (jobFails)', async () => {
		const detail = [{ loc: ['body', 'prompt'], msg: 'Flagged', type: 'content_policy_violation' }];
		add('submit', { kind: 'jobFails', message: 'Flagged', status: 422, body: { detail } });
		const { status, headers, body } = await fal.complete();
		expect({ status, body }).toEqual({ status: 422, body: { detail } });
		expect(headers.get('x-fal-error-type')).toBe('content_policy_violation');
		expect(sandbox.jobs).toMatchObject([{ status: 'failed' }]);
	});
});

describe('a fault of fal’s status', () => {
	async function statuses(count: number) {
		const { body } = await fal.submit();
		await sandbox.advance(sandbox.jobs[0]);
		const said = [];
		for (let call = 0; call < count; call += 1) {
			const { status, body: answer } = await fal.get(body.status_url);
			said.push(`${status} ${answer.status}`);
		}
		return said;
	}

	test('can return a running job to the queue once (backToQueue)', async () => {
		add('status', { kind: 'backToQueue' });
		expect(await statuses(3)).toEqual(['202 IN_PROGRESS', '202 IN_QUEUE', '202 IN_PROGRESS']);
	});

	test('can report an unknown status until the job ends (unknownStatus)', async () => {
		add('status', { kind: 'unknownStatus' }, { nth: 1 });
		add('status', { kind: 'unknownStatus', status: 'PAUSED' }, { nth: 2 });
		expect(await statuses(3)).toEqual(['202 WARMING_UP', '202 PAUSED', '202 IN_PROGRESS']);
		sandbox.faults.clear();
		add('status', { kind: 'unknownStatus' });
		await sandbox.advance(sandbox.jobs[0]);
		const url = `${sandbox.fal.queueUrl}/luma/agent/requests/${sandbox.jobs[0].id}/status`;
		expect((await fal.get(url)).body.status).toBe('COMPLETED');
	});

	test('can report the job as unknown for some requests (notFound)', async () => {
		add('status', { kind: 'notFound' }, { nth: [1, 2] });
		expect(await statuses(3)).toEqual(['404 NOT_FOUND', '404 NOT_FOUND', '202 IN_PROGRESS']);
	});

	test('can leave the log out (nullLogs)', async () => {
		add('status', { kind: 'nullLogs' });
		const { body } = await fal.submit();
		await finish(sandbox);
		expect((await fal.get(`${body.status_url}?logs=1`)).body.logs).toBeNull();
	});
});

describe('a fault of fal’s status stream', () => {
	const streamed = async (fault: Fault) => {
		add('stream', fault);
		return eventsOf(await fal.streamed('?logs=1')).map(({ data }) => data.status);
	};

	test('can repeat each event (duplicate)', async () => {
		expect(await streamed({ kind: 'duplicate' })).toEqual(
			['IN_QUEUE', 'IN_PROGRESS', 'COMPLETED'].flatMap((status) => [status, status]),
		);
	});

	test('can swap events (reorder)', async () => {
		expect(await streamed({ kind: 'reorder' })).toEqual(['IN_PROGRESS', 'IN_QUEUE', 'COMPLETED']);
	});

	test('can return a running job to the queue (backToQueue)', async () => {
		expect(await streamed({ kind: 'backToQueue' })).toEqual([
			'IN_QUEUE',
			'IN_PROGRESS',
			'IN_QUEUE',
			'IN_PROGRESS',
			'COMPLETED',
		]);
	});

	test('can report an unknown status (unknownStatus)', async () => {
		expect(await streamed({ kind: 'unknownStatus' })).toEqual(['WARMING_UP', 'WARMING_UP', 'COMPLETED']);
	});

	test('can add events about other jobs (foreign)', async () => {
		add('stream', { kind: 'foreign' });
		const events = eventsOf(await fal.streamed()).map(({ data }) => data);
		expect(events).toHaveLength(9);
		expect(events.filter(({ request_id }) => request_id === sandbox.jobs[0].id)).toHaveLength(3);
		expect(events[1]).toMatchObject({ status: 'COMPLETED' });
	});

	test('can break the stream in the middle of an event (dieAfter)', async () => {
		add('stream', { kind: 'dieAfter', events: 1 });
		const { body } = await fal.submit();
		const response = await fetch(`${body.status_url}/stream`, {
			headers: { authorization: `Key ${sandbox.fal.key}` },
		});
		let text = '';
		const reading = (async () => {
			for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
				text += Buffer.from(chunk).toString();
			}
		})();
		await sandbox.advance(sandbox.jobs[0]);
		await expect(reading).rejects.toThrow();
		expect(text.match(/data: /g)).toHaveLength(2);
		expect(text.endsWith('\n\n')).toBe(false);
		await until(() => sandbox.openStreams() === 0);
	});

	test('can send no events (silence)', async () => {
		add('stream', { kind: 'silence' });
		const { body } = await fal.submit();
		const leave = new AbortController();
		const response = await fetch(`${body.status_url}/stream`, {
			headers: { authorization: `Key ${sandbox.fal.key}` },
			signal: leave.signal,
		});
		expect(response.status).toBe(200);
		const reading = response.text().catch(() => 'left');
		await finish(sandbox);
		expect(await Promise.race([reading, sleep(100).then(() => 'silence')])).toBe('silence');
		leave.abort();
		expect(await reading).toBe('left');
	});

	test.each<Fault>([
		{ kind: 'resetBefore' },
		{ kind: 'status', code: 500 },
		{ kind: 'garbage' },
		{ kind: 'wrongShape' },
		{ kind: 'hang', accepted: true },
	])('can answer without a stream ($kind)', async (fault) => {
		add('stream', fault);
		const { body } = await fal.submit();
		const seen = await attempt(fal.get(`${body.status_url}/stream`), fault.kind === 'hang' ? 100 : undefined);
		expect(seen).not.toMatchObject({ status: 200, body: expect.stringContaining('data:') });
		expect(sandbox.openStreams()).toBe(0);
	});
});

describe('a fault of fal’s result or video', () => {
	test('can change the address, the name and the type of the video in a result', async () => {
		const url = 'file:///etc/passwd';
		add('result', { kind: 'videoUrl', url }, { nth: 1 });
		add('result', { kind: 'fileName', name: '../../etc/passwd' }, { nth: 2 });
		add('result', { kind: 'contentType', type: 'text/html' }, { nth: 3 });
		const { body: first } = await fal.complete();
		expect(first.video).toMatchObject({ url, content_type: 'video/mp4' });
		const resultUrl = `${sandbox.fal.queueUrl}/luma/agent/requests/${sandbox.jobs[0].id}`;
		expect((await fal.get(resultUrl)).body.video).toMatchObject({ file_name: '../../etc/passwd' });
		expect((await fal.get(resultUrl)).body.video).toMatchObject({ content_type: 'text/html' });
	});

	test('can change the address of the video in a blocking call', async () => {
		add('run', { kind: 'videoUrl', url: 'javascript:alert(1)' });
		const answer = fal.run();
		await until(() => sandbox.jobs.length === 1, 'the job');
		await finish(sandbox);
		expect((await answer).body.video.url).toBe('javascript:alert(1)');
	});

	test('can make the video empty, give it another type, cut it off or redirect it', async () => {
		const { video } = (await fal.complete()).body;
		add('video', { kind: 'emptyVideo' }, { nth: 1 });
		add('video', { kind: 'contentType', type: 'text/html' }, { nth: 2 });
		add('video', { kind: 'truncated' }, { nth: 3 });
		add('video', { kind: 'redirect', to: 'https://example.com/' }, { nth: 4 });
		const empty = await fetch(video.url);
		expect(empty.status).toBe(200);
		expect((await empty.arrayBuffer()).byteLength).toBe(0);
		const lying = await fetch(video.url);
		expect(lying.headers.get('content-type')).toBe('text/html');
		expect((await lying.arrayBuffer()).byteLength).toBe(video.file_size);
		const cut = await fetch(video.url);
		expect(cut.headers.get('content-length')).toBe(String(video.file_size));
		await expect(cut.arrayBuffer()).rejects.toThrow();
		expect((await http('GET', video.url)).status).toBe(302);
		expect((await http('GET', video.url)).status).toBe(200);
	});
});

describe('the text notation of faults', () => {
	test.each<[string, FaultRule]>([
		['submit.resetAfter', { endpoint: 'submit', fault: { kind: 'resetAfter' } }],
		[
			'fal:submit.status=502@1',
			{ service: 'fal', endpoint: 'submit', nth: [1, 1], fault: { kind: 'status', code: 502 } },
		],
		['status.delay=2000@3-5', { endpoint: 'status', nth: [3, 5], fault: { kind: 'delay', ms: 2000 } }],
		['oxen:run.hang=accepted', { service: 'oxen', endpoint: 'run', fault: { kind: 'hang', accepted: true } }],
		[
			'result.videoUrl=http://a:b@c/d?e=f@2',
			{ endpoint: 'result', nth: [2, 2], fault: { kind: 'videoUrl', url: 'http://a:b@c/d?e=f' } },
		],
		['submit.falRateLimited', { endpoint: 'submit', fault: REFUSALS.falRateLimited }],
	])('parses %s', (text, rule) => {
		expect(parseFault(text)).toMatchObject(rule);
	});

	test.each([
		['nonsense', 'is no fault'],
		['nowhere.garbage', 'there is no endpoint nowhere'],
		['submit.toString', 'there is no fault toString'],
		['submit.delay=soon', "'soon' is not a number"],
	])('refuses %s', (text, message) => {
		expect(() => parseFault(text)).toThrow(message);
	});

	test('affects only the request with the fault in its header or query', async () => {
		const struck = await fal.submit(INPUT, { headers: { 'x-sandbox-fault': 'submit.status=418' } });
		expect(struck.status).toBe(418);
		expect(await fal.submit(INPUT, {}, '?sandbox_fault=submit.garbage').catch(() => 'garbage')).toBe(
			'garbage',
		);
		expect((await fal.submit(INPUT, { headers: { 'x-sandbox-fault': 'status.status=418' } })).status).toBe(
			200,
		);
		expect((await fal.submit(INPUT, { headers: { 'x-sandbox-fault': 'nonsense' } })).status).toBe(400);
		expect((await fal.submit()).status).toBe(200);
	});
});
