import { openMemory, orderKey } from '../../nodes/LumaRay/jobs/memory';
import { createPool } from '../../nodes/LumaRay/jobs/pool';
import { runJobs } from '../../nodes/LumaRay/jobs/run';
import type { Problem } from '../../nodes/LumaRay/models/problem';
import type { RunContext, Task } from '../../nodes/LumaRay/jobs/context';
import { runSuspended } from '../../nodes/LumaRay/jobs/suspend';
import { FAL } from '../../nodes/LumaRay/providers/fal/catalogue';
import { wireInput } from '../../nodes/LumaRay/providers/input';
import type { ListedJob, Provider, Submission } from '../../nodes/LumaRay/providers/provider';
import { Random } from '../../chaos/random';
import { Process, VirtualTime } from '../../chaos/time';
import { orderOf } from './support';

const NO_ANSWER: Problem = {
	name: 'unknownOutcome',
	data: { provider: 'fal', because: { why: 'connectionLost' } },
};

/** The work of a run grows linearly with the number of its items. */

/** How much more work twice the items may take: twice, with some slack for a busy machine. */
const LINEAR = 3;

interface World {
	/** No submit gets an answer, but the list shows the jobs. */
	unanswered?: boolean;
	/** All items ask for the same video. */
	alike?: boolean;
	suspends?: boolean;
}

interface Cost {
	/** How many times an entry of the provider's list was compared with an order. */
	comparisons: number;
	/** Status checks of all jobs. */
	polls: number;
}

// Thousands of items on a shared machine.
vi.setConfig({ testTimeout: 180_000 });

/** Runs `count` items at a provider that takes a minute for each. */
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

test('the search for many jobs of the same video compares each with its own order', async () => {
	const world: World = { unanswered: true, alike: true };
	const single = await run(100, world);
	const double = await run(200, world);
	expect(double.comparisons / single.comparisons).toBeLessThan(LINEAR);
});

test('the first jobs of a kind that end show when to poll the many others', async () => {
	const { polls: few } = await run(10, {});
	const { polls: many } = await run(500, {});
	expect(many / 500).toBeLessThan(few / 10 / 2);
});

test('a pool runs its tasks first come, first served, and no more at once than its size', async () => {
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
