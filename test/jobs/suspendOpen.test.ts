import { openMemory, orderKey } from '../../nodes/LumaRay/jobs/memory';
import type { Problem } from '../../nodes/LumaRay/models/problem';
import type { Task } from '../../nodes/LumaRay/jobs/context';
import { runSuspended, type SuspendResult } from '../../nodes/LumaRay/jobs/suspend';
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

/**
 * A run that parks while the outcome of one of its submits is unknown. n8n saves nothing before the run parks, so
 * parking must not wait for the search.
 */

const JOB_SECONDS = 150;
const TIMEOUT_MS = 30 * 60_000;

const TASKS = ['Accepted', 'Unanswered'].map((prompt, index): Task => {
	const order = orderOf(prompt);
	return { index, order, key: orderKey('fal', index, order) };
});

interface Story {
	/** How each pass ended, and how many seconds that was after the start of the run. */
	passes: Array<{ end: SuspendResult<unknown>; seconds: number }>;
	/** The prompts in the order of their submits. */
	submits: string[];
}

/**
 * Runs two items pass by pass, as n8n does. The submit of the second item is not answered.
 * @param listedAfter seconds until the provider's list shows the job of that submit; Infinity if the provider never
 * accepted it
 */
async function run(listedAfter: number): Promise<Story> {
	const time = new VirtualTime();
	const clock = new Process(time, new Random(1));
	const beganAt = time.now;
	const story: Story = { passes: [], submits: [] };
	const listed: ListedJob[] = [];
	const provider: Partial<Provider> = {
		id: 'fal',
		catalogue: FAL,
		prepare: async (order) => ({ ok: true, value: { order, addresses: {} } }),
		jobsAsked: () => 1,
		submit: async ({ order }): Promise<Submission> => {
			const { prompt = '' } = order.input;
			story.submits.push(prompt);
			const submittedAt = time.now;
			if (prompt === 'Accepted') {
				return { result: 'accepted', jobs: [{ provider: 'fal', requestId: prompt, submittedAt }], raw: {} };
			}
			const entry: ListedJob = {
				model: 'animate',
				requestId: prompt,
				status: 'running',
				submittedAt,
				input: wireInput(FAL.models.animate, order.input).input,
				actualUsd: null,
				raw: {},
			};
			if (listedAfter < Infinity) time.at(submittedAt + listedAfter * 1000, () => listed.push(entry));
			return { result: 'open', problem: NO_ANSWER };
		},
		progress: async () => {
			return { ok: true, value: { phase: time.now < beganAt + JOB_SECONDS * 1000 ? 'running' : 'ended' } };
		},
		outcome: async () => ({ ok: true, value: { status: 'succeeded', actualUsd: null, raw: {} } }),
		skipsStatus: () => false,
		list: async () => ({ ok: true, value: [...listed] }),
		attach: (requestId) => ({ provider: 'fal', requestId, submittedAt: 0 }),
	};
	let context: { [key: string]: unknown } = {};
	const pass = async () => {
		// A copy, as after n8n has saved and loaded it.
		context = JSON.parse(JSON.stringify(context)) as typeof context;
		const end = await runSuspended(TASKS, {
			provider: provider as Provider,
			clock,
			signal: new AbortController().signal,
			memory: openMemory(context, { run: '0', execution: '1', parameters: {} }),
			follow: 'poll',
			timeoutMs: TIMEOUT_MS,
			cancelOnTimeout: false,
			cancelOnStop: false,
			concurrency: 10,
			failFast: false,
			tries: 1,
			log: () => undefined,
		});
		story.passes.push({ end, seconds: (time.now - beganAt) / 1000 });
		if (end.end === 'pending') time.at(end.wakeAt, () => void pass(), clock);
	};
	time.at(beganAt, () => void pass(), clock);
	while (await time.step());
	return story;
}

test('parks immediately even if the outcome of another submit is unknown', async () => {
	const [first] = (await run(Infinity)).passes;

	expect(first.seconds).toBeLessThan(1);
	expect(first.end).toMatchObject({
		end: 'pending',
		pending: expect.arrayContaining([expect.objectContaining({ index: 0 })]),
	});
});

test('finds the job of an unanswered submit at a wake, and outputs both videos', async () => {
	const { passes, submits } = await run(30);

	expect(passes.at(-1)!.end).toMatchObject({
		end: 'results',
		results: [
			{ index: 0, ok: true, job: { requestId: 'Accepted' } },
			{ index: 1, ok: true, job: { requestId: 'Unanswered' } },
		],
	});
	expect(submits).toEqual(['Accepted', 'Unanswered']);
});

test('reports an unknown outcome if no search finds the job, and does not submit it again', async () => {
	const { passes, submits } = await run(Infinity);
	const { end, seconds } = passes.at(-1)!;

	expect(end.end).toBe('results');
	const results = end.end === 'results' ? end.results : [];
	expect(results.find(({ index }) => index === 1)).toMatchObject({ ok: false, open: true });
	expect(results.find(({ index }) => index === 0)).toMatchObject({ ok: true });
	// The search ends long before Timeout, because a job that was never accepted must not delay the run by half an
	// hour.
	expect(seconds).toBeLessThan(JOB_SECONDS + 5 * 60);
	expect(submits).toEqual(['Accepted', 'Unanswered']);
});
