import { ALL_FORMATS, BufferSource, Input } from 'mediabunny';
import { startSandbox } from '../../sandbox';
import { chunksOf, falClient, http, INPUT, useSandbox } from './support';

const sandbox = useSandbox();
const fal = falClient(sandbox);

async function download(url: string, headers: Record<string, string> = {}) {
	const response = await fetch(url, { headers });
	return { response, content: Buffer.from(await response.arrayBuffer()) };
}

async function parse(video: Buffer) {
	const input = new Input({ source: new BufferSource(video), formats: ALL_FORMATS });
	const track = (await input.getPrimaryVideoTrack())!;
	return {
		width: track.codedWidth,
		height: track.codedHeight,
		seconds: Math.round(await track.computeDuration()),
	};
}

test('a job returns the requested clip, which can be downloaded without the key', async () => {
	const asked = { ...INPUT, aspect_ratio: '9:16', resolution: '720p', duration: '10s' };
	const { video } = (await fal.complete(asked)).body;
	const { response, content } = await download(video.url);
	expect(response.headers.get('content-type')).toBe('video/mp4');
	expect(await parse(content)).toEqual({ width: 720, height: 1280, seconds: 10 });
});

test('a video can be downloaded in parts', async () => {
	const { url } = (await fal.complete()).body.video;
	const { content: whole } = await download(url);
	const part = async (range: string) => {
		const { response, content } = await download(url, { range });
		return { status: response.status, where: response.headers.get('content-range'), content };
	};
	const size = whole.length;
	expect(await part('bytes=10-19')).toEqual({
		status: 206,
		where: `bytes 10-19/${size}`,
		content: whole.subarray(10, 20),
	});
	expect(await part(`bytes=${size - 5}-`)).toMatchObject({ status: 206, content: whole.subarray(-5) });
	expect(await part('bytes=-7')).toMatchObject({ status: 206, content: whole.subarray(-7) });
	expect((await part(`bytes=${size}-`)).status).toBe(416);
});

test('the video of a failed job does not exist', async () => {
	await fal.complete({ ...INPUT, duration: '7s' });
	expect((await http('GET', `${sandbox.fal.cdnUrl}/files/b/${sandbox.jobs[0].id}/x.mp4`)).status).toBe(404);
});

describe('padding', () => {
	test('makes a video as long as requested, and it still plays', async () => {
		const bytes = 3_000_000;
		const large = await startSandbox({ jobSeconds: 0.02, queueSeconds: 0, videoBytes: bytes });
		try {
			const { video } = (await falClient(large).complete()).body;
			expect(video.file_size).toBe(bytes);
			const { response, content } = await download(video.url);
			expect(response.headers.get('content-length')).toBe(String(bytes));
			expect(content).toHaveLength(bytes);
			expect(await parse(content)).toEqual({ width: 960, height: 540, seconds: 5 });
			const tail = await download(video.url, { range: `bytes=5000-${bytes - 10}` });
			expect(tail.content.equals(content.subarray(5000, bytes - 9))).toBe(true);
		} finally {
			await large.close();
		}
	});

	test('does not hold a large video in memory', async () => {
		const bytes = 300 * 1024 * 1024;
		const large = await startSandbox({ jobSeconds: 0.02, queueSeconds: 0, videoBytes: bytes });
		try {
			const { video } = (await falClient(large).complete()).body;
			const before = process.memoryUsage().rss;
			let received = 0;
			let peak = 0;
			for await (const chunk of chunksOf(await fetch(video.url))) {
				received += chunk.byteLength;
				peak = Math.max(peak, process.memoryUsage.rss());
			}
			expect(received).toBe(bytes);
			expect(peak - before).toBeLessThan(bytes / 2);
		} finally {
			await large.close();
		}
	});
});
