import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Edition } from '../../sandbox';
import { FAL_INPUTS, falClient, until, useSandbox } from './support';

const IDS = Object.keys(FAL_INPUTS);
const EDITIONS: Edition[] = ['launch', '2026-10'];

describe.each(EDITIONS)('fal’s models in edition %s', (edition) => {
	const sandbox = useSandbox({ edition });

	test.each(IDS)('%s can be submitted, watched and read under owner/alias', async (id) => {
		const fal = falClient(sandbox, id);
		const { body } = await fal.submit(FAL_INPUTS[id]);
		expect(body.response_url).toBe(`${sandbox.fal.queueUrl}/luma/agent/requests/${body.request_id}`);
		const events = await fal.stream(body.status_url);
		expect(events.at(-1).status).toBe('COMPLETED');
		const result = await fal.get(body.response_url);
		expect(result.status).toBe(200);
		expect((await fetch(result.body.video.url)).headers.get('content-type')).toBe('video/mp4');
		expect(sandbox.jobs).toMatchObject([{ model: id, input: FAL_INPUTS[id], ignored: [] }]);
		const full = `${sandbox.fal.queueUrl}/${id}/requests/${body.request_id}/status`;
		expect((await fal.get(full)).body.status).toBe('COMPLETED');
	});

	test.each(IDS)('%s can be run with a blocking call', async (id) => {
		const { status, headers, body } = await falClient(sandbox, id).run(FAL_INPUTS[id]);
		expect(status).toBe(200);
		expect(body.video.url).toContain(headers.get('x-fal-request-id'));
		expect(sandbox.jobs).toMatchObject([{ model: id, endpoint: 'run' }]);
	});

	test.each(IDS)('%s can be cancelled', async (id) => {
		const fal = falClient(sandbox, id);
		const { body } = await fal.submit(FAL_INPUTS[id], {});
		expect([200, 202]).toContain((await fal.put(body.cancel_url)).status);
		expect(sandbox.jobs).toMatchObject([{ status: 'cancelled' }]);
	});

	test.each(IDS)('%s is listed only under its own endpoint', async (id) => {
		await Promise.all(IDS.map((one) => falClient(sandbox, one).submit(FAL_INPUTS[one])));
		const list = async (ids: string) =>
			(
				await falClient(sandbox).get(
					`${sandbox.fal.apiUrl}/v1/models/requests/by-endpoint?endpoint_id=${ids}`,
				)
			).body.items.map((item: { endpoint_id: string }) => item.endpoint_id);
		expect(await list(id)).toEqual([id]);
		expect((await list(IDS.join(','))).sort()).toEqual([...IDS].sort());
	});

	test.each(IDS)('%s sends a webhook', async (id) => {
		const bodies: Array<{ status: string; payload: object }> = [];
		const receiver = createServer(async (request, response) => {
			let text = '';
			for await (const chunk of request) text += chunk;
			bodies.push(JSON.parse(text));
			response.end();
		}).listen(0, '127.0.0.1');
		await until(() => receiver.listening);
		const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
		await falClient(sandbox, id).submit(FAL_INPUTS[id], {}, `?fal_webhook=${encodeURIComponent(url)}`);
		await until(() => bodies.length > 0, 'the webhook');
		receiver.close();
		expect(bodies[0]).toMatchObject({ status: 'OK', payload: { video: { content_type: 'video/mp4' } } });
	});
});

describe('the EXR export', () => {
	const INPUT = { ...FAL_INPUTS[IDS[2]], resolution: '720p', hdr: true, exr_export: true };

	describe('by default', () => {
		const sandbox = useSandbox({ edition: '2026-10' });

		test('is a ZIP of pictures and comes with the video', async () => {
			const { body } = await falClient(sandbox, IDS[2]).complete(INPUT);
			expect(body.exr_file).toEqual({
				url: expect.stringContaining(sandbox.fal.cdnUrl),
				content_type: 'application/zip',
				file_name: expect.stringMatching(/\.zip$/),
				file_size: expect.any(Number),
			});
			const response = await fetch(body.exr_file.url);
			const content = Buffer.from(await response.arrayBuffer());
			expect(response.headers.get('content-type')).toBe('application/zip');
			expect(content).toHaveLength(body.exr_file.file_size);
			expect(content.subarray(0, 4).toString('latin1')).toBe('PK\x03\x04');
			// The directory at the end of the file lists each picture.
			const directory = content.subarray(content.readUInt32LE(content.length - 6)).toString('latin1');
			expect(directory.match(/frame_\d{4}\.exr/g)).toEqual([
				'frame_0000.exr',
				'frame_0001.exr',
				'frame_0002.exr',
			]);
			const video = await fetch(body.video.url);
			expect(video.headers.get('content-type')).toBe('video/mp4');
		});

		test('is null if it was not requested', async () => {
			const { body } = await falClient(sandbox, IDS[2]).complete({ ...INPUT, exr_export: false });
			expect(body.exr_file).toBeNull();
		});
	});

	describe('with exrFormat set to exr', () => {
		const sandbox = useSandbox({ edition: '2026-10', exrFormat: 'exr' });

		test('is a single OpenEXR picture', async () => {
			const { body } = await falClient(sandbox, IDS[0]).complete({
				...FAL_INPUTS[IDS[0]],
				resolution: '1080p',
				hdr: true,
				exr_export: true,
			});
			const response = await fetch(body.exr_file.url);
			const content = Buffer.from(await response.arrayBuffer());
			expect(response.headers.get('content-type')).toBe('image/x-exr');
			// The magic number and version 2 of the file format.
			expect([content.readUInt32LE(0), content.readUInt32LE(4)]).toEqual([20_000_630, 2]);
		});
	});

	describe('at launch', () => {
		const sandbox = useSandbox();

		test('is an unknown field for image to video', async () => {
			const { body } = await falClient(sandbox).complete({ ...FAL_INPUTS[IDS[0]], exr_export: true });
			expect(Object.keys(body)).toEqual(['video']);
			expect(sandbox.ignored).toMatchObject([{ model: IDS[0], field: 'exr_export' }]);
		});
	});
});
