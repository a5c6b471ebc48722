import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { ALL_FORMATS, BufferSource, Input } from 'mediabunny';
import type { SandboxOptions } from '../../sandbox';
import { sampleVideo } from '../../sandbox/samples';
import { FAL_INPUTS, falClient, http, OXEN_INPUTS, oxenClient, useSandbox } from './support';

const [, GENERATE, EDIT, REFRAME] = Object.keys(FAL_INPUTS);
const OXEN_REFRAME = 'luma-ray-v3-2-reframe';
const wide = (seconds: number) => sampleVideo({ aspectRatio: '16:9', resolution: '540p', seconds });
const inline = (seconds: number) => `data:video/mp4;base64,${wide(seconds).toString('base64')}`;
const quick: SandboxOptions = { jobSeconds: 0, queueSeconds: 0 };

async function probe(url: string) {
	const content = Buffer.from(await (await fetch(url)).arrayBuffer());
	const track = (await new Input({
		source: new BufferSource(content),
		formats: ALL_FORMATS,
	}).getPrimaryVideoTrack())!;
	const seconds = Math.round((await track.computeDuration()) * 10) / 10;
	return { width: track.codedWidth, height: track.codedHeight, seconds };
}

/** The same file with `moov` after the picture data, which is larger by this many bytes. */
function withMovieAtEnd(video: Buffer, moreBytes: number): Buffer {
	const movie = video.indexOf('moov') - 4;
	const end = movie + video.readUInt32BE(movie);
	const more = Buffer.alloc(moreBytes);
	more.writeUInt32BE(moreBytes, 0);
	more.write('free', 4, 'latin1');
	return Buffer.concat([video.subarray(0, movie), video.subarray(end), more, video.subarray(movie, end)]);
}

/** Serves one file on this machine, optionally with support for Range, and counts the sent bytes. */
async function serve(content: Buffer, { ranges }: { ranges: boolean }) {
	const seen = { requests: 0 };
	const server = createServer((request, response) => {
		seen.requests += 1;
		const from = ranges ? Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
		response.writeHead(from > 0 ? 206 : 200, { 'content-type': 'video/mp4' });
		response.end(content.subarray(from));
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/source.mp4`;
	return { url, seen, close: () => server.close() };
}

describe('source videos in October 2026', () => {
	const sandbox = useSandbox({ edition: '2026-10', ...quick });
	const reframe = (video_url: string, more = {}) =>
		falClient(sandbox, REFRAME).complete({ ...FAL_INPUTS[REFRAME], video_url, ...more });
	const edit = (video_url: string, more = {}) =>
		falClient(sandbox, EDIT).complete({ ...FAL_INPUTS[EDIT], video_url, ...more });

	test('a reframed video is as long as its source, and is billed in full seconds', async () => {
		const { headers, body } = await reframe(inline(7.3), { resolution: '720p' });
		expect(await probe(body.video.url)).toEqual({ width: 720, height: 720, seconds: 7.3 });
		// 8 seconds at 720p, which costs twice as much as 540p.
		expect(headers.get('x-fal-billable-units')).toBe('16');
	});

	test('a reframed video has the requested length if there is one', async () => {
		const { headers, body } = await reframe(inline(7.3), { duration: '5s' });
		expect(await probe(body.video.url)).toMatchObject({ seconds: 5 });
		expect(headers.get('x-fal-billable-units')).toBe('5');
	});

	test('a video made by the sandbox can be reframed', async () => {
		const made = await falClient(sandbox, GENERATE).complete({ prompt: 'A tiger', duration: '10s' });
		const { body } = await reframe(made.body.video.url, { aspect_ratio: '9:16' });
		expect(await probe(body.video.url)).toEqual({ width: 540, height: 960, seconds: 10 });
		expect(sandbox.jobs[1].source).toEqual({ width: 960, height: 540, seconds: 10 });
	});

	test('an uploaded video can be reframed', async () => {
		const initiate = `${sandbox.fal.restUrl}/storage/upload/initiate?storage_type=fal-cdn-v3`;
		const { body: upload } = await falClient(sandbox).post(initiate, {
			content_type: 'video/mp4',
			file_name: 'source.mp4',
		});
		await http('PUT', upload.upload_url, {
			body: new Uint8Array(wide(6)),
			headers: { 'content-type': 'video/mp4' },
		});
		expect((await reframe(upload.file_url)).headers.get('x-fal-billable-units')).toBe('6');
	});

	test('a source of more than 10 s is refused', async () => {
		const { status, body } = await reframe(inline(10.1));
		expect(status).toBe(422);
		expect(body.detail).toMatchObject([
			{
				loc: ['body', 'video_url'],
				type: 'video_duration_too_long',
				ctx: { max_duration: 10, provided_duration: 10.1 },
			},
		]);
		expect((await reframe(inline(10))).status).toBe(200);
	});

	test('a source that already has the requested ratio is refused', async () => {
		const { body } = await reframe(inline(5), { aspect_ratio: '16:9' });
		expect(body.detail).toMatchObject([{ loc: ['body'], type: 'value_error' }]);
	});

	test('an edited video has the ratio of its source and the requested length', async () => {
		const upright = sampleVideo({ aspectRatio: '3:4', resolution: '1080p', seconds: 9 }).toString('base64');
		const { body } = await edit(`data:video/mp4;base64,${upright}`, { duration: '10s' });
		expect(await probe(body.video.url)).toEqual({ width: 540, height: 720, seconds: 10 });
	});

	test('an edit accepts sources of up to 18 s', async () => {
		expect((await edit(inline(18))).status).toBe(200);
		expect((await edit(inline(18.1))).body.detail).toMatchObject([{ type: 'video_duration_too_long' }]);
	});

	test('keyframes of an edit are frames of the source', async () => {
		const keyframes = ['https://example.com/tiger.png'];
		expect((await edit(inline(6), { keyframes, keyframe_indexes: [144] })).status).toBe(200);
		const { body } = await edit(inline(6), { keyframes, keyframe_indexes: [145] });
		expect(body.detail[0].msg).toBe('Value error, keyframe_indexes must be between 0 and 144');
	});

	test('a source with its header at the end is read without its picture data', async () => {
		const source = await serve(withMovieAtEnd(wide(4), 50_000_000), { ranges: true });
		const { headers } = await reframe(source.url);
		source.close();
		expect(headers.get('x-fal-billable-units')).toBe('4');
		expect(source.seen.requests).toBe(2);
	});

	test.each([
		['that is not on this machine', () => 'https://example.com/tiger.mp4'],
		['that is not an MP4', () => `data:video/webm;base64,${Buffer.alloc(100, 'x').toString('base64')}`],
	])('a source %s counts as 5 s long', async (_what, url) => {
		expect((await reframe(url())).headers.get('x-fal-billable-units')).toBe('5');
		expect(sandbox.jobs[0].source).toBeUndefined();
	});

	test('a source on a host without Range requests counts as 5 s long', async () => {
		const source = await serve(withMovieAtEnd(wide(4), 5_000_000), { ranges: false });
		expect((await reframe(source.url)).headers.get('x-fal-billable-units')).toBe('5');
		source.close();
	});

	test.each([
		['is an image', () => 'data:image/png;base64,iVBORw0KGgo=', 'unsupported_video_format'],
		['is JSON', () => `${sandbox.fal.restUrl}/.well-known/jwks.json`, 'unsupported_video_format'],
		['is gone', () => `${sandbox.fal.cdnUrl}/files/u/1/gone.mp4`, 'file_download_error'],
	])('a source that %s is refused', async (_what, url, type) => {
		expect((await reframe(url())).body.detail).toMatchObject([{ loc: ['body', 'video_url'], type }]);
	});

	test('an image field refuses a video', async () => {
		const { body } = await falClient(sandbox).complete({ prompt: 'A tiger', image_url: inline(5) });
		expect(body.detail).toMatchObject([{ loc: ['body', 'image_url'], type: 'image_load_error' }]);
	});
});

describe('source videos at launch', () => {
	const sandbox = useSandbox({ ...quick, unknownSourceSeconds: 12.5 });

	test('sources of up to 30 s can be reframed and edited', async () => {
		for (const id of [REFRAME, EDIT]) {
			const complete = (seconds: number) =>
				falClient(sandbox, id).complete({ ...FAL_INPUTS[id], video_url: inline(seconds) });
			expect((await complete(30)).status).toBe(200);
			expect((await complete(30.1)).body.detail).toMatchObject([{ ctx: { max_duration: 30 } }]);
		}
	});

	test('the assumed length of an unknown source can be set', async () => {
		const { headers } = await falClient(sandbox, REFRAME).complete(FAL_INPUTS[REFRAME]);
		expect(headers.get('x-fal-billable-units')).toBe('13');
	});

	test('Oxen also reads sources, and the job fails later', async () => {
		const input = { ...OXEN_INPUTS[OXEN_REFRAME], model: OXEN_REFRAME };
		const [good] = await oxenClient(sandbox).complete({ ...input, input_video: inline(2.5) });
		expect(await probe(good.result_url)).toEqual({ width: 540, height: 540, seconds: 2.5 });
		const [bad] = await oxenClient(sandbox).complete({ ...input, input_video: inline(31) });
		expect(bad).toMatchObject({
			status: 'failed',
			error_message: expect.stringMatching(/^Getting model response error: 422 - Video duration is too long/),
		});
	});
});

test('a job does not succeed before its files have been loaded', async () => {
	const slow = createServer((_request, response) => {
		setTimeout(() => response.writeHead(404).end(), 200);
	}).listen(0, '127.0.0.1');
	await once(slow, 'listening');
	const image_url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/tiger.png`;
	const { startSandbox } = await import('../../sandbox');
	const sandbox = await startSandbox(quick);
	try {
		const { status } = await falClient(sandbox).complete({ prompt: 'A tiger', image_url });
		expect(status).toBe(422);
	} finally {
		slow.close();
		await sandbox.close();
	}
});
