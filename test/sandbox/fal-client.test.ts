import { createFalClient } from '@fal-ai/client';
import { advanceOnceTold, ENDPOINT_ID, finish, HELD, INPUT, until, useSandbox } from './support';

// fal's own client is the reference, so all of its functions must work.
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

test.each(['polling', 'streaming'] as const)(
	'fal’s client gets a result with queue.subscribe by %s',
	async (mode) => {
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
	},
);

test('fal’s client gets each status with queue.streamStatus', async () => {
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

test('fal’s client uploads a file in the input', async () => {
	void until(() => sandbox.jobs.length === 1, 'the job').then(async () => await finish(sandbox));
	const image = new Blob(['not really an image'], { type: 'image/png' });
	const { data } = await client().run(ENDPOINT_ID, { input: { ...INPUT, image_url: image as never } });
	expect(data.video.content_type).toBe('video/mp4');
	expect(sandbox.jobs[0].input.image_url).toContain(sandbox.fal.cdnUrl);
});

test('fal’s client gets an address that serves the file from storage.upload', async () => {
	const url = await client().storage.upload(new Blob(['picture'], { type: 'image/webp' }));
	const response = await fetch(url);
	expect(response.headers.get('content-type')).toBe('image/webp');
	expect(await response.text()).toBe('picture');
});

test('fal’s client cancels a job with queue.cancel', async () => {
	const { queue } = client();
	const { request_id: requestId } = await queue.submit(ENDPOINT_ID, { input: INPUT });
	await queue.cancel(ENDPOINT_ID, { requestId });
	expect(sandbox.jobs[0].status).toBe('cancelled');
});

test('fal’s client throws its ValidationError for a 422', async () => {
	const { queue } = client();
	const { request_id: requestId } = await queue.submit(ENDPOINT_ID, { input: { ...INPUT, duration: '7s' } });
	await finish(sandbox);
	await expect(queue.result(ENDPOINT_ID, { requestId })).rejects.toMatchObject({
		name: 'ValidationError',
		status: 422,
		body: { detail: [{ type: 'literal_error' }] },
	});
});
