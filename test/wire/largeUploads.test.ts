import { createFalClient } from '@fal-ai/client';
import { createHash } from 'node:crypto';

import { catchProblem } from '../../nodes/LumaRay/jobs/catchProblem';
import type { FileSource } from '../../nodes/LumaRay/models/files';
import { createFal } from '../../nodes/LumaRay/providers/fal/fal';
import { createOxen } from '../../nodes/LumaRay/providers/oxen/oxen';
import type { Order, OrderOptions } from '../../nodes/LumaRay/providers/provider';
import { systemClock } from '../../nodes/LumaRay/transport/clock';
import { createHttp } from '../../nodes/LumaRay/transport/http';
import { sandboxCredentials } from '../../harness/engine/engine';
import { startSandbox, type Fault, type RecordedRequest, type Sandbox } from '../../sandbox';
import { contextWith } from '../support/context';

const MIB = 1024 * 1024;
const PART = 10 * MIB;
/** Ten parts. The last one is half as long as the others. */
const VIDEO = Buffer.alloc(95 * MIB, Buffer.from(Array.from({ length: 251 }, (_, index) => index)));

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox();
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

/** A video from n8n's store on disk: it is read chunk by chunk, and never as a whole. */
function video(bytes = VIDEO, { announced = bytes.length, breaks = false } = {}) {
	const seen = { opened: 0, closed: 0 };
	async function* chunks() {
		try {
			// A chunk size that does not divide the part size.
			for (let at = 0; at < bytes.length; at += 700_001) yield bytes.subarray(at, at + 700_001);
			if (breaks) throw new Error('the disk is gone');
		} finally {
			seen.closed++;
		}
	}
	const file: FileSource = {
		field: 'data',
		fileName: 'source.mp4',
		mimeType: 'video/mp4',
		bytes: announced,
		identity: 'source',
		open: async () => {
			seen.opened++;
			return chunks();
		},
		read: async () => await Promise.reject(new Error('a large file must not be read as a whole')),
	};
	return { file, seen };
}

const inMemory = (): { file: FileSource } => ({
	file: { ...video().file, open: async () => VIDEO, read: async () => VIDEO },
});

/** Uploads a file as the provider does before a submit, and returns its address. */
async function place(
	provider: 'fal' | 'oxen',
	{ file }: { file: FileSource },
	{
		signal = new AbortController().signal,
		options = {},
	}: { signal?: AbortSignal; options?: OrderOptions } = {},
) {
	const credentials = sandboxCredentials(sandbox);
	const clock = { ...systemClock, sleep: async () => undefined };
	const { fal, oxen } = sandbox;
	const made =
		provider === 'fal'
			? createFal(
					createHttp(contextWith(credentials, { provider }), 'lumaRayFalApi', [fal.restUrl], []),
					fal,
					clock,
					false,
				)
			: createOxen(
					createHttp(contextWith(credentials, { provider }), 'lumaRayOxenApi', [oxen.baseUrl], []),
					oxen,
					clock,
				);
	// All files of an order are uploaded the same way.
	const order = { model: 'animate', input: { imageUrl: file }, options } as unknown as Order;
	const placed = await catchProblem(
		async () => await made.prepare(order, signal),
		(reason) => ({ name: 'fileUnread', data: { reason } }),
	);
	return placed.ok ? { ok: true, address: placed.value.addresses.source } : placed;
}

const inRepository = { imageRepository: { repository: 'me/videos', branch: 'main', always: true } };

function sent(endpoint: string): RecordedRequest[] {
	return sandbox.requests.filter((request) => request.endpoint === endpoint);
}
const endpoints = () => sandbox.requests.map(({ endpoint }) => endpoint);

function strike(endpoint: 'uploadPart' | 'uploadComplete' | 'uploadPut', fault: Fault, nth = 1) {
	sandbox.faults.add({ endpoint, fault, nth });
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
async function digestAt(address: string | undefined): Promise<string> {
	return sha256(Buffer.from(await (await fetch(address!)).arrayBuffer()));
}

describe('an upload to fal of a file above 90 MB', () => {
	/** The parts of a request that a server may treat differently, except the names that it assigned itself. */
	function essence({ method, url, headers, body }: RecordedRequest) {
		const { pathname, searchParams } = new URL(url, 'http://host');
		const storage = searchParams.get('storage_type');
		const place = pathname.replace(/[\da-f]{8}-[\da-f-]+/, 'id');
		return {
			method,
			place,
			storage,
			signed: searchParams.has('signature'),
			key: headers.authorization,
			body,
		};
	}

	test.each([
		['from the disk', video],
		['in memory', inMemory],
	])('sends the same requests as fal’s own client (file %s)', async (_where, source) => {
		const placed = await place('fal', source());
		expect(placed.ok).toBe(true);
		expect(await digestAt((placed as { address?: string }).address)).toBe(sha256(VIDEO));
		const ours = sandbox.requests.filter(({ method }) => method !== 'GET').map(essence);
		sandbox.reset();

		const client = createFalClient({
			credentials: sandbox.fal.key,
			requestMiddleware: async (request) => ({
				...request,
				url: request.url.replace(/^https:\/\/rest\.[a-z.]+/, sandbox.fal.restUrl),
			}),
		});
		await client.storage.upload(new File([VIDEO], 'source.mp4', { type: 'video/mp4' }));
		expect(ours).toEqual(sandbox.requests.map(essence));
		expect(ours).toHaveLength(12);
	});

	test('is sent in one piece if the file has exactly 90 MiB, as with fal’s own client', async () => {
		await place('fal', video(VIDEO.subarray(0, 90 * MIB)));
		expect(endpoints()).toEqual(['uploadInitiate', 'uploadPut']);
	});

	test('sends the key only in the first request', async () => {
		expect((await place('fal', video())).ok).toBe(true);
		const withKey = sandbox.requests.filter(({ headers }) => headers.authorization);
		expect(withKey.map(({ endpoint }) => endpoint)).toEqual(['uploadInitiate']);
	});

	test.each<[string, Fault]>([
		['is reset before it is accepted', { kind: 'resetBefore' }],
		['is reset after it was accepted', { kind: 'resetAfter' }],
		['is temporarily refused', { kind: 'status', code: 503 }],
	])('repeats only a part that %s', async (_what, fault) => {
		strike('uploadPart', fault, 3);
		const { file, seen } = video();
		const placed = await place('fal', { file });
		expect(placed.ok).toBe(true);
		const parts = sent('uploadPart').map(({ url }) => Number(/\/(\d+)\?/.exec(url)![1]));
		expect(parts).toEqual([1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10]);
		expect(sent('uploadComplete')[0].body).toMatchObject({ bytes: VIDEO.length, sha256: sha256(VIDEO) });
		expect(seen).toEqual({ opened: 1, closed: 1 });
	});

	test('fails if a part is refused', async () => {
		strike('uploadPart', { kind: 'status', code: 403, body: { detail: 'No' } }, 2);
		const { file, seen } = video();
		expect(await place('fal', { file })).toMatchObject({
			ok: false,
			transient: false,
			problem: { name: 'fileNotUploaded', data: { because: { name: 'storageRefused', httpStatus: 403 } } },
		});
		expect(endpoints()).toEqual(['uploadInitiate', 'uploadPart', 'uploadPart']);
		expect(seen).toEqual({ opened: 1, closed: 1 });
	});

	test('fails if the answer to a part has no ETag', async () => {
		strike('uploadPart', { kind: 'wrongShape' }, 2);
		expect(await place('fal', video())).toMatchObject({
			ok: false,
			transient: false,
			problem: { name: 'notUnderstood', httpStatus: 200 },
		});
		expect(sent('uploadComplete')).toHaveLength(0);
	});

	test('fails if the completion is refused', async () => {
		strike('uploadComplete', { kind: 'status', code: 400, body: { detail: 'No' } });
		expect(await place('fal', video())).toMatchObject({
			ok: false,
			transient: false,
			problem: { name: 'fileNotUploaded', data: { because: { httpStatus: 400 } } },
		});
		expect(sent('uploadComplete')).toHaveLength(1);
	});

	test('repeats a temporarily refused completion, but does not send the parts again', async () => {
		strike('uploadComplete', { kind: 'status', code: 503 });
		expect((await place('fal', video())).ok).toBe(true);
		expect(sent('uploadPart')).toHaveLength(10);
		expect(sent('uploadComplete')).toHaveLength(2);
	});

	test('may be repeated if the answer to the completion was lost', async () => {
		strike('uploadComplete', { kind: 'resetAfter' });
		expect(await place('fal', video())).toMatchObject({ ok: false, transient: true });
		expect(sent('uploadComplete').map(({ status }) => status)).toEqual([undefined, 404]);
	});

	test('ends on Stop, both between two parts and during a part', async () => {
		for (const kind of ['between', 'during']) {
			sandbox.reset();
			const stop = new AbortController();
			const { file, seen } = video();
			const open = async () => {
				const chunks = (await file.open()) as AsyncIterable<Uint8Array>;
				return (async function* () {
					let read = 0;
					for await (const chunk of chunks) {
						read += chunk.length;
						if (kind === 'between' && read > 3 * PART) stop.abort();
						yield chunk;
					}
				})();
			};
			if (kind === 'during') {
				strike('uploadPart', { kind: 'hold', until: reached().then(() => stop.abort()) }, 3);
			}
			const placed = await place('fal', { file: { ...file, open } }, { signal: stop.signal });
			expect(placed).toMatchObject({ ok: false, transient: false, problem: { data: { why: 'stopped' } } });
			expect(sent('uploadPart')).toHaveLength(kind === 'between' ? 2 : 3);
			expect(sent('uploadComplete')).toHaveLength(0);
			expect(seen).toEqual({ opened: 1, closed: 1 });
		}
	});

	/** Waits until the third part has arrived. */
	async function reached(): Promise<void> {
		while (sent('uploadPart').length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
	}
});

describe('an upload to a repository at Oxen', () => {
	test('streams a file of 80 MB, even if the repository does not exist yet', async () => {
		const bytes = VIDEO.subarray(0, 80 * MIB);
		const { file, seen } = video(bytes);
		const placed = await place('oxen', { file }, { options: inRepository });
		expect(placed).toMatchObject({ ok: true });
		expect(await digestAt((placed as { address?: string }).address)).toBe(sha256(bytes));
		expect(endpoints().filter((endpoint) => endpoint !== 'image')).toEqual([
			'uploadPut',
			'repoCreate',
			'uploadPut',
		]);
		expect(seen.opened).toBe(2);
	});
});

describe('a file with a different size than n8n reported', () => {
	const small = VIDEO.subarray(0, 3 * MIB);
	const ways = [
		['fal', VIDEO, {}],
		['fal', small, {}],
		['oxen', small, inRepository],
	] as const;

	describe.each(ways)('at %s', (provider, bytes, options) => {
		test.each([
			[
				'shorter',
				{ announced: bytes.length + 1 },
				`it ended after ${bytes.length} of ${bytes.length + 1} bytes`,
			],
			['longer', { announced: bytes.length - 1 }, `it holds more than the ${bytes.length - 1} bytes`],
			['broken', { breaks: true, announced: bytes.length + 1 }, 'the disk is gone'],
		])('fails the upload without keeping the server waiting: %s', async (_what, about, reason) => {
			await sandboxHasRepository();
			const startedAt = Date.now();
			expect(await place(provider, video(bytes, about), { options })).toMatchObject({
				ok: false,
				transient: true,
				problem: { name: 'fileUnread', data: { reason: expect.stringContaining(reason) } },
			});
			// Without the early end, the shortest time limit of two minutes would apply.
			expect(Date.now() - startedAt).toBeLessThan(100_000);
			expect(sent('uploadComplete')).toHaveLength(0);
		});
	});

	async function sandboxHasRepository(): Promise<void> {
		const { key, baseUrl } = sandbox.oxen;
		await fetch(`${baseUrl}/api/repos`, {
			method: 'POST',
			headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
			body: JSON.stringify({ namespace: 'me', name: 'videos' }),
		});
	}
});
