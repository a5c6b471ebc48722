import { Session } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { openMemory, orderKey } from '../../nodes/LumaRay/jobs/memory';
import { createPool } from '../../nodes/LumaRay/jobs/pool';
import { runJobs } from '../../nodes/LumaRay/jobs/run';
import type { Problem } from '../../nodes/LumaRay/models/problem';
import type { RunContext, Task } from '../../nodes/LumaRay/jobs/context';
import { runSuspended } from '../../nodes/LumaRay/jobs/suspend';
import { FAL } from '../../nodes/LumaRay/providers/fal/catalogue';
import { createFal, FAL_ENDPOINTS } from '../../nodes/LumaRay/providers/fal/fal';
import { wireInput } from '../../nodes/LumaRay/providers/input';
import type { ListedJob, Provider, Submission } from '../../nodes/LumaRay/providers/provider';
import { readEvents } from '../../nodes/LumaRay/transport/events';
import type { Http } from '../../nodes/LumaRay/transport/http';
import { Random } from '../../chaos/random';
import { Process, VirtualTime } from '../../chaos/time';
import { orderOf } from './support';

const NO_ANSWER: Problem = {
	name: 'unknownOutcome',
	data: { provider: 'fal', because: { why: 'connectionLost' } },
};

/** The work of a run must grow linearly with the number of its items. */

/** The allowed increase in work for twice as many items: a factor of 2, plus a margin for a busy machine. */
const LINEAR = 3;

interface World {
	/** No submit is answered, but the list shows the jobs. */
	unanswered?: boolean;
	/** All items order the same video. */
	alike?: boolean;
	suspends?: boolean;
}

interface Cost {
	/** The number of comparisons between an entry of the provider's list and an order. */
	comparisons: number;
	/** The number of status checks of all jobs. */
	polls: number;
}

// For thousands of items on a shared machine.
vi.setConfig({ testTimeout: 180_000 });

/** Runs `count` items at a provider whose jobs take a minute each. */
async function run(count: number, { unanswered, alike, suspends }: World): Promise<Cost> {
	const time = new VirtualTime();
	const clock = new Process(time, new Random(1));
	const endsAt = new Map<string, number>();
	const listed: ListedJob[] = [];
	let comparisons = 0;
	let polls = 0;
	const provider: Partial<Provider> = {
		id: 'fal',
		catalogue: FAL,
		prepare: async (order) => ({ ok: true, value: { order, addresses: {} } }),
		jobsAsked: () => 1,
		inTurn: async (_signal, submit) => await submit(),
		submit: async ({ order }): Promise<Submission> => {
			const { prompt = '' } = order.input;
			const requestId = `job-${endsAt.size}`;
			endsAt.set(requestId, time.now + 60_000);
			const entry = {
				model: 'animate',
				requestId,
				status: 'running',
				submittedAt: time.now,
				actualUsd: null,
				raw: {},
			} as const;
			const input = { ...wireInput(FAL.models.animate, order.input).input, prompt };
			listed.unshift(
				Object.defineProperty<ListedJob>({ ...entry, input }, 'input', { get: () => (comparisons++, input) }),
			);
			await clock.sleep(100);
			if (unanswered) return { result: 'open', problem: NO_ANSWER };
			return { result: 'accepted', jobs: [{ provider: 'fal', requestId, submittedAt: time.now }], raw: {} };
		},
		progress: async ({ requestId }) => {
			polls++;
			return { ok: true, value: { phase: time.now < endsAt.get(requestId)! ? 'running' : 'ended' } };
		},
		outcome: async () => ({ ok: true, value: { status: 'succeeded', actualUsd: null, raw: {} } }),
		skipsStatus: () => false,
		list: async (_model, atMost) => ({ ok: true, value: listed.slice(0, atMost) }),
		attach: (requestId) => ({ provider: 'fal', requestId, submittedAt: 0 }),
	};
	const setting: RunContext<unknown> = {
		provider: provider as Provider,
		clock,
		signal: new AbortController().signal,
		memory: openMemory({}, { run: '0', execution: '1', parameters: {} }),
		follow: 'poll',
		timeoutMs: 30 * 60_000,
		cancelOnTimeout: false,
		cancelOnStop: false,
		concurrency: 50,
		failFast: false,
		log: () => undefined,
	};
	const tasks = Array.from({ length: count }, (_, index): Task => {
		const order = orderOf(alike ? 'The same tiger' : `Tiger ${index}`);
		return { index, order, key: orderKey('fal', index, order) };
	});
	let isDone = false;
	const begin = async () => {
		await (suspends ? runSuspended(tasks, { ...setting, tries: 1 }) : runJobs(tasks, setting));
		isDone = true;
	};
	time.at(time.now, () => void begin(), clock);
	while (!isDone && (await time.step()));
	return { comparisons, polls };
}

test('the search for many jobs of the same video takes linear time', async () => {
	const world: World = { unanswered: true, alike: true };
	const single = await run(100, world);
	const double = await run(200, world);
	expect(double.comparisons / single.comparisons).toBeLessThan(LINEAR);
});

test('polls many jobs of a kind less often, because the first ones show how long they take', async () => {
	const { polls: few } = await run(10, {});
	const { polls: many } = await run(500, {});
	expect(many / 500).toBeLessThan(few / 10 / 2);
});

describe('a run at fal with streams and polls', () => {
	const FEW = 1_000;
	const MANY = 10_000;
	/**
	 * The allowed increase in the cost of each job if there are ten times as many. It was measured at 0.9, because more
	 * jobs share the fixed cost of a run.
	 */
	const LINEAR_PER_JOB = 1.2;
	/** The maximum memory per job in bytes while all jobs are running. */
	const MOST_BYTES = 30_000;

	test('needs a constant amount of work and memory per job', async () => {
		const steps = countSteps();
		const few = { ...(await runAtFal(FEW)), steps: steps.taken() };
		const many = { ...(await runAtFal(MANY)), steps: steps.taken() };
		steps.end();
		expect(few.steps).toBeGreaterThan(FEW);
		// Steps per job. If a step looked at all jobs for each job, this would be about ten times as many.
		expect(many.steps / MANY / (few.steps / FEW)).toBeLessThan(LINEAR_PER_JOB);
		expect(many.requests / MANY / (few.requests / FEW)).toBeLessThan(LINEAR_PER_JOB);
		expect(many.heldBytes / MANY).toBeLessThan(MOST_BYTES);
	});
});

/** The cost of a run: its requests, and the bytes of memory while jobs are running. */
async function runAtFal(count: number): Promise<{ requests: number; heldBytes: number }> {
	const time = new VirtualTime();
	const clock = new Process(time, new Random(1));
	const endsAt: number[] = [];
	let requests = 0;
	const json = (url: string) => {
		const at = endsAt[Number(/requests\/(\d+)/.exec(url)?.[1])];
		if (url.endsWith('/pricing')) return { prices: [{ unit_price: 0.5, currency: 'USD' }] };
		if (/status/.test(url)) return { status: time.now < at ? 'IN_PROGRESS' : 'COMPLETED' };
		return { video: { url: 'https://v3.fal.media/files/video.mp4' } };
	};
	const event = (url: string) => Buffer.from(`data: ${JSON.stringify(json(url))}\n\n`);
	async function* events(url: string, signal?: AbortSignal) {
		yield event(url);
		await clock.sleep(endsAt[Number(/requests\/(\d+)/.exec(url)![1])] - time.now, signal);
		if (!signal?.aborted) yield event(url);
	}
	const http = {
		async authenticated({ method, url }) {
			requests++;
			await clock.sleep(20);
			const isSubmit = method === 'POST';
			const body = isSubmit ? { request_id: String(endsAt.push(time.now + 60_000) - 1) } : json(url);
			return { answered: true, status: 200, headers: {}, body: { json: body, text: '' } };
		},
		async authenticatedEvents({ url, signal }) {
			requests++;
			await clock.sleep(20);
			const body = Object.assign(readEvents(events(url, signal)), { destroy: () => undefined });
			return { answered: true, status: 200, headers: { 'content-type': 'text/event-stream' }, body };
		},
		trusts: () => true,
	} as Partial<Http> as Http;
	const tasks = Array.from({ length: count }, (_, index): Task => {
		const order = orderOf(`Tiger ${index}`);
		return { index, order, key: orderKey('fal', index, order) };
	});
	const heldBefore = heapBytes();
	let results: unknown[] | undefined;
	const begin = async () => {
		results = await runJobs(tasks, {
			provider: createFal(http, FAL_ENDPOINTS, clock, false),
			clock,
			signal: new AbortController().signal,
			memory: openMemory({}, { run: '0', execution: '1', parameters: {} }),
			follow: 'auto',
			timeoutMs: 30 * 60_000,
			cancelOnTimeout: false,
			cancelOnStop: false,
			concurrency: 50,
			failFast: false,
			log: () => undefined,
		});
	};
	time.at(time.now, () => void begin(), clock);
	let heldBytes = 0;
	while (!results && (await time.step())) {
		if (heldBytes === 0 && endsAt.length === count) heldBytes = heapBytes() - heldBefore;
	}
	expect(results).toHaveLength(count);
	expect(results!.every((result) => (result as { ok: boolean }).ok)).toBe(true);
	return { requests, heldBytes };
}

/** Counts how many blocks of the package's code are executed, including each round of a loop. */
function countSteps(): { taken: () => number; end: () => void } {
	const session = new Session();
	session.connect();
	session.post('Profiler.enable');
	session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
	return {
		/** The number of steps since the last call. */
		taken() {
			let steps = 0;
			session.post('Profiler.takePreciseCoverage', (_error, { result }) => {
				const own = result.filter(({ url }) => /\/nodes\/LumaRay\//.test(url));
				for (const { functions } of own) {
					for (const { ranges } of functions) for (const { count } of ranges) steps += count;
				}
			});
			return steps;
		},
		end: () => session.disconnect(),
	};
}

/** Bytes in use after a garbage collection. */
function heapBytes(): number {
	setFlagsFromString('--expose-gc');
	(runInNewContext('gc') as () => void)();
	return process.memoryUsage().heapUsed;
}

test('a pool starts its tasks in order, and runs at most as many at once as its size', async () => {
	const pool = createPool(2);
	const begun: number[] = [];
	const ends: Array<() => void> = [];
	const run = async (task: number) =>
		await pool(async () => {
			begun.push(task);
			await new Promise<void>((end) => ends.push(end));
		});
	const all = [0, 1, 2, 3, 4].map(run);
	for (let ended = 0; ended < 5; ended++) {
		await new Promise(setImmediate);
		expect(begun).toEqual([0, 1, 2, 3, 4].slice(0, ended + 2));
		ends[ended]();
	}
	await Promise.all(all);
	const late = run(5);
	await new Promise(setImmediate);
	expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
	ends[5]();
	await late;
});
