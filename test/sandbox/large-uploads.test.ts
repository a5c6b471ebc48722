import { createFalClient } from '@fal-ai/client';
import { createHash } from 'node:crypto';
import { mkdtempSync, openAsBlob, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { sampleVideo } from '../../sandbox/samples';
import { chunksOf, falClient, http, OXEN_INPUTS, oxenClient, useSandbox } from './support';

const sandbox = useSandbox();
const MEGABYTE = 1024 * 1024;

const folder = mkdtempSync(join(tmpdir(), 'luma-ray-upload-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A playable video of this size. The end of the file is a hole, so that it takes no disk space. */
async function largeVideo(bytes: number): Promise<Blob> {
	const path = join(folder, `${bytes}.mp4`);
	const video = sampleVideo({ aspectRatio: '16:9', resolution: '540p', seconds: 6 });
	const free = Buffer.alloc(8);
	free.writeUInt32BE(bytes - video.length, 0);
	free.write('free', 4, 'latin1');
	writeFileSync(path, Buffer.concat([video, free]));
	truncateSync(path, bytes);
	return await openAsBlob(path, { type: 'video/mp4' });
}

async function digest(chunks: AsyncIterable<Uint8Array>) {
	const hash = createHash('sha256');
	let bytes = 0;
	for await (const chunk of chunks) {
		hash.update(chunk);
		bytes += chunk.byteLength;
	}
	return { bytes, sha256: hash.digest('hex') };
}

/** The peak memory of the process while something ran, minus the memory before. */
async function memoryOf(work: () => Promise<unknown>): Promise<number> {
	const before = process.memoryUsage.rss();
	let peak = before;
	const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
	await work();
	clearInterval(watch);
	return Math.max(peak, process.memoryUsage.rss()) - before;
}

describe('fal’s upload in parts', () => {
	const fal = falClient(sandbox);
	const initiate = (body: unknown = { content_type: 'video/mp4', file_name: 'tiger & cub.mp4' }) =>
		fal.post(`${sandbox.fal.restUrl}/storage/upload/initiate-multipart?storage_type=fal-cdn-v3`, body);
	const at = (uploadUrl: string, end: string | number) => uploadUrl.replace('?', `/${end}?`);

	async function put(uploadUrl: string, part: number | string, text: string) {
		return await http('PUT', at(uploadUrl, part), { body: new Blob([text]) });
	}

	test('accepts a file above 90 MB from fal’s client, and the file can be reframed', async () => {
		const { key, restUrl } = sandbox.fal;
		const client = createFalClient({
			credentials: key,
			requestMiddleware: async (request) => ({
				...request,
				url: request.url.replace(/^https:\/\/rest\.[a-z.]+/, restUrl),
			}),
		});
		const video = await largeVideo(95 * MEGABYTE);
		const url = await client.storage.upload(video);
		const parts = sandbox.requests.filter(({ endpoint }) => endpoint === 'uploadPart');
		expect(parts).toHaveLength(10);
		expect(parts[9]).toMatchObject({ status: 200, body: { bytes: 5 * MEGABYTE } });
		for (const { headers } of parts) expect(headers.authorization).toBeUndefined();

		const whole = await digest(video.stream() as unknown as AsyncIterable<Uint8Array>);
		const complete = sandbox.requests.find(({ endpoint }) => endpoint === 'uploadComplete');
		expect(complete).toMatchObject({ host: 'cdn', status: 200, body: whole });
		const response = await fetch(url);
		expect(response.headers.get('content-type')).toBe('video/mp4');
		expect(await digest(chunksOf(response))).toEqual(whole);

		const reframe = falClient(sandbox, 'luma/agent/ray/v3.2/reframe');
		const { headers } = await reframe.complete({ prompt: 'More', video_url: url, aspect_ratio: '1:1' });
		expect(headers.get('x-fal-billable-units')).toBe('6');
	});

	test('accepts parts in any order and more than once, and serves ranges across parts', async () => {
		const { body } = await initiate();
		const second = await put(body.upload_url, 2, 'cub');
		await put(body.upload_url, 1, 'lion &');
		const first = await put(body.upload_url, 1, 'tiger & ');
		expect(first.body).toEqual({ partNumber: 1, etag: first.headers.get('etag') });
		expect((await http('GET', body.file_url)).status).toBe(404);
		const parts = [first.body, second.body];
		const complete = await http('POST', at(body.upload_url, 'complete'), { json: { parts } });
		expect(complete.status).toBe(200);
		expect((await fetch(body.file_url).then((response) => response.text())).toString()).toBe('tiger & cub');
		const middle = await fetch(body.file_url, { headers: { range: 'bytes=6-9' } });
		expect(await middle.text()).toBe('& cu');
	});

	test('refuses an incomplete upload', async () => {
		const { body } = await initiate();
		const first = (await put(body.upload_url, 1, 'tiger')).body;
		const second = (await put(body.upload_url, 2, 'cub')).body;
		const complete = async (parts: unknown) =>
			(await http('POST', at(body.upload_url, 'complete'), { json: { parts } })).status;
		expect(await complete([])).toBe(400);
		expect(await complete('all')).toBe(400);
		expect(await complete([first, { partNumber: 3, etag: second.etag }])).toBe(400);
		expect(await complete([{ ...first, etag: second.etag }])).toBe(400);
		expect(await complete([second, first])).toBe(400);
		expect((await http('GET', body.file_url)).status).toBe(404);
		expect(await complete([first, second])).toBe(200);
		expect(await complete([first, second])).toBe(404);
	});

	test('requires the key at the start, the signature later, and a valid part number', async () => {
		expect((await initiate({ file_name: 'x.mp4' })).status).toBe(422);
		const url = `${sandbox.fal.restUrl}/storage/upload/initiate-multipart`;
		expect((await http('POST', url, { json: {} })).status).toBe(401);
		const { body } = await initiate();
		expect((await put(body.upload_url.replace(/signature=.*/, 'signature=x'), 1, 'tiger')).status).toBe(403);
		expect((await put(body.upload_url, 0, 'tiger')).status).toBe(400);
		expect((await put(body.upload_url, 'first', 'tiger')).status).toBe(400);
		sandbox.reset();
		expect((await put(body.upload_url, 1, 'tiger')).status).toBe(404);
	});
});

const LARGE = 300 * MEGABYTE;

/** A video of this size. It ends with a box that players skip. */
function* largeContent() {
	const video = sampleVideo({ aspectRatio: '16:9', resolution: '540p', seconds: 6 });
	const free = Buffer.alloc(8);
	free.writeUInt32BE(LARGE - video.length, 0);
	free.write('free', 4, 'latin1');
	yield Buffer.concat([video, free]);
	const zeros = Buffer.alloc(64 * 1024);
	for (let left = LARGE - video.length - 8; left > 0; left -= zeros.length) {
		yield zeros.subarray(0, Math.min(left, zeros.length));
	}
}

/**
 * Sends a body while it is generated, because fetch would keep much of it in memory. Returns the memory that client
 * and server needed.
 */
async function upload(url: string, headers: Record<string, string>, body: Iterable<Buffer>): Promise<number> {
	return await memoryOf(async () => {
		const outgoing = request(url, { method: 'PUT', headers });
		const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
		await pipeline(Readable.from(body), outgoing);
		const [response] = await answered;
		expect(response.statusCode).toBe(200);
		response.resume();
	});
}

test('an upload to fal in one piece is not held in memory', async () => {
	const { body } = await falClient(sandbox).post(`${sandbox.fal.restUrl}/storage/upload/initiate`, {
		content_type: 'video/mp4',
		file_name: 'large.mp4',
	});
	const memory = await upload(body.upload_url, { 'content-type': 'video/mp4' }, largeContent());
	expect(sandbox.requests.at(-1)).toMatchObject({ status: 200, body: { bytes: LARGE } });
	expect(memory).toBeLessThan(LARGE / 2);
});

test('an upload to a repository at Oxen is not held in memory, and it can be reframed', async () => {
	const oxen = oxenClient(sandbox);
	await oxen.post('/api/repos', { json: { namespace: 'me', name: 'videos' } });
	function* form() {
		yield Buffer.from(
			'--edge\r\nContent-Disposition: form-data; name="files[]"; filename="source.mp4"\r\n' +
				'Content-Type: video/mp4\r\n\r\n',
		);
		yield* largeContent();
		yield Buffer.from('\r\n--edge--\r\n');
	}
	const memory = await upload(
		`${sandbox.oxen.baseUrl}/api/repos/me/videos/file/main/in`,
		{
			authorization: `Bearer ${sandbox.oxen.key}`,
			'content-type': 'multipart/form-data; boundary=edge',
		},
		form(),
	);
	const { body } = sandbox.requests.at(-1)!;
	expect(body).toMatchObject({ files: [{ field: 'files[]', path: 'main/in/source.mp4', bytes: LARGE }] });
	expect(memory).toBeLessThan(LARGE / 2);

	const source = `${sandbox.oxen.baseUrl}/api/repos/me/videos/assets/file/main/in/source.mp4`;
	const model = 'luma-ray-v3-2-reframe';
	const [row] = await oxen.complete({ ...OXEN_INPUTS[model], model, input_video: source });
	expect(row.status).toBe('succeeded');
	expect(sandbox.jobs[0].source).toEqual({ width: 960, height: 540, seconds: 6 });
});
