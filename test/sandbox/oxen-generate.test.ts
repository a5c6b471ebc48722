import { ALL_FORMATS, BufferSource, Input } from 'mediabunny';
import { startSandbox } from '../../sandbox';
import { http, oxenClient, OXEN_INPUT, useSandbox } from './support';

const sandbox = useSandbox();
const oxen = oxenClient(sandbox);
const generate = (input: unknown) => oxen.post('/api/ai/videos/generate', { json: input });

describe('Oxen’s blocking call', () => {
	test('returns the address of the video', async () => {
		const { status, body } = await generate(OXEN_INPUT);
		expect({ status, body }).toEqual({
			status: 200,
			body: {
				model: OXEN_INPUT.model,
				created: expect.any(Number),
				videos: [{ url: expect.stringContaining(sandbox.oxen.cdnUrl) }],
			},
		});
		expect(sandbox.jobs).toMatchObject([{ endpoint: 'run', status: 'succeeded' }]);
		expect((await http('HEAD', body.videos[0].url)).status).toBe(200);
	});

	test('returns the video itself on request', async () => {
		const { body } = await generate({ ...OXEN_INPUT, response_format: 'b64_json', aspect_ratio: '1:1' });
		const video = Buffer.from(body.videos[0].b64_json, 'base64');
		const input = new Input({ source: new BufferSource(video), formats: ALL_FORMATS });
		expect(await input.getPrimaryVideoTrack()).toMatchObject({ codedWidth: 540, codedHeight: 540 });
	});

	test('refuses invalid parameters without creating a job', async () => {
		expect(await generate({ ...OXEN_INPUT, loop: true, duration: '10s' })).toMatchObject({
			status: 400,
			body: {
				error: {
					message: 'Getting model response error: 422 - Value error, loop is not supported for 10s videos',
				},
			},
		});
		expect(await generate({ ...OXEN_INPUT, model: 'no-such-model' })).toMatchObject({
			status: 400,
			body: { error: { message: 'Model not found: no-such-model' } },
		});
		expect(sandbox.jobs).toHaveLength(0);
	});

	test('returns the error of a job that fails later', async () => {
		sandbox.faults.add({ endpoint: 'run', fault: { kind: 'jobFails', message: 'Out of tigers' } });
		expect(await generate(OXEN_INPUT)).toMatchObject({
			status: 400,
			body: { error: { message: 'Out of tigers' } },
		});
	});
});

test('Oxen’s results can be on the hub, which requires the key and redirects to the storage', async () => {
	const hub = await startSandbox({ jobSeconds: 0.02, queueSeconds: 0, oxenResults: 'hub' });
	try {
		const [{ result_url: url }] = await oxenClient(hub).complete();
		expect(new URL(url).origin).toBe(hub.oxen.baseUrl);
		expect((await http('GET', url)).status).toBe(401);
		const { status, headers } = await http('GET', url, { authorization: `Bearer ${hub.oxen.key}` });
		expect(status).toBe(302);
		expect(new URL(headers.get('location')!).origin).toBe(hub.oxen.cdnUrl);
		expect((await http('GET', headers.get('location')!)).headers.get('content-type')).toBe('video/mp4');
	} finally {
		await hub.close();
	}
});
