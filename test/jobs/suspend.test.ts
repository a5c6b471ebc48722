import { orderKey, type Parking } from '../../nodes/LumaRay/jobs/memory';
import type { Result, Task } from '../../nodes/LumaRay/jobs/context';
import { runSuspended, type SuspendResult, type SuspendSetting } from '../../nodes/LumaRay/jobs/suspend';
import type { Json, Order, Outcome } from '../../nodes/LumaRay/providers/provider';
import { newProcess, runIn, type Process } from '../support/virtualTime';
import { FakeProvider, memoryOf, orderOf, saved, said } from './support';

/** A run that parks, pass by pass in virtual time. Between passes, its memory is saved the way n8n saves it. */

const MINUTE = 60_000;
const FAILED: Outcome = { status: 'failed', actualUsd: null, raw: {}, problem: said('No video') };

type Pass = SuspendResult<unknown>;

class Run {
	readonly process: Process = newProcess();
	readonly fake = new FakeProvider(this.process);
	readonly startedAt = this.process.now();
	context: Json = {};
	orders: Array<Order | undefined>;
	setting: Partial<SuspendSetting<unknown>> = {};
	invalid: Parking['bad'] = [];
	execution = '1';
	/** The tasks of Generation: Wait, which replace the orders. */
	tasksFor?: () => Task[];

	constructor(...prompts: string[]) {
		this.orders = prompts.map((prompt) => orderOf(prompt));
	}

	minutes(): number {
		return (this.process.now() - this.startedAt) / MINUTE;
	}

	/** The tasks as the node creates them: at first from the items, after a wake from the memory. */
	private tasks(): Task[] {
		const memory = this.memory();
		return this.orders.flatMap((order, index): Task[] => {
			if (memory.parking()) {
				const kept = memory.orderOf(index);
				return kept
					? [{ index, key: kept.key, order: { ...kept, input: kept.input as Order['input'] } }]
					: [];
			}
			return order ? [{ index, key: orderKey('fal', index, order), order }] : [];
		});
	}

	memory() {
		return memoryOf(this.context, { execution: this.execution });
	}

	/** Runs one pass, after which the execution is saved. */
	async pass(): Promise<Pass> {
		const memory = this.memory();
		const setting: SuspendSetting<unknown> = {
			provider: this.fake.provider,
			clock: this.process,
			signal: new AbortController().signal,
			memory,
			follow: 'auto',
			timeoutMs: 30 * MINUTE,
			cancelOnTimeout: false,
			cancelOnStop: true,
			concurrency: 10,
			failFast: false,
			log: () => undefined,
			tries: 1,
			...this.setting,
		};
		const passed = await runIn(this.process, async () =>
			runSuspended(this.tasksFor?.() ?? this.tasks(), setting, memory.parking() ? [] : this.invalid),
		);
		if (passed.end === 'results' && passed.results.every(({ ok }) => ok)) memory.clear();
		memory.close();
		this.context = saved(this.context);
		return passed;
	}

	/** Wakes the run until it no longer parks. */
	async untilEnd(passed: Pass): Promise<Array<Result<unknown>>> {
		for (let wakes = 0; passed.end === 'pending'; wakes++) {
			expect(wakes).toBeLessThan(100);
			this.process.time.now = Math.max(this.process.now(), passed.wakeAt);
			passed = await this.pass();
		}
		expect(passed.end).toBe('results');
		return (passed as Pass & { end: 'results' }).results.sort((one, other) => one.index - other.index);
	}
}

const pendingOf = (passed: Pass) => {
	expect(passed.end).toBe('pending');
	return (passed as Pass & { end: 'pending' }).pending.map(({ index, job, status }) => [
		index,
		job?.requestId,
		status,
	]);
};

describe('the first pass', () => {
	test('submits all items and parks with their jobs', async () => {
		const run = new Run('A tiger', 'A lion');
		expect(pendingOf(await run.pass())).toEqual([
			[0, 'job 1', 'running'],
			[1, 'job 2', 'running'],
		]);
		expect(run.fake.submits).toEqual(['A tiger', 'A lion']);
		expect(run.memory().parking()).toBeDefined();
	});

	test('is the only pass that submits, regardless of the number of wakes', async () => {
		const run = new Run('A tiger', 'A lion');
		run.fake.takesMs['A lion'] = 20 * MINUTE;
		const results = await run.untilEnd(await run.pass());
		expect(results).toMatchObject([
			{ index: 0, ok: true, job: { requestId: 'job 1' } },
			{ index: 1, ok: true, job: { requestId: 'job 2' } },
		]);
		expect(run.fake.submits).toHaveLength(2);
		expect(run.memory().parking()).toBeUndefined();
	});

	test('parks soon even if the provider asks for a pause before the next poll', async () => {
		const run = new Run('A tiger', 'A lion');
		const { provider } = run.fake;
		const { progress } = provider;
		// All polls of a process wait for the pause that the answer to one of them has requested.
		provider.progress = async (job, signal) => {
			await run.process.sleep(2 * MINUTE, signal);
			const stopped = { ok: false, transient: false, problem: said('Stopped') } as const;
			return signal.aborted ? stopped : await progress(job, signal);
		};
		expect(pendingOf(await run.pass())).toEqual([
			[0, 'job 1', 'unknown'],
			[1, 'job 2', 'unknown'],
		]);
		expect(run.minutes()).toBeLessThan(0.5);
		provider.progress = progress;
		expect((await run.untilEnd(await run.pass())).map(({ ok }) => ok)).toEqual([true, true]);
		expect(run.fake.submits).toHaveLength(2);
	});

	test('returns the results immediately if all jobs have ended', async () => {
		const run = new Run('A tiger');
		run.fake.takesMs['A tiger'] = 0;
		expect(await run.pass()).toMatchObject({ end: 'results', results: [{ ok: true }] });
		expect(run.memory().parking()).toBeUndefined();
	});
});

describe('an item that was refused in the first pass', () => {
	test('is not submitted again at a wake, and its failure is reported at the end', async () => {
		const run = new Run('A tiger', 'A lion');
		run.fake.answers['A tiger'] = ['refuse'];
		const first = await run.pass();
		expect(pendingOf(first)).toEqual([[1, 'job 1', 'running']]);
		const results = await run.untilEnd(first);
		expect(results).toMatchObject([
			{ index: 0, ok: false, problem: { said: expect.stringContaining('A tiger') } },
			{ index: 1, ok: true },
		]);
		expect(run.fake.submits).toEqual(['A tiger', 'A lion']);
	});

	test('ends the run immediately unless the run continues on failure', async () => {
		const run = new Run('A tiger', 'A lion');
		run.setting = { failFast: true };
		run.fake.answers['A tiger'] = ['refuse'];
		const passed = await run.pass();
		expect(passed.end).toBe('results');
		expect(run.memory().parking()).toBeUndefined();
	});
});

test('invalid items stay failed even if they are valid at a wake', async () => {
	const run = new Run('A tiger', 'A lion');
	const [tiger, lion] = run.orders;
	run.orders = [undefined, lion];
	run.invalid = [{ index: 0, problem: said('Not valid') }];
	const first = await run.pass();
	run.orders = [tiger, lion];
	const results = await run.untilEnd(first);
	expect(results).toMatchObject([
		{ index: 0, ok: false, problem: said('Not valid') },
		{ index: 1, ok: true },
	]);
	expect(run.fake.submits).toEqual(['A lion']);
});

describe('an order of several videos', () => {
	/** A run whose first try failed to make one of two videos. */
	async function withLostPart(): Promise<Run> {
		const run = new Run();
		run.orders = [orderOf('A tiger', { generations: 2 })];
		run.setting = { tries: 3 };
		const first = await run.pass();
		run.fake.jobs[0].end = FAILED;
		const results = await run.untilEnd(first);
		expect(results).toMatchObject([{ ok: false, status: 'failed' }, { ok: true }]);
		return run;
	}

	test('submits only the failed video again in a retry', async () => {
		const run = await withLostPart();
		const results = await run.untilEnd(await run.pass());
		expect(run.fake.submits).toHaveLength(2);
		expect(results.map(({ ok, job }) => [ok, job?.requestId])).toEqual([
			[true, 'job 2'],
			[true, 'job 3'],
		]);
	});

	test('delivers one video of an item and reports that the other one was refused', async () => {
		const run = await withLostPart();
		run.fake.find('job 2')!.endsAt = run.process.now() + 5 * MINUTE;
		run.fake.answers['A tiger'] = ['refuse'];
		const retry = await run.pass();
		expect(pendingOf(retry)).toEqual([[0, 'job 2', 'running']]);
		const results = await run.untilEnd(retry);
		expect(run.fake.submits).toHaveLength(2);
		expect(results).toMatchObject([
			{ ok: true, job: { requestId: 'job 2' } },
			{ ok: false, problem: { said: expect.stringContaining('refuse') } },
		]);
	});
});

describe('a submit with an unknown outcome', () => {
	test('is searched for at later wakes until its job is found', async () => {
		const run = new Run('A tiger', 'A lion');
		run.fake.answers['A tiger'] = [{ listedAfterMs: 2.5 * MINUTE }];
		run.fake.takesMs['A tiger'] = 6 * MINUTE;
		const first = await run.pass();
		expect(pendingOf(first)).toEqual([
			[0, undefined, 'unknown'],
			[1, 'job 2', 'running'],
		]);
		expect(run.fake.lists).toBe(0);
		const results = await run.untilEnd(first);
		expect(results).toMatchObject([
			{ index: 0, ok: true, job: { requestId: 'job 1' } },
			{ index: 1, ok: true },
		]);
		expect(run.fake.submits).toHaveLength(2);
	});

	test('is searched for over five minutes, and never sent again', async () => {
		const run = new Run('A tiger');
		run.fake.answers['A tiger'] = ['lose'];
		const results = await run.untilEnd(await run.pass());
		expect(results).toMatchObject([{ ok: false, open: true }]);
		expect(run.minutes()).toBeGreaterThanOrEqual(5);
		expect(run.minutes()).toBeLessThan(7);
		expect(run.fake.submits).toHaveLength(1);
	});

	test('does not delay the videos of other items after the search has ended', async () => {
		const run = new Run('A tiger', 'A lion');
		run.fake.answers['A tiger'] = ['lose'];
		run.fake.takesMs['A lion'] = 15 * MINUTE;
		const results = await run.untilEnd(await run.pass());
		expect(results).toMatchObject([
			{ ok: false, open: true },
			{ ok: true, job: { requestId: 'job 1' } },
		]);
		expect(run.minutes()).toBeLessThan(25);
		expect(run.fake.submits).toHaveLength(2);
	});

	test('is searched for again in a retry after it has failed the run', async () => {
		const run = new Run('A tiger', 'A lion');
		run.setting = { failFast: true, tries: 2 };
		run.fake.answers['A tiger'] = [{ listedAfterMs: 10 * MINUTE }];
		run.fake.takesMs['A tiger'] = 20 * MINUTE;
		run.fake.takesMs['A lion'] = 20 * MINUTE;
		const results = await run.untilEnd(await run.pass());
		expect(results.filter(({ ok }) => !ok)).toMatchObject([{ index: 0, open: true }]);
		expect(run.memory().parking()).toBeUndefined();

		run.process.time.now += 10 * MINUTE;
		const retried = await run.untilEnd(await run.pass());
		expect(retried).toMatchObject([
			{ ok: true, job: { requestId: 'job 1' } },
			{ ok: true, job: { requestId: 'job 2' } },
		]);
		expect(run.fake.submits).toHaveLength(2);
	});
});

describe('the timeout', () => {
	test('includes the time over all wakes, and leaves the job running', async () => {
		const run = new Run('A tiger', 'A lion');
		run.fake.takesMs['A tiger'] = 60 * MINUTE;
		const results = await run.untilEnd(await run.pass());
		expect(results).toMatchObject([
			{ ok: false, status: 'running', job: { requestId: 'job 1' } },
			{ ok: true },
		]);
		expect(run.minutes()).toBeGreaterThanOrEqual(30);
		expect(run.minutes()).toBeLessThan(31);
		expect(run.fake.jobs[0].isCancelled).toBeUndefined();
		expect(
			run
				.memory()
				.jobs()
				.map(({ job }) => job.requestId),
		).toContain('job 1');
	});

	test('cancels the job if the option is set', async () => {
		const run = new Run('A tiger');
		run.setting = { cancelOnTimeout: true };
		run.fake.takesMs['A tiger'] = 60 * MINUTE;
		const results = await run.untilEnd(await run.pass());
		expect(results).toMatchObject([{ ok: false, status: 'cancelled' }]);
		expect(run.fake.jobs[0].isCancelled).toBe(true);
	});

	test('does not discard a video that was ready before a late wake', async () => {
		const run = new Run('A tiger');
		run.fake.takesMs['A tiger'] = 10 * MINUTE;
		await run.pass();
		run.process.time.now += 24 * 60 * MINUTE;
		expect(await run.pass()).toMatchObject({ end: 'results', results: [{ ok: true }] });
	});
});

describe('Stop', () => {
	test('before the first pass: submits nothing', async () => {
		const run = new Run('A tiger');
		run.setting = { signal: AbortSignal.abort() };
		expect(await run.pass()).toEqual({ end: 'stopped' });
		expect(run.fake.submits).toEqual([]);
	});

	test('during a poll: cancels the jobs, and the run is no longer parked', async () => {
		const run = new Run('A tiger', 'A lion');
		await run.pass();
		const stop = new AbortController();
		run.setting = { signal: stop.signal };
		const { progress } = run.fake.provider;
		run.fake.provider.progress = async (...of) => {
			stop.abort();
			return await progress(...of);
		};
		expect(await run.pass()).toEqual({ end: 'stopped' });
		expect(run.fake.jobs.map(({ isCancelled }) => isCancelled)).toEqual([true, true]);
		expect(run.memory().parking()).toBeUndefined();
	});

	test('is followed by one new submit per video when the run starts again', async () => {
		const run = new Run('A tiger', 'A lion');
		await run.pass();
		run.setting = { signal: AbortSignal.abort() };
		expect(await run.pass()).toEqual({ end: 'stopped' });
		expect(run.fake.jobs.map(({ isCancelled }) => isCancelled)).toEqual([true, true]);

		run.setting = {};
		run.execution = '2';
		const results = await run.untilEnd(await run.pass());
		expect(results).toMatchObject([
			{ ok: true, job: { requestId: 'job 3' } },
			{ ok: true, job: { requestId: 'job 4' } },
		]);
		expect(run.fake.submits).toHaveLength(4);
	});
});

describe('the tries', () => {
	test('are counted over all wakes, and nothing is submitted after the last one', async () => {
		const run = new Run('A tiger');
		run.setting = { tries: 2 };
		run.fake.ends['A tiger'] = FAILED;
		for (let attempt = 0; attempt < 2; attempt++) {
			expect(await run.untilEnd(await run.pass())).toMatchObject([{ ok: false, status: 'failed' }]);
		}
		expect(run.fake.submits).toHaveLength(2);
		expect(await run.untilEnd(await run.pass())).toMatchObject([{ ok: false, status: 'failed' }]);
		expect(run.fake.submits).toHaveLength(2);
	});

	test('do not prevent the output of a finished video when none is left', async () => {
		const run = new Run('A tiger', 'A lion');
		run.fake.ends['A lion'] = FAILED;
		await run.untilEnd(await run.pass());
		const last = await run.pass();
		expect(last).toMatchObject({ end: 'results' });
		expect(await run.untilEnd(last)).toMatchObject([
			{ ok: true, job: { requestId: 'job 1' } },
			{ ok: false },
		]);
	});

	test('start again in a retry of the execution', async () => {
		const run = new Run('A tiger');
		run.fake.ends['A tiger'] = FAILED;
		await run.untilEnd(await run.pass());
		delete run.fake.ends['A tiger'];
		run.execution = '2';
		expect(await run.untilEnd(await run.pass())).toMatchObject([{ ok: true }]);
		expect(run.fake.submits).toHaveLength(2);
	});
});

describe('the end time of a job', () => {
	const completedAt = (results: Array<Result<unknown>>) => results.map(({ outcome }) => outcome?.completedAt);

	test('is the time of the pass that noticed the end, not of a later pass', async () => {
		const run = new Run('A tiger', 'A lion');
		run.fake.takesMs['A lion'] = 10 * MINUTE;
		const [tiger, lion] = completedAt(await run.untilEnd(await run.pass()));
		expect(tiger).toBe(run.startedAt + MINUTE);
		expect(lion).toBeGreaterThanOrEqual(run.startedAt + 10 * MINUTE);
	});

	test('is unknown if a job of an earlier run had ended before the first pass', async () => {
		const earlier = new Run('A tiger', 'A lion');
		earlier.fake.takesMs['A lion'] = 10 * MINUTE;
		await earlier.pass();
		earlier.process.time.now += 2 * MINUTE;
		const jobs = earlier.fake.jobs.map(({ job }) => ({ ...job, submittedAt: 0 }));
		earlier.context = {};
		earlier.tasksFor = () => jobs.map((job, index) => ({ index, job }));
		const [tiger, lion] = completedAt(await earlier.untilEnd(await earlier.pass()));
		expect(tiger).toBeUndefined();
		expect(lion).toBeGreaterThanOrEqual(earlier.startedAt + 10 * MINUTE);
	});
});

describe('a parked run wakes', () => {
	const wakeMs = async (run: Run) => {
		const passed = await run.pass();
		expect(passed.end).toBe('pending');
		return (passed as Pass & { end: 'pending' }).wakeAt - run.process.now();
	};

	test('after a minute at first, and at most five minutes apart later', async () => {
		const run = new Run('A tiger');
		run.setting = { timeoutMs: 120 * MINUTE };
		run.fake.takesMs['A tiger'] = 60 * MINUTE;
		const pauses: number[] = [];
		for (let wakes = 0; wakes < 15; wakes++) {
			pauses.push((await wakeMs(run)) / MINUTE);
			run.process.time.now += pauses[wakes] * MINUTE;
		}
		expect(pauses[0]).toBe(1);
		expect(pauses).toEqual([...pauses].sort((one, other) => one - other));
		expect(Math.max(...pauses)).toBe(5);
	});

	test('at its deadline at the latest', async () => {
		const run = new Run('A tiger');
		run.setting = { timeoutMs: 1.5 * MINUTE, pollIntervalSeconds: 3_600 };
		expect(await wakeMs(run)).toBe(1.5 * MINUTE);
	});

	test('after the interval that the user set, but not within a minute', async () => {
		const run = new Run('A tiger');
		run.setting = { pollIntervalSeconds: 10 };
		expect(await wakeMs(run)).toBe(MINUTE);
		run.setting = { pollIntervalSeconds: 600 };
		expect(await wakeMs(run)).toBe(10 * MINUTE);
	});
});
