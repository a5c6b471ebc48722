import { createFalClient } from '@fal-ai/client';
import { advanceOnceTold, ENDPOINT_ID, finish, HELD, INPUT, until, useSandbox } from './support';

// The reference: fal's own client must work completely.
const sandbox = useSandbox(HELD);

function client() {
	const { key, queueUrl, runUrl, restUrl } = sandbox.fal;
	const hosts: Record<string, string> = {
		'https://queue.fal.run': queueUrl,
		'https://fal.run': runUrl,
		'https://rest.fal.ai': restUrl,
		'https://rest.alpha.fal.ai': restUrl,
	};
	return createFalClient({
		credentials: key,
		requestMiddleware: async (request) => {
			const { origin, pathname, search } = new URL(request.url);
			return { ...request, url: `${hosts[origin] ?? origin}${pathname}${search}` };
		},
	});
}

test.each(['polling', 'streaming'] as const)('queue.subscribe completes by %s', async (mode) => {
	const seen = new Set<string>();
	const { data, requestId } = await client().subscribe(ENDPOINT_ID, {
		input: INPUT,
		logs: true,
		mode,
		...(mode === 'polling' && { pollInterval: 20 }),
		onQueueUpdate: ({ status }) => {
			seen.add(status);
			void advanceOnceTold(sandbox, status);
		},
	});
	expect(data.video.url).toContain(sandbox.fal.cdnUrl);
	expect(requestId).toBe(sandbox.jobs[0].id);
	expect([...seen]).toEqual(['IN_QUEUE', 'IN_PROGRESS', 'COMPLETED']);
});

test('queue.streamStatus yields each status', async () => {
	const { queue } = client();
	const { request_id: requestId } = await queue.submit(ENDPOINT_ID, { input: INPUT });
	const stream = await queue.streamStatus(ENDPOINT_ID, { requestId, logs: true });
	const statuses: string[] = [];
	for await (const { status } of stream) {
		statuses.push(status);
		await advanceOnceTold(sandbox, status);
	}
	await stream.done();
	expect(statuses).toEqual(['IN_QUEUE', 'IN_PROGRESS', 'COMPLETED']);
});

test('a file in the input is uploaded to storage', async () => {
	void until(() => sandbox.jobs.length === 1, 'the job').then(async () => await finish(sandbox));
	const image = new Blob(['not really an image'], { type: 'image/png' });
	const { data } = await client().run(ENDPOINT_ID, { input: { ...INPUT, image_url: image as never } });
	expect(data.video.content_type).toBe('video/mp4');
	expect(sandbox.jobs[0].input.image_url).toContain(sandbox.fal.cdnUrl);
});

test('storage.upload gives an address that serves the file', async () => {
	const url = await client().storage.upload(new Blob(['picture'], { type: 'image/webp' }));
	const response = await fetch(url);
	expect(response.headers.get('content-type')).toBe('image/webp');
	expect(await response.text()).toBe('picture');
});

test('queue.cancel stops a job', async () => {
	const { queue } = client();
	const { request_id: requestId } = await queue.submit(ENDPOINT_ID, { input: INPUT });
	await queue.cancel(ENDPOINT_ID, { requestId });
	expect(sandbox.jobs[0].status).toBe('cancelled');
});

test('a 422 becomes its ValidationError', async () => {
	const { queue } = client();
	const { request_id: requestId } = await queue.submit(ENDPOINT_ID, { input: { ...INPUT, duration: '7s' } });
	await finish(sandbox);
	await expect(queue.result(ENDPOINT_ID, { requestId })).rejects.toMatchObject({
		name: 'ValidationError',
		status: 422,
		body: { detail: [{ type: 'literal_error' }] },
	});
});
