import type { IDataObject } from 'n8n-workflow';

import { createHttp } from '../../nodes/LumaRay/transport/http';
import { createRedactor } from '../../nodes/LumaRay/transport/secrets';
import { startSandbox, type Endpoint, type Fault, type Sandbox, type Service } from '../../sandbox';
import { contextWith } from '../support/context';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';
import { serve } from '../support/server';

const KEYS = {
	fal: { key: '7f3c1e9a-id:5d41402abc4b2a76b9719d911017c592', secret: '5d41402abc4b2a76b9719d911017c592' },
	oxen: { key: 'SFMyNTY.oxen-9f8e7d6c5b4a', secret: 'SFMyNTY.oxen-9f8e7d6c5b4a' },
};

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({
		jobSeconds: 0.1,
		queueSeconds: 0.05,
		falKey: KEYS.fal.key,
		oxenKey: KEYS.oxen.key,
	});
});
afterEach(() => {
	vi.restoreAllMocks();
	sandbox.reset();
});
afterAll(async () => await sandbox.close());

/** Runs the node while the provider answers with these faults, and collects everything that the node outputs. */
async function run(
	provider: Service,
	faults: Array<[Endpoint, Fault]>,
	parameters: IDataObject = {},
	onError: 'stopWorkflow' | 'continueRegularOutput' = 'stopWorkflow',
) {
	sandbox.reset();
	for (const [endpoint, fault] of faults) {
		sandbox.faults.add({ service: provider, endpoint, nth: [1, 1_000], fault });
	}
	const { items, error } = await runNode({
		credentials: sandboxCredentials(sandbox),
		parameters: { provider, options: { follow: 'poll' }, ...parameters },
		node: { onError },
	});
	const left = JSON.stringify({ items, error, said: [error?.message, error?.description] });
	return { items, error, left };
}

function expectNoKey(left: string, provider: Service): void {
	expect(left).not.toContain(KEYS[provider].secret);
	expect(left).toContain('[API key]');
}

describe.each(['fal', 'oxen'] as const)('the key is removed from answers of %s', (provider) => {
	const { key, secret } = KEYS[provider];
	const saying = (said: string) =>
		provider === 'fal' ? { detail: said } : { error: { type: 'error', title: said } };

	test.each([400, 422])('when it is in a refusal with HTTP %s', async (code) => {
		const fault: Fault = { kind: 'status', code, body: saying(`No funds for ${key} (${secret})`) };
		const stopped = await run(provider, [['submit', fault]]);
		expect(stopped.error?.message).toContain('No funds for [API key]');
		expectNoKey(stopped.left, provider);
		const continued = await run(provider, [['submit', fault]], {}, 'continueRegularOutput');
		expect(continued.items[0].json.error).toContain('No funds for [API key]');
		expectNoKey(continued.left, provider);
	});

	test('when it is in a 401', async () => {
		const { left } = await run(provider, [
			['submit', { kind: 'status', code: 401, body: saying(`Unknown key ${key}`) }],
		]);
		expect(left).not.toContain(secret);
	});

	test('when it is in the error of a job', async () => {
		const fault: Fault = {
			kind: 'jobFails',
			message: `Lost ${secret}`,
			status: 500,
			body: saying(`Lost ${key}`),
		};
		expectNoKey((await run(provider, [['submit', fault]])).left, provider);
	});

	test('when it is in the raw answer of a finished job, with Simplify off', async () => {
		const url = `https://videos.example.com/a.mp4?key=${encodeURIComponent(key)}`;
		const body =
			provider === 'fal'
				? { video: { url }, echo: { [key]: [`Key ${key}`, secret] } }
				: { id: 'x', status: 'succeeded', result_url: url, echo: { [key]: [`Bearer ${key}`] } };
		const endpoints: Endpoint[] = provider === 'fal' ? ['result'] : ['status', 'generation'];
		const faults = endpoints.map((endpoint): [Endpoint, Fault] => [endpoint, { kind: 'wrongShape', body }]);
		const { left, items } = await run(provider, faults, { simplify: false });
		expect(items[0].json.response).toBeDefined();
		expectNoKey(left, provider);
		expect(left).not.toContain(encodeURIComponent(key));
	});
});

test("the key is removed from fal's job log", async () => {
	const { key, secret } = KEYS.fal;
	const logs = [{ message: `Authorization: Key ${key}`, level: 'INFO' }, { message: secret }];
	const { items, left } = await run(
		'fal',
		[['status', { kind: 'wrongShape', body: { status: 'COMPLETED', logs } }]],
		{ options: { follow: 'poll', includeLogs: true } },
	);
	expect(items[0].json.logs).toEqual([
		expect.objectContaining({ message: 'Authorization: Key [API key]' }),
		expect.objectContaining({ message: '[API key]' }),
	]);
	expectNoKey(left, 'fal');
});

test('the key is removed from events, headers and text, even if it is split between two chunks', async () => {
	const { key, secret } = KEYS.fal;
	const server = await serve(async (request, response) => {
		response.setHeader('x-echo', key);
		if (request.url !== '/events') return void response.end(`<p>${key}</p>`);
		response.setHeader('content-type', 'text/event-stream');
		response.write(`data: {"echo":"${key.slice(0, 20)}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
		response.write(`${key.slice(20)}","escaped":"\\u0035${secret.slice(1)}"}\n\ndata: plain ${secret}\n\n`);
		response.end();
	});
	const credentials = { lumaRayFalApi: { apiKey: key } };
	const http = createHttp(contextWith(credentials), 'lumaRayFalApi', [server.url], [key, secret]);
	const plain = await http.plain({ method: 'GET', url: server.url });
	expect(plain).toMatchObject({ headers: { 'x-echo': '[API key]' }, body: { text: '<p>[API key]</p>' } });
	const events = await http.authenticatedEvents({ method: 'GET', url: `${server.url}/events` });
	if (!events.answered) throw new Error(events.why);
	const seen: string[] = [];
	for await (const { data } of events.body) seen.push(data);
	expect(seen).toEqual(['{"echo":"[API key]","escaped":"[API key]"}', 'plain [API key]']);
	expect(server.requests.at(-1)?.headers.authorization).toBe(`Key ${key}`);
	server.close();
});

describe('the redactor', () => {
	const key = 'a1b2c3:d4/e5+f6g7';
	const { text } = createRedactor([key, 'd4/e5+f6g7']);

	test.each([
		['the key itself', key],
		['its secret part', 'd4/e5+f6g7'],
		['the key with spaces and line breaks in it', 'a1b2c3:d4/e5\r\n +f6g7'],
		['the percent-encoded key', encodeURIComponent(key)],
		['the percent-encoded key in lowercase', encodeURIComponent(key).toLowerCase()],
		['the key in uppercase', key.toUpperCase()],
	])('removes %s', (_how, form) => {
		expect(text(`<${form}>`)).toBe('<[API key]>');
	});

	test('removes the key in base64, as in basic authentication', () => {
		const said = text(`Basic ${Buffer.from(`${key}:`).toString('base64')}`);
		expect(said).toMatch(/^Basic \[API key\].{0,6}$/);
	});

	test('removes the key even if it was entered with spaces or a line break', () => {
		expect(createRedactor([' a1b2c3:d4/\n e5+f6g7\n']).text(`<${key}>`)).toBe('<[API key]>');
	});

	test('keeps the public part of the key and other text', () => {
		expect(text('a1b2c3 is the id, d4 is nothing')).toBe('a1b2c3 is the id, d4 is nothing');
	});

	test.each(['', ' ', 'a', 'the', 'video'])('does not remove a key as short as %p', (short) => {
		const said = { message: 'the video is a video' };
		expect(createRedactor([short]).json(said)).toEqual(said);
	});

	test('keeps numbers, null and property names', () => {
		const value = { n: 1, b: true, none: null, list: [1, 'x'] };
		expect(createRedactor([key]).json(value)).toEqual(value);
	});
});
