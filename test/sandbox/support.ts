import { startSandbox, type Fault, type Sandbox, type SandboxJob, type SandboxOptions } from '../../sandbox';

export const ENDPOINT_ID = 'luma/agent/ray/v3.2/image-to-video';
export const INPUT = { prompt: 'A tiger in the snow', image_url: 'https://example.com/tiger.png' };

/** Jobs stay in each phase until the test advances them, so that no phase is missed on a slow machine. */
export const HELD: SandboxOptions = { queueSeconds: 3_600, jobSeconds: 3_600 };
/**
 * Milliseconds after which an expected condition counts as failed. This is less than a test may take, so that the
 * error can name the condition.
 */
const PATIENCE_MS = 120_000;

/** One sandbox for all tests of a file. It is reset between them. Jobs are short unless the options say otherwise. */
export function useSandbox(options: SandboxOptions = {}): Sandbox {
	const target = {} as Sandbox;
	beforeAll(async () => {
		const sandbox = await startSandbox({ jobSeconds: 0.1, queueSeconds: 0.05, ...options });
		Object.assign(target, sandbox);
	});
	beforeEach(() => target.reset());
	afterAll(() => target.close());
	return target;
}

export interface Answer<Body> {
	status: number;
	headers: Headers;
	body: Body;
}

interface Call {
	authorization?: string;
	headers?: Record<string, string>;
	json?: unknown;
	body?: BodyInit;
}

/** An HTTP call like any client makes it. The body is returned parsed if it is JSON. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into answers of all shapes
export async function http<Body = any>(method: string, url: string, call: Call = {}): Promise<Answer<Body>> {
	const response = await fetch(url, {
		method,
		redirect: 'manual',
		headers: {
			...(call.authorization && { authorization: call.authorization }),
			...(call.json !== undefined && { 'content-type': 'application/json' }),
			...call.headers,
		},
		body: call.json === undefined ? call.body : JSON.stringify(call.json),
	});
	const text = await response.text();
	const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
	return {
		status: response.status,
		headers: response.headers,
		body: (isJson ? JSON.parse(text) : text) as Body,
	};
}

/** The chunks of a response body. */
export function chunksOf(response: Response): AsyncIterable<Uint8Array> {
	return response.body as unknown as AsyncIterable<Uint8Array>;
}

/** A copy without one of the fields. */
export function without<T extends object>(record: T, field: keyof T): Partial<T> {
	const copy: Partial<T> = { ...record };
	delete copy[field];
	return copy;
}

export function sleep(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until a condition is true, if there is no event to wait for. */
export async function until(holds: () => unknown, what = 'the condition'): Promise<void> {
	// Not Date.now, because some tests mock it.
	const deadline = performance.now() + PATIENCE_MS;
	while (!holds()) {
		if (performance.now() > deadline) throw new Error(`Timed out waiting for ${what}`);
		await sleep(10);
	}
}

/** Advances a job to its end. The default is the first job. */
export async function finish(sandbox: Sandbox, job: SandboxJob = sandbox.jobs[0]): Promise<void> {
	await sandbox.advance(job);
	await sandbox.advance(job);
}

/** Advances a job to its next phase as soon as a client has received the current one. Phases have fal's names. */
export async function advanceOnceTold(sandbox: Sandbox, told: string, job = sandbox.jobs[0]): Promise<void> {
	if (told === { queued: 'IN_QUEUE', running: 'IN_PROGRESS' }[job.status as string])
		await sandbox.advance(job);
}

/** A fault that holds requests until the test releases them. */
export function holding(): { fault: Fault; release: () => void } {
	let release = () => {};
	const until = new Promise<void>((resolve) => (release = resolve));
	return { fault: { kind: 'hold', until }, release };
}

/** A valid input for each of fal's models, in any edition. */
export const FAL_INPUTS: Record<string, Record<string, unknown>> = {
	[ENDPOINT_ID]: INPUT,
	'luma/agent/ray/v3.2/text-to-video': { prompt: INPUT.prompt },
	'luma/agent/ray/v3.2/video-to-video': { prompt: INPUT.prompt, video_url: 'https://example.com/tiger.mp4' },
	'luma/agent/ray/v3.2/reframe': {
		prompt: INPUT.prompt,
		video_url: 'https://example.com/tiger.mp4',
		aspect_ratio: '1:1',
	},
};

/** fal's queue, used like a client uses it. */
export function falClient(sandbox: Sandbox, endpointId = ENDPOINT_ID) {
	const authorized = (call: Call): Call => ({ authorization: `Key ${sandbox.fal.key}`, ...call });
	const api = {
		submit: (input: unknown = INPUT, call: Call = {}, query = '') =>
			http('POST', `${sandbox.fal.queueUrl}/${endpointId}${query}`, authorized({ json: input, ...call })),
		run: (input: unknown = INPUT, call: Call = {}) =>
			http('POST', `${sandbox.fal.runUrl}/${endpointId}`, authorized({ json: input, ...call })),
		get: (url: string, call: Call = {}) => http('GET', url, authorized(call)),
		put: (url: string, call: Call = {}) => http('PUT', url, authorized(call)),
		post: (url: string, json: unknown, call: Call = {}) => http('POST', url, authorized({ json, ...call })),
		/** Submits and waits for the result. */
		async complete(input: unknown = INPUT) {
			const { body } = await api.submit(input);
			await finish(
				sandbox,
				sandbox.jobs.find(({ id }) => id === body.request_id),
			);
			return api.get(body.response_url);
		},
		/** Submits a job and advances it to its end while its status stream is open. Returns the stream's text. */
		async streamed(query = '') {
			const { body } = await api.submit();
			const stream = api.get(`${body.status_url}/stream${query}`);
			await until(() => sandbox.openStreams() > 0, 'the stream');
			await finish(
				sandbox,
				sandbox.jobs.find(({ id }) => id === body.request_id),
			);
			return (await stream).body as string;
		},
		/** The parsed `data:` lines of a whole status stream. */
		async stream(statusUrl: string, query = '') {
			const { body } = await api.get(`${statusUrl}/stream${query}`);
			return eventsOf(body).map(({ data }) => data);
		},
	};
	return api;
}

/** A valid input for each of Oxen's models, in any edition. */
export const OXEN_INPUTS: Record<string, Record<string, unknown>> = {
	'luma-ray-v3-2-image-to-video': { prompt: INPUT.prompt, input_image: INPUT.image_url },
	'luma-ray-v3-2-text-to-video': { prompt: INPUT.prompt },
	'luma-ray-v3-2-video-to-video': { prompt: INPUT.prompt, input_video: 'https://example.com/tiger.mp4' },
	'luma-ray-v3-2-reframe': {
		prompt: INPUT.prompt,
		input_video: 'https://example.com/tiger.mp4',
		aspect_ratio: '1:1',
	},
};

export const OXEN_INPUT = {
	model: 'luma-ray-v3-2-image-to-video',
	prompt: INPUT.prompt,
	input_image: INPUT.image_url,
};

/** Oxen's hub, used like a client uses it. */
export function oxenClient(sandbox: Sandbox) {
	const call =
		(method: string) =>
		(path: string, rest: Call = {}) =>
			http(method, `${sandbox.oxen.baseUrl}${path}`, {
				authorization: `Bearer ${sandbox.oxen.key}`,
				...rest,
			});
	const api = {
		get: call('GET'),
		post: call('POST'),
		put: call('PUT'),
		delete: call('DELETE'),
		enqueue: (input: unknown = OXEN_INPUT) => api.post('/api/ai/queue', { json: input }),
		/** Submits generations and waits until all of them have ended. Returns their rows. */
		async complete(input: unknown = OXEN_INPUT) {
			const { body } = await api.enqueue(input);
			const ids = (body.generations as Array<{ generation_id: string }>).map((entry) => entry.generation_id);
			for (const job of sandbox.jobs.filter(({ id }) => ids.includes(id))) await finish(sandbox, job);
			return Promise.all(ids.map(async (id) => (await api.get(`/api/ai/queue/${id}`)).body));
		},
		/** Opens the event stream. `text` grows until `leave` is called. */
		async listen() {
			const controller = new AbortController();
			const response = await fetch(`${sandbox.oxen.baseUrl}/api/events`, {
				headers: { authorization: `Bearer ${sandbox.oxen.key}` },
				signal: controller.signal,
			});
			const feed = { response, text: '', leave: () => controller.abort() };
			void (async () => {
				for await (const chunk of chunksOf(response)) feed.text += Buffer.from(chunk).toString();
			})().catch(() => {});
			return feed;
		},
	};
	return api;
}

export interface ServerEvent {
	event?: string;
	// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into events of all shapes
	data: any;
}

/** The events in a stream's text. Comments and incomplete events are left out. */
export function eventsOf(text: string): ServerEvent[] {
	return text
		.split('\n\n')
		.slice(0, -1)
		.map((block) => block.split('\n'))
		.filter((lines) => lines.some((line) => line.startsWith('data: ')))
		.map((lines) => ({
			event: lines.find((line) => line.startsWith('event: '))?.slice(7),
			data: JSON.parse(lines.find((line) => line.startsWith('data: '))!.slice(6)),
		}));
}
