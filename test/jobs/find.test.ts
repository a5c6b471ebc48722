import { claimsOf, findJobs } from '../../nodes/LumaRay/jobs/find';
import { openMemory } from '../../nodes/LumaRay/jobs/memory';
import { runJobs } from '../../nodes/LumaRay/jobs/run';
import type { Result, RunContext } from '../../nodes/LumaRay/jobs/context';
import type { ListedJob, Order, Provider, Submission } from '../../nodes/LumaRay/providers/provider';
import { FAL } from '../../nodes/LumaRay/providers/fal/catalogue';
import { wireInput } from '../../nodes/LumaRay/providers/input';
import { Random } from '../../chaos/random';
import { Process, VirtualTime } from '../../chaos/time';

/** A submit without an answer in virtual time, and the search for its job in the provider's list. */

const ORDER: Order = {
	model: 'animate',
	input: {
		imageUrl: 'https://images.example.com/tiger.png',
		prompt: 'A tiger',
		aspectRatio: '16:9',
		resolution: '540p',
		duration: '5s',
		loop: false,
		referenceImageUrls: [],
	},
	options: {},
	estimate: { usd: 0.5, source: 'table' },
};
const NO_ANSWER: Submission = {
	result: 'open',
	problem: { name: 'said', data: { provider: 'fal' }, said: 'No answer' },
};

function runContextFor(provider: Partial<Provider>, clock: Process): RunContext<unknown> {
	return {
		provider: provider as Provider,
		clock,
		signal: new AbortController().signal,
		memory: openMemory({}, { run: '0', execution: '1', parameters: {} }),
		follow: 'none',
		timeoutMs: 30 * 60_000,
		cancelOnTimeout: false,
		cancelOnStop: false,
		concurrency: 1,
		failFast: true,
		log: () => undefined,
	};
}

/**
 * @param refusedForSeconds how long the provider refuses the submit; after that it accepts the submit but does not
 * answer
 */
async function runOne(refusedForSeconds: number): Promise<Result<unknown>> {
	const time = new VirtualTime();
	const clock = new Process(time, new Random(1));
	const listed: ListedJob[] = [];
	const openAt = time.now + refusedForSeconds * 1000;
	const provider: Partial<Provider> = {
		id: 'fal',
		catalogue: FAL,
		prepare: async (order) => ({ ok: true, value: { order, addresses: {} } }),
		submit: async () => {
			if (time.now < openAt) {
				const retryAfterMs = openAt - time.now;
				return {
					result: 'refused',
					again: true,
					retryAfterMs,
					problem: { name: 'tooManyRequests', data: { provider: 'fal' } },
				};
			}
			listed.push({
				model: 'animate',
				requestId: 'job',
				status: 'running',
				submittedAt: time.now,
				input: wireInput(FAL.models.animate, ORDER.input).input,
			} as Partial<ListedJob> as ListedJob);
			await clock.sleep(1_000);
			return NO_ANSWER;
		},
		jobsAsked: () => 1,
		list: async () => ({ ok: true, value: listed }),
		attach: (requestId) => ({ provider: 'fal', requestId, submittedAt: 0 }),
	};
	let results: Array<Result<unknown>> | undefined;
	const begin = () =>
		runJobs([{ index: 0, order: ORDER, key: '0:tiger' }], runContextFor(provider, clock)).then(
			(ended) => (results = ended),
		);
	time.at(time.now, () => void begin(), clock);
	while (!results && (await time.step()));
	return results![0];
}

test.each([0, 100])(
	'finds a job that was accepted %d s after the first try of its submit',
	async (refusedForSeconds) => {
		const { ok, job } = await runOne(refusedForSeconds);
		expect(ok).toBe(true);
		expect(job?.requestId).toBe('job');
	},
);

test.each(['submit', 'list'] as const)(
	'no longer counts a submit as in flight after an exception in %s',
	async (method) => {
		const time = new VirtualTime();
		const clock = new Process(time, new Random(1));
		const broken = async () => {
			throw new Error('Broken');
		};
		const provider: Partial<Provider> = {
			id: 'fal',
			catalogue: FAL,
			prepare: async (order) => ({ ok: true, value: { order, addresses: {} } }),
			submit: async () => NO_ANSWER,
			jobsAsked: () => 1,
			[method]: broken,
		};
		let failure: unknown;
		const begin = () =>
			runJobs([{ index: 0, order: ORDER, key: '0:tiger' }], runContextFor(provider, clock)).catch(
				(error) => (failure = error),
			);
		time.at(time.now, () => void begin(), clock);
		while (!failure && (await time.step()));
		expect(failure).toMatchObject({ message: 'Broken' });
		const { inFlight, searched } = claimsOf(clock);
		expect([inFlight.size, searched.size]).toEqual([0, 0]);
	},
);

test('finds a job while a file of another item with the same prompt is still being uploaded', async () => {
	const time = new VirtualTime();
	const clock = new Process(time, new Random(1));
	const fileOf = (identity: string) => ({
		identity,
		field: 'data',
		fileName: 'a',
		mimeType: 'a/b',
		bytes: 1,
	});
	const editOf = (identity: string) =>
		({ ...ORDER, model: 'edit', input: { prompt: 'A tiger', videoUrl: fileOf(identity) } }) as Order;
	const listed: ListedJob[] = [];
	const provider: Partial<Provider> = {
		id: 'fal',
		catalogue: FAL,
		prepare: async (order, signal) => {
			const { identity } = order.input.videoUrl as ReturnType<typeof fileOf>;
			if (identity === 'large') await clock.sleep(20 * 60_000, signal);
			return {
				ok: true,
				value: { order, addresses: { [identity]: `https://files.example.com/${identity}` } },
			};
		},
		submit: async ({ order, addresses }) => {
			const { identity } = order.input.videoUrl as ReturnType<typeof fileOf>;
			if (identity === 'large') return { result: 'refused', again: false, problem: { name: 'tooLate' } };
			listed.push({
				model: 'edit',
				requestId: 'job',
				status: 'running',
				submittedAt: clock.now(),
				input: wireInput(FAL.models.edit, order.input, addresses).input,
			} as Partial<ListedJob> as ListedJob);
			return NO_ANSWER;
		},
		jobsAsked: () => 1,
		list: async () => ({ ok: true, value: listed }),
		attach: (requestId) => ({ provider: 'fal', requestId, submittedAt: 0 }),
	};
	let results: Array<Result<unknown>> | undefined;
	const tasks = ['small', 'large'].map((identity, index) => ({
		index,
		order: editOf(identity),
		key: identity,
	}));
	const begin = () =>
		runJobs(tasks, { ...runContextFor(provider, clock), failFast: false, concurrency: 2 }).then(
			(ended) => (results = ended),
		);
	time.at(time.now, () => void begin(), clock);
	while (!results && (await time.step()));
	expect(results?.[0]).toMatchObject({ ok: true, job: { requestId: 'job' } });
});

test('finds a job if the list shows its controls in a different order', async () => {
	const clock = new Process(new VirtualTime(), new Random(1));
	const order = {
		...ORDER,
		model: 'edit',
		input: {
			prompt: 'A tiger',
			editStrength: 'controls',
			controls: { depth: true, depthBlur: 0.5, face: true },
		},
	} as Order;
	const { prompt } = order.input;
	const controls = { face: { enabled: true }, depth: { blur: 0.5, enabled: true } };
	const shown = (requestId: string, blur: number) =>
		({
			requestId,
			submittedAt: clock.now(),
			input: { controls: { ...controls, depth: { ...controls.depth, blur } }, prompt },
		}) as Partial<ListedJob> as ListedJob;
	const provider: Partial<Provider> = {
		id: 'fal',
		catalogue: FAL,
		jobsAsked: () => 1,
		list: async () => ({ ok: true, value: [shown('other', 0.6), shown('job', 0.5)] }),
		attach: (requestId) => ({ provider: 'fal', requestId, submittedAt: 0 }),
	};
	const open = { order, sentAt: clock.now() };
	const jobs = await findJobs(open, provider as Provider, claimsOf(clock), clock, true);
	expect(jobs?.map(({ requestId }) => requestId)).toEqual(['job']);
});
