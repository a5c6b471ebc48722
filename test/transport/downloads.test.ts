import type { IExecuteFunctions } from 'n8n-workflow';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';

import type { ByteStream, Http } from '../../nodes/LumaRay/transport/http';
import { createHttp } from '../../nodes/LumaRay/transport/http';
import { downloadVideo } from '../../nodes/LumaRay/transport/video';
import { startSandbox, type Sandbox } from '../../sandbox';
import { contextWith } from '../support/context';
import { runNode, sandboxCredentials, type EngineRun } from '../../harness/engine/engine';
import { serve, type LocalServer } from '../support/server';

const VIDEO = readFileSync(join(__dirname, '../../sandbox/samples/16x9.mp4'));
const HTML = Buffer.from('<html><body><h1>Please try later</h1></body></html>');

let sandbox: Sandbox;
let cdn: LocalServer | undefined;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 0.1, queueSeconds: 0.05 });
});
afterEach(() => {
	vi.restoreAllMocks();
	sandbox.reset();
	cdn?.close();
});
afterAll(async () => await sandbox.close());

/** Runs a job whose video is served by a local test server. */
async function download(
	answer: RequestListener,
	{ provider = 'fal' }: { provider?: 'fal' | 'oxen' } = {},
): Promise<EngineRun & { requests: LocalServer['requests'] }> {
	cdn = await serve(answer);
	const fault = { kind: 'videoUrl', url: `${cdn.url}/video.mp4` } as const;
	const endpoints = provider === 'fal' ? (['result'] as const) : (['status', 'generation'] as const);
	for (const endpoint of endpoints) {
		sandbox.faults.add({ service: provider, endpoint, nth: [1, 1_000], fault });
	}
	const run = await runNode({
		credentials: sandboxCredentials(sandbox),
		parameters: { provider, downloadVideo: true, options: { follow: 'poll' } },
	});
	return { ...run, requests: cdn.requests };
}

/** The bytes of the item's video in n8n's binary store. */
async function stored({ items, error }: EngineRun): Promise<Buffer> {
	expect(error?.message).toBeUndefined();
	const context = contextWith({});
	const stream = await context.helpers.getBinaryStream(items[0].binary!.data.id!);
	return Buffer.concat(await stream.toArray());
}

describe('a file that is not a video', () => {
	test('is not delivered, even with the content type of a video', async () => {
		const { error, items, requests } = await download((_request, response) => {
			response.setHeader('content-type', 'video/mp4').end(HTML);
		});
		expect(error?.message).toContain('could not be downloaded: the file is not a video');
		expect(error?.description).toContain(`${cdn!.url}/video.mp4`);
		expect(items).toEqual([]);
		expect(requests).toHaveLength(5);
	});

	test('is downloaded again until the video arrives', async () => {
		let first = true;
		const run = await download((_request, response) => {
			response.setHeader('content-type', 'video/mp4').end(first ? HTML : VIDEO);
			first = false;
		});
		expect((await stored(run)).equals(VIDEO)).toBe(true);
	});

	test.each([
		['an MP4 file', Buffer.concat([box('ftyp', 16), box('mdat', 24)]), true],
		['a QuickTime file that begins with its data', box('wide', 0), true],
		['a WebM file', Buffer.from('1a45dfa3934282886d61747278', 'hex'), true],
		['an OpenEXR file', Buffer.from('762f3101020000006368616e6e656c73', 'hex'), true],
		['a ZIP file', Buffer.from('504b03041400000008000000', 'hex'), true],
		['JSON', Buffer.from('{"detail":"gone"}'), false],
		['a PNG file', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), false],
		['three bytes', Buffer.from('abc'), false],
	])('is recognized by its first bytes: %s', async (_name, bytes, isTaken) => {
		const { ok } = await downloadFrom([...bytes].map((byte) => Buffer.of(byte)));
		expect(ok).toBe(isTaken);
	});
});

describe('an incomplete video is downloaded again', () => {
	/** The connection ends with the body, so only the bytes of the video show how long it is. */
	const cutFirst = (): RequestListener => {
		let first = true;
		return (_request, response) => {
			response.useChunkedEncodingByDefault = false;
			response.removeHeader('content-length');
			response.writeHead(200, { 'content-type': 'video/mp4', connection: 'close' });
			response.end(first ? VIDEO.subarray(0, VIDEO.length / 2) : VIDEO);
			first = false;
		};
	};

	test('if it is shorter than the size that the provider reported', async () => {
		const run = await download(cutFirst());
		expect(run.requests).toHaveLength(2);
		expect((await stored(run)).equals(VIDEO)).toBe(true);
	});

	test('if its own headers say that it is longer, and the provider reported no size', async () => {
		const run = await download(cutFirst(), { provider: 'oxen' });
		expect(run.requests).toHaveLength(2);
		expect((await stored(run)).equals(VIDEO)).toBe(true);
	});

	test('if it is shorter than Content-Length', async () => {
		let first = true;
		const run = await download(
			(_request, response) => {
				response.setHeader('content-length', VIDEO.length);
				if (first) response.write(VIDEO.subarray(0, 1_000), () => response.destroy());
				else response.end(VIDEO);
				first = false;
			},
			{ provider: 'oxen' },
		);
		expect(run.requests).toHaveLength(2);
		expect((await stored(run)).equals(VIDEO)).toBe(true);
	});

	test('unless it is longer than the size that the provider reported', async () => {
		expect(await downloadFrom([VIDEO], { fileSize: VIDEO.length - 10 })).toMatchObject({ ok: true });
		expect(await downloadFrom([VIDEO], { fileSize: VIDEO.length + 10 })).toEqual({
			ok: false,
			transient: true,
			trouble: { why: 'onlyPart', bytes: VIDEO.length, wholeBytes: VIDEO.length + 10 },
		});
	});

	test('unless its length is unknown', async () => {
		const toItsEnd = Buffer.concat([box('ftyp', 16), Buffer.from([0, 0, 0, 0]), Buffer.from('mdat and on')]);
		expect(await downloadFrom([toItsEnd])).toMatchObject({ ok: true });
		const withRubbish = Buffer.concat([VIDEO, Buffer.from('\0\0\0\0\0\0\0\0\0 behind it')]);
		expect(await downloadFrom([withRubbish])).toMatchObject({ ok: true });
	});
});

describe('compressed answers', () => {
	test('are not requested', async () => {
		const { requests } = await download((_request, response) => void response.end(VIDEO));
		expect(requests[0].headers['accept-encoding']).toBe('identity');
	});

	// Compression hardly makes videos smaller, so half of these answers are longer than the video.
	test.each([
		['shorter', VIDEO, 9],
		['longer', VIDEO, 0],
	] as const)(
		'are decompressed if the server sends one anyway (the answer is %s than the video)',
		async (_how, video, level) => {
			const padded = level === 9 ? Buffer.concat([video, box('free', 100_000)]) : video;
			const packed = gzipSync(padded, { level });
			expect(packed.length < padded.length).toBe(level === 9);
			const run = await download(
				(_request, response) => {
					response
						.setHeader('content-encoding', 'gzip')
						.setHeader('content-length', packed.length)
						.end(packed);
				},
				{ provider: 'oxen' },
			);
			expect(run.requests).toHaveLength(1);
			expect((await stored(run)).equals(padded)).toBe(true);
		},
	);

	test('are downloaded again if they were cut off', async () => {
		const packed = gzipSync(VIDEO);
		let first = true;
		const run = await download(
			(_request, response) => {
				response.setHeader('content-encoding', 'gzip').setHeader('connection', 'close');
				response.end(first ? packed.subarray(0, packed.length / 2) : packed);
				first = false;
			},
			{ provider: 'oxen' },
		);
		expect(run.requests).toHaveLength(2);
		expect((await stored(run)).equals(VIDEO)).toBe(true);
	});
});

describe('a download', () => {
	test('ends if its bytes arrive too slowly', async () => {
		let now = 0;
		async function* trickle(): AsyncGenerator<Buffer> {
			yield VIDEO.subarray(0, 100);
			for (;;) {
				now += 30_000;
				yield Buffer.alloc(1);
			}
		}
		const ended = await downloadFrom(trickle(), {}, { now: () => now });
		expect(ended).toEqual({ ok: false, transient: true, trouble: { why: 'tooSlow' } });
		expect(now).toBeLessThan(300_000);
	});

	test('continues while its bytes arrive quickly enough, regardless of its size', async () => {
		let now = 0;
		async function* slow(): AsyncGenerator<Buffer> {
			yield box('ftyp', 16);
			for (let sent = 0; sent < 100; sent++) {
				now += 30_000;
				yield box('free', 1024 ** 2);
			}
		}
		expect(await downloadFrom(slow(), {}, { now: () => now })).toMatchObject({ ok: true });
		expect(now).toBe(3_000_000);
	});

	test('ends if no more bytes arrive', async () => {
		const silent = await serve((_request, response) => void response.write(VIDEO.subarray(0, 100)));
		const http = createHttp(contextWith({}), 'lumaRayFalApi', [], []);
		const result = await http.plainStream({ method: 'GET', url: silent.url, timeoutMs: 200 });
		if (!result.answered) throw new Error(result.why);
		let bytes = 0;
		await expect(
			(async () => {
				for await (const chunk of result.body) bytes += chunk.length;
			})(),
		).rejects.toThrow();
		expect(bytes).toBe(100);
		silent.close();
	});

	test('ends if the file is larger than any video', async () => {
		const gigabyte = 1024 ** 3;
		expect(await downloadFrom([VIDEO], { contentLength: 5 * gigabyte })).toEqual({
			ok: false,
			transient: false,
			trouble: { why: 'tooLargeFile', gigabytes: 4 },
		});
		async function* endless(): AsyncGenerator<Uint8Array> {
			yield box('ftyp', 16);
			// The bytes do not have to exist, because no reader looks inside a box that extends to the end of the file.
			const header = Buffer.from([0, 0, 0, 0, ...Buffer.from('mdat')]);
			for (;;) yield { length: gigabyte, subarray: () => header } as unknown as Uint8Array;
		}
		expect(await downloadFrom(endless())).toMatchObject({ ok: false, transient: false });
	});

	test('closes the connection of a response that it does not use', async () => {
		cdn = await serve((_request, response) => {
			response.writeHead(302, { location: 'http://127.0.0.1:1/' });
			response.write('x');
		});
		const http = createHttp(contextWith({}), 'lumaRayFalApi', [], []);
		const signal = new AbortController().signal;
		await downloadVideo(contextWith({}), http, { url: cdn.url }, cdn.url, signal);
		for (const until = Date.now() + 20_000; Date.now() < until && (await cdn.connections()) > 0; ) {
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
		expect(await cdn.connections()).toBe(0);
	});
});

test('a failing store is not reported as a lost connection', async () => {
	expect(await downloadFrom([VIDEO], { storeFails: true })).toEqual({
		ok: false,
		transient: true,
		trouble: { why: 'notStored', reason: 'no space left' },
	});
});

function box(type: string, contentBytes: number): Buffer {
	const made = Buffer.alloc(8 + contentBytes);
	made.writeUInt32BE(made.length, 0);
	made.write(type, 4, 'latin1');
	return made;
}

interface Circumstances {
	contentLength?: number;
	fileSize?: number;
	storeFails?: boolean;
}

/** Downloads a video in these chunks into a store that discards them. */
async function downloadFrom(
	chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
	{ contentLength, fileSize, storeFails }: Circumstances = {},
	clock = { now: () => 0 },
) {
	async function* body(): AsyncGenerator<Uint8Array> {
		yield* chunks;
	}
	const stream: ByteStream = {
		native: {},
		destroy: () => undefined,
		[Symbol.asyncIterator]: body,
	};
	const headers: { [name: string]: string } =
		contentLength === undefined ? {} : { 'content-length': String(contentLength) };
	const http = {
		plainStream: async () => ({ answered: true, status: 200, headers, body: stream }),
	} as unknown as Http;
	const prepareBinaryData = async (stored: Readable) => {
		if (storeFails) throw new Error('no space left');
		for await (const _chunk of stored) void _chunk;
		return {};
	};
	const context = { helpers: { prepareBinaryData } } as unknown as IExecuteFunctions;
	const video = { url: 'https://videos.example.com/a.mp4', fileSize };
	const signal = new AbortController().signal;
	return await downloadVideo(context, http, video, 'https://queue.fal.run', signal, clock);
}
