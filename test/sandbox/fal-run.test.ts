import { falClient, INPUT, useSandbox } from './support';

const sandbox = useSandbox();
const fal = falClient(sandbox);

test('the blocking call answers with the video, and its job in a header', async () => {
	const { status, headers, body } = await fal.run({ ...INPUT, resolution: '720p' });
	expect(status).toBe(200);
	expect(body.video.url).toContain(sandbox.fal.cdnUrl);
	expect(headers.get('x-fal-billable-units')).toBe('2');
	expect(sandbox.jobs).toMatchObject([
		{ id: headers.get('x-fal-request-id'), endpoint: 'run', status: 'succeeded' },
	]);
});

test('bad input is refused at once, before there is a job', async () => {
	const { status, body } = await fal.run({ ...INPUT, duration: '7s' });
	expect(status).toBe(422);
	expect(body.detail).toMatchObject([{ loc: ['body', 'duration'], type: 'literal_error' }]);
	expect(sandbox.jobs).toHaveLength(0);
});

test('it asks for the key', async () => {
	expect((await fal.run(INPUT, { authorization: 'Key a:b' })).status).toBe(401);
});

test('its job can be looked up in the queue by the id in the header', async () => {
	const { headers } = await fal.run();
	const url = `${sandbox.fal.queueUrl}/luma/agent/requests/${headers.get('x-fal-request-id')}`;
	expect((await fal.get(url)).body.video.url).toBeTruthy();
});
