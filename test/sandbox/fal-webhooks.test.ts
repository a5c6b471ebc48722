import { createHash, createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import Fastify from 'fastify';
import { startSandbox } from '../../sandbox';
import { falClient, http, INPUT, until, useSandbox } from './support';

const sandbox = useSandbox({ webhookRetrySeconds: [0.02, 0.02] });
const fal = falClient(sandbox);

interface Delivery {
	headers: Record<string, string>;
	raw: string;
}
const deliveries: Delivery[] = [];
let answers: number[] = [];
const receiver = Fastify({ forceCloseConnections: true });
let receiverUrl = '';

beforeAll(async () => {
	receiver.removeAllContentTypeParsers();
	receiver.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
	receiver.post('/hook', async (request, reply) => {
		deliveries.push({ headers: request.headers as Record<string, string>, raw: request.body as string });
		const status = answers.shift() ?? 200;
		if (status === 307) void reply.header('location', '/hook');
		return reply.code(status).send();
	});
	receiverUrl = await receiver.listen({ host: '127.0.0.1', port: 0 });
});
beforeEach(() => {
	deliveries.length = 0;
	answers = [];
});
afterAll(() => receiver.close());

function submit(input: unknown = INPUT) {
	return fal.submit(input, {}, `?fal_webhook=${encodeURIComponent(`${receiverUrl}/hook`)}`);
}

/** Written from fal's documentation, independently of the sandbox's code. */
function isGenuine({ headers, raw }: Delivery, jwk: JsonWebKey): boolean {
	const message = [
		headers['x-fal-webhook-request-id'],
		headers['x-fal-webhook-user-id'],
		headers['x-fal-webhook-timestamp'],
		createHash('sha256').update(raw, 'utf8').digest('hex'),
	].join('\n');
	const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: jwk.x! }, format: 'jwk' });
	const signature = Buffer.from(headers['x-fal-webhook-signature'], 'hex');
	return verify(null, Buffer.from(message, 'utf8'), key, signature);
}

test('an ended job sends a webhook that is signed with a key of the key set', async () => {
	const { body } = await submit();
	await until(() => deliveries.length, 'the webhook');
	const [delivery] = deliveries;
	expect(JSON.parse(delivery.raw)).toEqual({
		request_id: body.request_id,
		gateway_request_id: body.request_id,
		status: 'OK',
		payload: (await fal.get(body.response_url)).body,
	});
	const { keys } = (await http('GET', `${sandbox.fal.restUrl}/.well-known/jwks.json`)).body;
	expect(isGenuine(delivery, keys[0])).toBe(true);
	expect(isGenuine({ ...delivery, raw: `${delivery.raw} ` }, keys[0])).toBe(false);
	expect(Math.abs(Date.now() / 1000 - Number(delivery.headers['x-fal-webhook-timestamp']))).toBeLessThan(30);
	expect(sandbox.jobs[0].webhookUrl).toBe(`${receiverUrl}/hook`);
});

test('a failed job sends a webhook with its error', async () => {
	await submit({ ...INPUT, duration: '7s' });
	await until(() => deliveries.length, 'the webhook');
	expect(JSON.parse(deliveries[0].raw)).toMatchObject({
		status: 'ERROR',
		error: 'Invalid status code: 422',
		payload: { detail: [{ loc: ['body', 'duration'] }] },
	});
});

test('a webhook is sent again until it gets a 2xx answer', async () => {
	answers = [500, 404];
	await submit();
	await until(() => sandbox.jobs[0].deliveries.at(-1)?.status === 200, 'the third delivery');
	expect(sandbox.jobs[0].deliveries.map(({ status }) => status)).toEqual([500, 404, 200]);
	expect(new Set(deliveries.map(({ raw }) => raw)).size).toBe(1);
});

test('a webhook is dropped after the last attempt', async () => {
	answers = [500, 500, 500, 500];
	await submit();
	await until(() => sandbox.jobs[0].deliveries.filter(({ status }) => status).length === 3);
	await new Promise((resolve) => setTimeout(resolve, 60));
	expect(deliveries).toHaveLength(3);
});

test('a webhook is not sent again after a redirect', async () => {
	answers = [307];
	await submit();
	await until(() => sandbox.jobs[0].deliveries.at(-1)?.status === 307);
	await new Promise((resolve) => setTimeout(resolve, 60));
	expect(deliveries).toHaveLength(1);
});

test('tests can create genuine and stale deliveries', async () => {
	const { keys } = (await http('GET', `${sandbox.fal.restUrl}/.well-known/jwks.json`)).body;
	await fal.complete();
	const raw = sandbox.fal.webhooks.bodyFor(sandbox.jobs[0]);
	const hourAgo = Date.now() - 3_600_000;
	const headers = sandbox.fal.webhooks.sign(sandbox.jobs[0].id, raw, hourAgo);
	expect(isGenuine({ headers, raw }, keys[0])).toBe(true);
	expect(headers['x-fal-webhook-timestamp']).toBe(String(Math.floor(hourAgo / 1000)));
});

test('webhooks to private addresses are dropped if the option is set, as at fal', async () => {
	const strict = await startSandbox({ jobSeconds: 0.02, queueSeconds: 0, allowPrivateWebhooks: false });
	try {
		const api = falClient(strict);
		for (const target of [
			receiverUrl,
			'http://localhost:1',
			'http://10.0.0.1',
			'http://[::1]:1',
			'nonsense',
		]) {
			await api.submit(INPUT, {}, `?fal_webhook=${encodeURIComponent(target)}`);
		}
		await until(() => strict.jobs.every(({ completedAt }) => completedAt));
		expect(strict.jobs.flatMap((job) => job.deliveries)).toEqual([]);
	} finally {
		await strict.close();
	}
});
