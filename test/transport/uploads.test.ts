import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { createHttp } from '../../nodes/LumaRay/transport/http';
import { multipart } from '../../nodes/LumaRay/transport/multipart';
import { transferLimitMs } from '../../nodes/LumaRay/transport/pace';
import { startSandbox, type Sandbox } from '../../sandbox';
import { contextWith } from '../support/context';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';
import { serve, type LocalServer } from '../support/server';

const IMAGE = Buffer.alloc(24 * 1024 * 1024, 'an image');
const KEY = { lumaRayFalApi: { apiKey: 'some-id:some-secret' } };

let server: LocalServer;
afterEach(() => server.close());

async function put(
	content: Buffer | Readable,
	limits: { timeoutMs: number; totalMs: number },
	answer: (request: IncomingMessage, response: ServerResponse) => void,
	withKey = false,
) {
	server = await serve(answer);
	const http = createHttp(contextWith(KEY), 'lumaRayFalApi', [server.url], []);
	return await http[withKey ? 'authenticated' : 'plain']({
		method: 'PUT',
		url: server.url,
		upload: { contentType: 'image/png', bytes: IMAGE.length, content },
		...limits,
	});
}

/** Reads like a slow connection: a part, then a pause. */
function slowly(pauseMs: number) {
	return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const hash = createHash('sha256');
		let bytes = 0;
		let nextPause = 1024 * 1024;
		try {
			for await (const chunk of request as AsyncIterable<Buffer>) {
				hash.update(chunk);
				bytes += chunk.length;
				if (bytes < nextPause) continue;
				nextPause += 1024 * 1024;
				await new Promise((resolve) => setTimeout(resolve, pauseMs));
			}
		} catch {
			// The client has disconnected.
			return;
		}
		response.end(JSON.stringify({ bytes, sha256: hash.digest('hex') }));
	};
}

const sha256 = createHash('sha256').update(IMAGE).digest('hex');
const inMemory = () => IMAGE;
const fromDisk = () =>
	Readable.from([IMAGE.subarray(0, 1_000_000), IMAGE.subarray(1_000_000)].flatMap(pieces));
function pieces(bytes: Buffer): Buffer[] {
	return Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, index) =>
		bytes.subarray(index * 65_536, (index + 1) * 65_536),
	);
}

describe.each([
	['in memory', inMemory],
	['from the disk', fromDisk],
])('an upload %s', (_where, image) => {
	test.each([false, true])(
		'is not aborted while it makes progress, even if it takes long (with key: %s)',
		async (withKey) => {
			const startedAt = Date.now();
			const result = await put(image(), { timeoutMs: 1_500, totalMs: 60_000 }, slowly(150), withKey);
			expect(result).toMatchObject({ answered: true, body: { json: { bytes: IMAGE.length, sha256 } } });
			expect(Date.now() - startedAt).toBeGreaterThan(3_000);
			const { headers } = server.requests[0];
			expect(headers).toMatchObject({ 'content-type': 'image/png', 'content-length': String(IMAGE.length) });
			expect(headers.authorization).toBe(withKey ? 'Key some-id:some-secret' : undefined);
		},
	);

	test('is aborted without progress', async () => {
		const startedAt = Date.now();
		const result = await put(image(), { timeoutMs: 300, totalMs: 60_000 }, () => undefined);
		expect(result).toMatchObject({ answered: false, reason: 'broken', why: 'tookTooLong' });
		expect(Date.now() - startedAt).toBeLessThan(30_000);
	});

	test('is aborted after its total time limit even if it makes progress', async () => {
		const result = await put(image(), { timeoutMs: 5_000, totalMs: 1_000 }, slowly(300));
		expect(result).toMatchObject({ answered: false, reason: 'broken' });
	});
});

test('the time limit of a transfer grows with its size', () => {
	server = { close: () => undefined } as LocalServer;
	expect(transferLimitMs(0)).toBe(120_000);
	expect(transferLimitMs(20 * 1024 * 1024)).toBe(120_000 + 640_000);
});

describe('a malicious file name cannot change a request', () => {
	let sandbox: Sandbox;
	beforeAll(async () => {
		server = { close: () => undefined } as LocalServer;
		sandbox = await startSandbox({ jobSeconds: 0.1, queueSeconds: 0.05 });
	});
	afterEach(() => sandbox.reset());
	afterAll(async () => await sandbox.close());

	const evil = {
		data: Buffer.from('an image').toString('base64'),
		mimeType: 'image/png\r\nx-evil: 1\r\n\r\n<html>',
		fileName: 'tiger".png\r\nx-evil: 2',
	};

	test.each([
		['fal', {}],
		['oxen', {}],
		['oxen', { imageUpload: 'repository', repository: 'me/images' }],
	] as const)('at %s with %j', async (provider, options) => {
		const { error, items } = await runNode({
			credentials: sandboxCredentials(sandbox),
			parameters: { provider, imageSource: 'binary', options: { follow: 'poll', ...options } },
			items: [{ json: {}, binary: { data: evil } }],
		});
		expect(error?.message).toBeUndefined();
		expect(items[0].json.status).toBe('succeeded');
		for (const { headers } of sandbox.requests) expect(headers['x-evil']).toBeUndefined();
		const puts = sandbox.requests.filter(({ endpoint }) => endpoint === 'uploadPut');
		for (const { headers } of puts) {
			expect(headers['content-type']).toMatch(/^(image\/png|multipart\/form-data; boundary=[\w-]+)$/);
		}
	});

	test('in a form, because quotes and line breaks are escaped', async () => {
		const content = Buffer.from('an image');
		const form = multipart({}, { field: 'files[]', ...evil, bytes: content.length, content });
		const body = await buffer(form.content as AsyncIterable<Uint8Array>);
		expect(body).toHaveLength(form.bytes);
		const [head] = body.toString().split('\r\n\r\n');
		expect(head.split('\r\n')).toHaveLength(3);
		expect(head).toContain('filename="tiger%22.png%0D%0Ax-evil: 2"');
	});
});
