import { falClient, INPUT, useSandbox } from './support';

const sandbox = useSandbox();
const fal = falClient(sandbox);

test('fal’s blocking call returns the video, and the job’s ID in a header', async () => {
	const { status, headers, body } = await fal.run({ ...INPUT, resolution: '720p' });
	expect(status).toBe(200);
	expect(body.video.url).toContain(sandbox.fal.cdnUrl);
	expect(headers.get('x-fal-billable-units')).toBe('2');
	expect(sandbox.jobs).toMatchObject([
		{ id: headers.get('x-fal-request-id'), endpoint: 'run', status: 'succeeded' },
	]);
});

test('fal’s blocking call refuses invalid input without creating a job', async () => {
	const { status, body } = await fal.run({ ...INPUT, duration: '7s' });
	expect(status).toBe(422);
	expect(body.detail).toMatchObject([{ loc: ['body', 'duration'], type: 'literal_error' }]);
	expect(sandbox.jobs).toHaveLength(0);
});

test('fal’s blocking call requires the key', async () => {
	expect((await fal.run(INPUT, { authorization: 'Key a:b' })).status).toBe(401);
});

test('the job of a blocking call can be read from the queue by the ID in the header', async () => {
	const { headers } = await fal.run();
	const url = `${sandbox.fal.queueUrl}/luma/agent/requests/${headers.get('x-fal-request-id')}`;
	expect((await fal.get(url)).body.video.url).toBeTruthy();
});
