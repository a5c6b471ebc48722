import type { Result } from '../../nodes/LumaRay/jobs/context';
import { orderKey } from '../../nodes/LumaRay/jobs/memory';
import { runJobs } from '../../nodes/LumaRay/jobs/run';
import { newProcess, runIn, type Process } from '../support/virtualTime';
import { FakeProvider, memoryOf, orderOf, said } from './support';

/** The timeout of a run whose polls must keep waiting, because the provider keeps asking for pauses. */

const MINUTE = 60_000;

async function run(process: Process, fake: FakeProvider, timeoutMs: number) {
	const orders = ['A tiger', 'A lion'].map((prompt) => orderOf(prompt));
	return await runIn(process, async () => {
		const results = await runJobs<unknown>(
			orders.map((order, index) => ({ index, key: orderKey('fal', index, order), order })),
			{
				provider: fake.provider,
				clock: process,
				signal: new AbortController().signal,
				memory: memoryOf(),
				follow: 'auto',
				timeoutMs,
				cancelOnTimeout: true,
				cancelOnStop: true,
				concurrency: 10,
				failFast: false,
				log: () => undefined,
			},
		);
		return results as Array<Result<unknown> & { ok: false }>;
	});
}

test.each(['progress', 'outcome'] as const)(
	'ends the wait for a job when its %s request is stuck in the queue',
	async (method) => {
		const process = newProcess();
		const fake = new FakeProvider(process);
		const startedAt = process.now();
		fake.provider[method] = async (_job, signal) => {
			await process.sleep(24 * 60 * MINUTE, signal);
			return { ok: false, transient: false, problem: said('Stopped') };
		};
		const results = await run(process, fake, 10 * MINUTE);

		expect(results.map(({ problem }) => problem.name)).toEqual(['timedOut', 'timedOut']);
		expect(fake.jobs.every(({ isCancelled }) => isCancelled)).toBe(true);
		expect((process.now() - startedAt) / MINUTE).toBeLessThanOrEqual(16);
	},
);

test('lets a poll finish if its answer comes shortly after the timeout', async () => {
	const process = newProcess();
	const fake = new FakeProvider(process);
	const { progress } = fake.provider;
	fake.provider.progress = async (job, signal) => {
		await process.sleep(2 * MINUTE, signal);
		return await progress(job, signal);
	};
	const results = await run(process, fake, 1 * MINUTE);

	expect(results.map(({ ok }) => ok)).toEqual([true, true]);
});
