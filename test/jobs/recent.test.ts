import { claimsOf } from '../../nodes/LumaRay/jobs/find';
import { orderKey, type KeyedOrder, type RememberedSubmission } from '../../nodes/LumaRay/jobs/memory';
import { keepAcrossExecutions, type RecentMemory } from '../../nodes/LumaRay/jobs/recent';
import { runJobs } from '../../nodes/LumaRay/jobs/run';
import type { Result } from '../../nodes/LumaRay/jobs/context';
import type { Outcome } from '../../nodes/LumaRay/providers/provider';
import { newProcess, runIn, type Process } from '../support/virtualTime';
import { FakeProvider, jobOf, memoryOf, orderOf, said } from './support';

/** Callers that stop waiting and call again, each time in a new execution, in virtual time. */

const MINUTE = 60_000;
const FAILED: Outcome = { status: 'failed', actualUsd: null, raw: {}, problem: said('No video') };

let process: Process;
let fake: FakeProvider;
/** The process remembers orders until it ends, so each test uses new callers. */
let caller = 0;
beforeEach(() => {
	process = newProcess();
	fake = new FakeProvider(process);
	caller++;
});

function keyed(prompt = 'A tiger', generations?: number): KeyedOrder {
	const order = orderOf(prompt, { generations });
	return { key: orderKey('fal', 0, order), order };
}

function openCall(of = `node ${caller}`): RecentMemory {
	return keepAcrossExecutions(memoryOf(), of, process);
}

/** One call from start to end, as the node performs it. */
async function call(
	prompt = 'A tiger',
	of?: string,
	signal = new AbortController().signal,
	generations?: number,
) {
	const memory = openCall(of);
	const task = { index: 0, ...keyed(prompt, generations) };
	try {
		await memory.reuse(task, { provider: fake.provider, signal });
		const results = await runJobs([task], {
			provider: fake.provider,
			clock: process,
			signal,
			memory,
			follow: 'poll',
			timeoutMs: 60 * MINUTE,
			cancelOnTimeout: false,
			cancelOnStop: true,
			concurrency: 1,
			failFast: false,
			log: () => undefined,
		});
		if (results?.every(({ ok }) => ok)) memory.clear();
		return results;
	} finally {
		memory.close();
	}
}

const requestIds = (calls: Array<Array<Result<unknown>> | undefined>) =>
	calls.map((results) => results?.map(({ job }) => job?.requestId));
const inParallel = async (...calls: Array<() => Promise<Array<Result<unknown>> | undefined>>) =>
	await Promise.all(calls.map(async (make) => await make()));
const after = (ms: number, make: () => ReturnType<typeof call>) => async () => {
	await process.sleep(ms);
	return await make();
};

describe('an identical order', () => {
	test('waits for a submit in flight and shares its job', async () => {
		const calls = await runIn(process, async () => inParallel(call, call, call));
		expect(fake.submits).toHaveLength(1);
		expect(requestIds(calls)).toEqual([['job 1'], ['job 1'], ['job 1']]);
	});

	test('shares the job of a call that is still waiting', async () => {
		const calls = await runIn(process, async () => inParallel(call, after(30_000, call)));
		expect(fake.submits).toHaveLength(1);
		expect(requestIds(calls)).toEqual([['job 1'], ['job 1']]);
	});

	test('gets the same video after the first call has ended', async () => {
		await runIn(process, call);
		const results = await runIn(process, call);
		expect(fake.submits).toHaveLength(1);
		expect(results).toMatchObject([{ ok: true, job: { requestId: 'job 1' } }]);
	});

	test('shares the job for 30 minutes, and is submitted again after that', async () => {
		await runIn(process, call);
		const minutes = (process.now() - fake.jobs[0].job.submittedAt) / MINUTE;
		await runIn(process, after((30 - minutes) * MINUTE - 1_000, call));
		expect(fake.submits).toHaveLength(1);
		process.time.now += 5_000;
		// The list still shows the job, but this process knows that it belongs to an earlier order.
		expect(claimsOf(process).taken).toContain('job 1');
		await runIn(process, call);
		expect(fake.submits).toHaveLength(2);
	});

	test('is submitted again 30 minutes after the first call, even if calls were repeated in between', async () => {
		for (let minute = 0; minute < 40; minute++) {
			await runIn(process, call);
			process.time.now += MINUTE;
		}
		expect(fake.submits).toHaveLength(2);
	});

	test.each(['another order', 'another caller'])('does not share its job with %s', async (what) => {
		await runIn(process, async () => call());
		await runIn(process, async () => (what === 'another order' ? call('A lion') : call('A tiger', 'other')));
		expect(fake.submits).toHaveLength(2);
	});

	test('is not submitted if an earlier submit had no answer', async () => {
		fake.answers['A tiger'] = ['lose'];
		const [first] = (await runIn(process, call))!;
		const [second] = (await runIn(process, call))!;
		expect(fake.submits).toHaveLength(1);
		for (const result of [first, second]) expect(result).toMatchObject({ ok: false, open: true });
	});

	test('is submitted if the first one was refused', async () => {
		fake.answers['A tiger'] = ['refuse'];
		await runIn(process, call);
		const results = await runIn(process, call);
		expect(fake.submits).toHaveLength(2);
		expect(results).toMatchObject([{ ok: true }]);
	});

	test('is submitted only once if several calls waited for a refused one', async () => {
		fake.answers['A tiger'] = ['refuse'];
		await runIn(process, async () => inParallel(call, call, call));
		expect(fake.submits).toHaveLength(2);
	});

	test('is submitted again if the first job failed', async () => {
		fake.ends['A tiger'] = FAILED;
		await runIn(process, call);
		delete fake.ends['A tiger'];
		const results = await runIn(process, call);
		expect(fake.submits).toHaveLength(2);
		expect(results).toMatchObject([{ ok: true, job: { requestId: 'job 2' } }]);
	});

	test('submits nothing if it is stopped while it waits', async () => {
		const stop = new AbortController();
		const first = openCall();
		const { provider } = fake;
		await first.reuse(keyed(), { provider, signal: new AbortController().signal });
		const second = openCall();
		const waiting = second.reuse(keyed(), { provider, signal: stop.signal });
		stop.abort();
		first.close();
		await waiting;
		expect(second.recall(keyed().key)).toBeUndefined();
		// The stopped call must not block other calls.
		const third = openCall();
		await third.reuse(keyed(), { provider, signal: new AbortController().signal });
		third.close();
	});
});

describe('calls that share a job', () => {
	test('keep the new job when a second call notices the failure of the old one', async () => {
		const shared: RememberedSubmission = { result: 'accepted', jobs: [jobOf('first')] };
		const wire = { provider: fake.provider, signal: new AbortController().signal };
		const [one, two] = [openCall(), openCall()];
		const { key } = keyed();
		one.keep(key, shared);
		await two.reuse(keyed(), wire);
		expect(two.recall(key)).toMatchObject(shared);

		one.forget(key, shared.jobs);
		one.close();
		const three = openCall();
		await three.reuse(keyed(), wire);
		three.keep(key, { result: 'accepted', jobs: [jobOf('second')] });
		two.forget(key, shared.jobs);
		two.close();

		const four = openCall();
		await four.reuse(keyed(), wire);
		four.close();
		expect(four.recall(key)).toMatchObject({ jobs: [jobOf('second')] });
	});

	test('replace a failed video of several only once', async () => {
		const two = async () => await call('A tiger', undefined, undefined, 2);
		await runIn(process, async () => {
			process.time.at(process.now() + 10_000, () => (fake.jobs[0].end = FAILED), process);
			return await two();
		});
		const calls = await runIn(process, async () => inParallel(two, two, after(30_000, two)));
		const later = await runIn(process, two);
		expect(fake.submits).toHaveLength(2);
		for (const ids of requestIds([...calls, later])) expect(ids).toEqual(['job 2', 'job 3']);
	});

	test('submit one new job together after theirs was cancelled', async () => {
		fake.takesMs['A tiger'] = 10 * MINUTE;
		const stop = new AbortController();
		await runIn(process, async () => {
			process.time.at(process.now() + 5 * MINUTE, () => stop.abort(), process);
			return await inParallel(
				async () => await call('A tiger', undefined, stop.signal),
				...[1, 2, 3, 4].map((minute) => after(minute * MINUTE, call)),
			);
		});
		expect(fake.jobs[0].isCancelled).toBe(true);
		expect(fake.submits).toHaveLength(2);
	});
});

describe('after a restart', () => {
	/** Simulates another process with the same provider. */
	async function restarted(): Promise<Array<Result<unknown>> | undefined> {
		const { time } = process;
		process = newProcess();
		process.time.now = time.now;
		// The tests share one module, so a restart is simulated by using a different caller.
		return await runIn(process, async () => call('A tiger', `restarted ${caller}`));
	}

	test('reuses a job if it matches in the provider’s list', async () => {
		await runIn(process, call);
		const results = await restarted();
		expect(fake.submits).toHaveLength(1);
		expect(results).toMatchObject([{ ok: true, job: { requestId: 'job 1' } }]);
	});

	test.each<[string, () => void]>([
		['has another input', () => (fake.jobs[0].order = orderOf('A lion'))],
		['failed', () => (fake.jobs[0].end = FAILED)],
		['was cancelled', () => (fake.jobs[0].isCancelled = true)],
		['is older than 30 minutes', () => (process.time.now += 31 * MINUTE)],
		['is not shown', () => (fake.jobs[0].listedFrom = Infinity)],
	])('does not reuse a job that %s', async (_what, change) => {
		await runIn(process, call);
		change();
		await restarted();
		expect(fake.submits).toHaveLength(2);
	});
});
