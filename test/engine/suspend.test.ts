import { ExecuteContext } from 'n8n-core';
import type { IDataObject, INode, INodeExecutionData, IRunExecutionData } from 'n8n-workflow';

import type { RecordedRequest } from '../../sandbox';
import { finish, holding, sleep, until } from '../sandbox/support';
import { runNode, type EngineOptions, type EngineRun } from '../../harness/engine/engine';
import { runToEnd, saved, wake, type Wake } from '../../harness/engine/parked';
import { items, useSuspending } from './suspending';

/**
 * Wait Mode "Suspend" in n8n's engine. A run that is parked, saved and resumed must return exactly the same as a run
 * that waits.
 */

const PROVIDERS = ['fal', 'oxen'] as const;
const NUMBERED: IDataObject = { prompt: '=Number {{ $json.number }}' };
const CONTINUES: Partial<INode> = { onError: 'continueRegularOutput' };
const IMAGE = { data: Buffer.from('an image').toString('base64'), mimeType: 'image/png' };
const MINUTE = 60_000;

const { sandbox, jobs, suspended } = useSuspending();

function requests(endpoint: string) {
	return sandbox.requests.filter((request) => request.endpoint === endpoint);
}

/** Items without the values that differ between runs, to compare two runs. */
function comparable(output: INodeExecutionData[]) {
	const volatile = [
		'requestId',
		'videoUrl',
		'url',
		'fileName',
		'submittedAt',
		'completedAt',
		'queueSeconds',
		'runSeconds',
	];
	const text = JSON.stringify(output, (key, value: unknown) =>
		volatile.includes(key) || (key === 'id' && typeof value === 'string') ? `<${key}>` : value,
	);
	return JSON.parse(text) as INodeExecutionData[];
}

/** Parks a run. Its jobs are held, so that it parks even on a slow machine. */
async function park(options: EngineOptions): Promise<EngineRun> {
	jobs.seconds = [600];
	const parked = await runNode(options);
	expect(parked.run.status).toBe('waiting');
	return parked;
}

/**
 * Runs the node to its end, and parks it in between. At each wake, the next listed jobs have ended. Without a list, all
 * of them have.
 */
async function parkAndWake(
	options: EngineOptions,
	by: Wake = 'time',
	endings: number[][] = [],
): Promise<EngineRun & { passes: number }> {
	let pass = await park(options);
	let passes = 1;
	for (; pass.run.waitTill; passes++) {
		const ending = endings.shift() ?? sandbox.jobs.keys();
		for (const place of ending) await finish(sandbox, sandbox.jobs[place]);
		pass = await wake(saved(pass), options, by);
	}
	return { ...pass, passes };
}

/** Simulates time passing for a parked execution by moving the start of its wait back. */
function backdate(data: IRunExecutionData, ms: number): IRunExecutionData {
	const context = data.executionData!.contextData['node:Luma Ray'];
	const [{ parking }] = Object.values(
		context.lumaRayRuns as { [run: string]: { parking: { since: number } } },
	);
	parking.since -= ms;
	return data;
}

function prompts({ items: output }: EngineRun): unknown[] {
	return output.map(({ json }) => (json.parameters as IDataObject).prompt);
}

describe.each(PROVIDERS)('a suspended run at %s', (provider) => {
	describe.each<Wake>(['time', 'delivery'])('when woken by %s', (by) => {
		test('returns the same as Wait, including the videos', async () => {
			const parameters = { provider, downloadVideo: true, ...NUMBERED };
			const waited = await runNode({ ...suspended(), parameters, items: items(2) });
			sandbox.reset();
			const woken = await parkAndWake(suspended({ parameters, items: items(2) }), by);

			expect(woken.error).toBeUndefined();
			expect(woken.passes).toBeGreaterThan(1);
			expect(comparable(woken.items)).toEqual(comparable(waited.items));
			expect(woken.items[0].binary).toMatchObject({ data: { mimeType: 'video/mp4' } });
		});

		test('returns items in the order of the input when their jobs end at different times', async () => {
			const woken = await parkAndWake(
				suspended({ parameters: { provider, ...NUMBERED, options: { concurrency: 1 } }, items: items(3) }),
				by,
				[[1], [2], [0]],
			);

			expect(woken.passes).toBe(4);
			expect(prompts(woken)).toEqual(['Number 0', 'Number 1', 'Number 2']);
			expect(woken.items.map(({ pairedItem }) => pairedItem)).toEqual([
				{ item: 0 },
				{ item: 1 },
				{ item: 2 },
			]);
			expect(sandbox.jobs).toHaveLength(3);
			expect(woken.data.resultData.runData['Luma Ray']).toHaveLength(1);
		});
	});

	test('shows its pending jobs while it is parked', async () => {
		const startedAt = Date.now();
		const { run, items: pending } = await park(
			suspended({ parameters: { provider, ...NUMBERED }, items: items(2) }),
		);

		expect(run.waitTill!.getTime() - startedAt).toBeGreaterThanOrEqual(60_000);
		expect(pending).toHaveLength(2);
		expect(pending).toEqual(
			pending.map(({ json: { status } }, item) => ({
				json: {
					provider,
					requestId: expect.any(String),
					status: expect.stringMatching(/^(queued|running)$/),
					queuePosition: provider === 'fal' && status === 'queued' ? expect.any(Number) : null,
					submittedAt: expect.any(String),
					waitingSince: expect.any(String),
				},
				pairedItem: { item },
			})),
		);
		expect(pending.map(({ json }) => json.requestId).sort()).toEqual(sandbox.jobs.map(({ id }) => id).sort());
	});

	test('shows fewer pending jobs after each wake', async () => {
		jobs.seconds = [0.1, 600];
		const options = suspended({
			parameters: { provider, ...NUMBERED, options: { concurrency: 1 } },
			items: items(2),
		});
		const parked = await runNode(options);
		await until(() => sandbox.jobs[0].completedAt);
		const again = await wake(saved(parked), options);

		expect(again.run.status).toBe('waiting');
		expect(again.items.map(({ json }) => json.requestId)).toEqual([sandbox.jobs[1].id]);
	});

	test('submits a refused item once and returns it in its place, even if the run parks several times', async () => {
		const service = provider;
		const fault = {
			kind: 'status',
			code: 422,
			body: { detail: 'Refused', error: { title: 'Refused' } },
		} as const;
		sandbox.faults.add({
			service,
			endpoint: 'submit',
			match: ({ body }) => JSON.stringify(body).includes('Number 1'),
			fault,
		});
		const woken = await parkAndWake(
			suspended({ node: CONTINUES, parameters: { provider, ...NUMBERED }, items: items(3) }),
		);

		expect(woken.passes).toBeGreaterThan(1);
		expect(woken.items.map(({ json }) => json.status ?? json.error)).toEqual([
			'succeeded',
			expect.any(String),
			'succeeded',
		]);
		expect(requests('submit')).toHaveLength(3);
	});

	test('sends failed items to the error output and the others to the first output', async () => {
		sandbox.faults.add({
			endpoint: 'submit',
			match: ({ body }) => JSON.stringify(body).includes('Number 0'),
			fault: { kind: 'status', code: 422, body: { detail: 'Refused' } },
		});
		const { items: good, errorItems } = await runToEnd(
			suspended({
				node: { onError: 'continueErrorOutput' },
				parameters: { provider, ...NUMBERED },
				items: items(2),
			}),
		);

		expect(good.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }]);
		expect(errorItems.map(({ json }) => json.error)).toEqual([expect.any(String)]);
	});

	test.each(['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'] as const)(
		'pays once per try under Retry On Fail, regardless of the number of wakes (%s)',
		async (onError) => {
			jobs.seconds = [0.1];
			sandbox.faults.add({ endpoint: 'submit', fault: { kind: 'jobFails', message: 'No such tiger' } });
			const options = suspended({
				node: { retryOnFail: true, maxTries: 2, waitBetweenTries: 10, onError },
				parameters: { provider, prompt: '=Seed {{ Math.random() }}' },
			});
			const { error, items: good, errorItems, run } = await runToEnd(options);

			expect(sandbox.jobs).toHaveLength(2);
			const [, last] = sandbox.jobs.map(({ id }) => id);
			const told = onError === 'stopWorkflow' ? error : [...good, ...errorItems].map(({ json }) => json);
			expect(JSON.stringify(told)).toContain('No such tiger');
			expect(JSON.stringify(told)).toContain(last);
			expect(run.waitTill).toBeUndefined();
		},
	);

	test('returns a finished video if another item fails in every try, even if expressions change', async () => {
		jobs.seconds = [0.1];
		const isFirst = ({ body }: RecordedRequest) => JSON.stringify(body).includes('Number 0');
		sandbox.faults.add({
			endpoint: 'submit',
			match: isFirst,
			fault: { kind: 'jobFails', message: 'No tiger' },
		});
		const { items: output } = await runToEnd(
			suspended({
				node: { ...CONTINUES, retryOnFail: true, maxTries: 2, waitBetweenTries: 10 },
				parameters: { provider, prompt: '=Number {{ $json.number }}, {{ Math.random() }}' },
				items: items(2),
			}),
		);

		expect(sandbox.jobs).toHaveLength(3);
		const [bad, good] = output.map(({ json }) => json);
		expect(bad).toMatchObject({
			error: expect.stringContaining('No tiger'),
			details: { status: 'failed', requestId: expect.any(String) },
		});
		expect(good).toMatchObject({ status: 'succeeded' });
	});

	test('pays once and returns the original parameters if expressions change at each wake', async () => {
		const woken = await parkAndWake(
			suspended({ parameters: { provider, prompt: '=Seed {{ Math.random() }}' } }),
		);

		expect(woken.passes).toBeGreaterThan(1);
		expect(sandbox.jobs).toHaveLength(1);
		expect(prompts(woken)).toEqual([sandbox.jobs[0].input.prompt]);
	});

	test('keeps a finished video even if the provider no longer knows its job at a later wake', async () => {
		jobs.seconds = [0.1, 600];
		const options = suspended({
			node: CONTINUES,
			parameters: { provider, ...NUMBERED, options: { concurrency: 1 } },
			items: items(2),
		});
		const parked = await runNode(options);
		await until(() => sandbox.jobs[0].completedAt);
		const again = await wake(saved(parked), options);
		expect(again.run.status).toBe('waiting');
		for (const endpoint of ['status', 'result', 'generation', 'generations', 'queueList'] as const) {
			sandbox.faults.add({ endpoint, fault: { kind: 'notFound' } });
		}
		const { items: output } = await wake(backdate(saved(again), 31 * MINUTE), options);

		expect(output.map(({ json }) => json.status ?? json.error)).toEqual([
			'succeeded',
			expect.stringContaining('not ready after 30 minutes'),
		]);
		expect(output[0].json).toMatchObject({ requestId: sandbox.jobs[0].id, videoUrl: expect.any(String) });
	});

	test('waits for a job that the provider cannot find at first', async () => {
		jobs.seconds = [600];
		sandbox.faults.add({ endpoint: 'status', nth: [1, 2], fault: { kind: 'notFound' } });
		sandbox.faults.add({ endpoint: 'generation', nth: [1, 2], fault: { kind: 'notFound' } });
		const options = suspended({ parameters: { provider, ...NUMBERED }, items: items(2) });
		const parked = await runNode(options);
		expect(parked.run.status).toBe('waiting');
		expect(sandbox.jobs).toHaveLength(2);
	});

	test('names its job in the error if it wakes without a credential', async () => {
		const options = suspended({ parameters: { provider } });
		const parked = await park(options);
		const { error } = await wake(saved(parked), { ...options, credentials: {} });

		expect(error?.message).toMatch(/^Credential .* does not exist/);
		expect(error?.description).toContain(sandbox.jobs[0].id);
		expect(error?.description).toContain('Generation: Wait');
	});

	test('names all its jobs in the items if it wakes without a credential under Continue On Fail', async () => {
		const options = suspended({
			node: CONTINUES,
			parameters: { provider, ...NUMBERED, options: { concurrency: 1 } },
			items: items(2),
		});
		const parked = await park(options);
		const { error, items: output } = await wake(saved(parked), { ...options, credentials: {} });

		expect(error).toBeUndefined();
		expect(output.map(({ json }) => json.error)).toEqual(
			Array(2).fill(expect.stringMatching(/^Credential .* does not exist/)),
		);
		expect(output.map(({ json }) => (json.details as IDataObject).requestId)).toEqual(
			sandbox.jobs.map(({ id }) => id),
		);
	});

	test('ignores parameters and budgets that became invalid after its jobs were paid for', async () => {
		const refused = { kind: 'status', code: 422, body: { detail: 'Refused' } } as const;
		sandbox.faults.add({ service: provider, endpoint: 'submit', nth: 1, fault: refused });
		const options = suspended({
			node: CONTINUES,
			parameters: { provider, ...NUMBERED, options: { maxCostUsd: 1, concurrency: 1 } },
			items: items(2),
		});
		const parked = await park(options);
		await finish(sandbox);
		const now = { prompt: '={{ undefined }}', imageUrl: '={{ "" }}', options: { maxCostUsd: 0.1 } };
		const { error, items: output } = await wake(saved(parked), {
			...options,
			parameters: { ...options.parameters, ...now },
		});

		expect(error).toBeUndefined();
		expect(output.map(({ json }) => json.error ?? json.cost)).toEqual([
			expect.any(String),
			{ estimatedUsd: 0.5, source: 'live', actualUsd: 0.5 },
		]);
		expect(sandbox.jobs).toHaveLength(1);
	});

	test('does not pay again for a job that was cancelled while it was parked', async () => {
		jobs.seconds = [600];
		const options = suspended({ parameters: { provider } });
		const parked = await runNode(options);
		const { id: requestId } = sandbox.jobs[0];
		await runNode({
			...options,
			parameters: { resource: 'generation', operation: 'cancel', provider, requestId },
		});
		const { error } = await wake(saved(parked), options);

		expect(error?.message).toMatch(/cancel/i);
		expect(error?.description).toContain(requestId);
		expect(sandbox.jobs).toHaveLength(1);
	});

	test('waits for an existing job by its request ID', async () => {
		jobs.seconds = [600];
		const options = suspended({ parameters: { provider, waitMode: 'submit' } });
		const [{ json }] = (await runNode(options)).items;
		const woken = await parkAndWake(
			suspended({
				parameters: { resource: 'generation', operation: 'wait', provider, requestId: json.requestId },
			}),
		);

		expect(woken.passes).toBeGreaterThan(1);
		expect(woken.items[0].json).toMatchObject({ status: 'succeeded', requestId: json.requestId });
	});

	test('resumes its jobs on Retry On Fail after a wake', async () => {
		sandbox.faults.add({ endpoint: 'result', nth: [2, 3], fault: { kind: 'status', code: 401, body: {} } });
		const woken = await runToEnd(
			suspended({
				node: { retryOnFail: true, maxTries: 3, waitBetweenTries: 10 },
				parameters: { provider, ...NUMBERED },
				items: items(2),
			}),
		);

		expect(woken.error).toBeUndefined();
		expect(sandbox.jobs).toHaveLength(2);
	});
});

/** Workflows from before n8n 1.0 have order v0. Imported workflows may have no order, which n8n treats as v0. */
describe.each(['v1', 'v0', undefined] as const)(
	'a suspended run in a workflow of execution order %s',
	(executionOrder) => {
		const settings = { executionOrder };

		test.each<[Wake, Partial<INode>]>([
			['time', {}],
			['delivery', {}],
			['time', { alwaysOutputData: true }],
			['delivery', { alwaysOutputData: true }],
			['time', { alwaysOutputData: true, executeOnce: true }],
			['time', { alwaysOutputData: true, onError: 'continueErrorOutput' }],
		])('wakes by %s, pays once and ends once with the settings %j', async (by, node) => {
			const options = suspended({ node, settings, parameters: NUMBERED, items: items(2) });
			const waited = await runNode({ ...options, parameters: { ...NUMBERED, waitMode: 'wait' } });
			sandbox.reset();
			const woken = await runToEnd(options, by);

			expect(woken.error).toBeUndefined();
			expect(woken.run.status).toBe('success');
			expect(woken.passes).toBeGreaterThan(1);
			expect(comparable(woken.items)).toEqual(comparable(waited.items));
			expect(woken.data.resultData.runData['Luma Ray']).toHaveLength(1);
			expect(sandbox.jobs).toHaveLength(waited.items.length);
		});
	},
);

test('a parked run finds its jobs even if n8n kept an extra run of the node when it woke', async () => {
	const options = suspended({ parameters: NUMBERED, items: items(2) });
	const parked = await runNode(options);
	await until(() => sandbox.jobs.every(({ completedAt }) => completedAt));
	const data = saved(parked);
	const { 'Luma Ray': runs } = data.resultData.runData;
	// n8n removes the last run at a wake, so one stays.
	runs.push(structuredClone(runs[0]));
	const { run, items: output } = await wake(data, options);

	expect(run.status).toBe('success');
	expect(prompts({ items: output } as EngineRun)).toEqual(['Number 0', 'Number 1']);
	expect(sandbox.jobs).toHaveLength(2);
});

test('a suspended run waits for every generation of an item and returns them all', async () => {
	const parameters = { provider: 'oxen', ...NUMBERED, options: { numGenerations: 2 } };
	const { items: output, passes } = await parkAndWake(suspended({ parameters, items: items(2) }));

	expect(passes).toBeGreaterThan(1);
	expect(output.map(({ json, pairedItem }) => [json.status, pairedItem])).toEqual(
		[0, 0, 1, 1].map((item) => ['succeeded', { item }]),
	);
	expect(requests('submit')).toHaveLength(2);
});

describe('the timeout of a suspended run', () => {
	beforeEach(() => (jobs.seconds = [600]));

	test('includes all the time that the run is parked', async () => {
		const options = suspended({ parameters: { options: { timeoutMinutes: 30 } } });
		const parked = await runNode(options);
		const again = await wake(backdate(saved(parked), 20 * MINUTE), options);
		expect(again.run.status).toBe('waiting');
		const { error } = await wake(backdate(saved(again), 11 * MINUTE), options);

		expect(error?.message).toContain('not ready after 30 minutes');
		expect(error?.description).toContain(sandbox.jobs[0].id);
		expect(sandbox.jobs[0].cancelRequestedAt).toBeUndefined();
	});

	test('limits the time until the next wake', async () => {
		const options = suspended({ parameters: { options: { timeoutMinutes: 0.5 } } });
		const { run } = await runNode(options);

		expect(run.waitTill!.getTime() - Date.now()).toBeLessThanOrEqual(0.5 * MINUTE);
	});

	test('cancels the jobs if Cancel on Timeout is on', async () => {
		const options = suspended({ parameters: { options: { cancelOnTimeout: true } } });
		const parked = await runNode(options);
		const { error } = await wake(backdate(saved(parked), 31 * MINUTE), options);

		expect(error?.message).toContain('not ready after 30 minutes');
		expect(sandbox.jobs[0].status).toBe('cancelled');
	});

	test('applies to each try under Retry On Fail, regardless of the number of wakes', async () => {
		const options = suspended({ node: { retryOnFail: true, maxTries: 2, waitBetweenTries: 10 } });
		const parked = await runNode(options);
		const again = await wake(backdate(saved(parked), 31 * MINUTE), options);
		expect(again.run.status).toBe('waiting');
		const { error, run } = await wake(backdate(saved(again), 31 * MINUTE), options);

		expect(run.waitTill).toBeUndefined();
		expect(error?.message).toContain('not ready after 30 minutes');
		expect(sandbox.jobs).toHaveLength(1);
	});

	test('does not fail a video that was ready before a late wake', async () => {
		const options = suspended();
		const parked = await park(options);
		await finish(sandbox);
		const { items: output } = await wake(backdate(saved(parked), 60 * MINUTE), options);

		expect(output[0].json).toMatchObject({ status: 'succeeded' });
	});
});

describe('the time until the next wake', () => {
	async function secondsToWake(ageMinutes: number, options: IDataObject = {}): Promise<number> {
		jobs.seconds = [600];
		// Stops the clock, so that the duration of the test does not matter.
		vi.spyOn(Date, 'now').mockReturnValue(Date.now());
		const run = suspended({ parameters: { options } });
		const data = saved(await runNode(run));
		const older = JSON.stringify(data.executionData!.contextData).replace(
			/"submittedAt":(\d+)/g,
			(_, at: string) => `"submittedAt":${Number(at) - ageMinutes * MINUTE}`,
		);
		data.executionData!.contextData = JSON.parse(older) as never;
		const again = await wake(data, run);
		return (again.run.waitTill!.getTime() - Date.now()) / 1000;
	}

	test.each([
		[0, 60],
		[8, 120],
		[60, 300],
	])('for a job of %d minutes is %d seconds', async (ageMinutes, seconds) => {
		expect(await secondsToWake(ageMinutes)).toBe(seconds);
	});

	test('follows Poll Interval, but is at least a minute', async () => {
		expect(await secondsToWake(0, { pollIntervalSeconds: 200 })).toBe(200);
		expect(await secondsToWake(0, { pollIntervalSeconds: 5 })).toBe(60);
	});
});

describe('a status check that fails temporarily', () => {
	test('is not repeated right after the submit, because nothing is saved before the run parks', async () => {
		jobs.seconds = [600];
		sandbox.faults.add({ endpoint: 'status', fault: { kind: 'status', code: 503, body: {} } });
		const { run, items: pending } = await runNode(suspended());

		expect(run.status).toBe('waiting');
		expect(pending[0].json).toMatchObject({ status: 'unknown', requestId: sandbox.jobs[0].id });
		expect(requests('status')).toHaveLength(1);
	});

	test('leaves the run parked and shows its job as unknown', async () => {
		jobs.seconds = [600];
		const options = suspended();
		const parked = await runNode(options);
		sandbox.faults.add({ endpoint: 'status', fault: { kind: 'status', code: 503, body: {} } });
		const again = await wake(saved(parked), options);

		expect(again.run.status).toBe('waiting');
		expect(again.items[0].json).toMatchObject({ status: 'unknown', requestId: sandbox.jobs[0].id });
	});
});

describe('Stop while a suspended run polls its jobs', () => {
	test.each([
		['cancels its job', true],
		['does not cancel its job if the option says so', false],
	])('%s', async (_what, cancelOnStop) => {
		jobs.seconds = [600];
		const options = suspended({ parameters: { options: { cancelOnStop } } });
		const parked = await runNode(options);
		const { fault } = holding();
		sandbox.faults.add({ endpoint: 'status', fault });
		const looks = requests('status').length;
		await wake(saved(parked), {
			...options,
			onStart: (execution) =>
				void until(() => requests('status').length > looks).then(() => execution.cancel()),
		});

		if (cancelOnStop) await until(() => sandbox.jobs[0].status === 'cancelled', 'the cancel');
		// Cancels are sent in the background.
		await sleep(500);
		expect(sandbox.jobs[0].cancelRequestedAt !== undefined).toBe(cancelOnStop);
	});
});

describe('a parked run that n8n resumes', () => {
	test('continues only once if n8n 1.x resumes it twice at the same time', async () => {
		const options = suspended({ items: items(2) });
		const parked = await park(options);
		for (const job of sandbox.jobs) await finish(sandbox, job);
		const both = await Promise.all([wake(saved(parked), options), wake(saved(parked), options, 'delivery')]);

		expect(both.map(({ items: output }) => output.length).sort()).toEqual([0, 2]);
		expect(both.map(({ error }) => error)).toEqual([undefined, undefined]);
		expect(sandbox.jobs).toHaveLength(2);
	});

	describe('if a future n8n resumes the node as disabled and does not run it', () => {
		test('returns each job with its status, and nothing of the input', async () => {
			jobs.seconds = [0.1, 600];
			const options = suspended({ parameters: { options: { concurrency: 1 } }, items: items(2) });
			const first = saved(await runNode(options));
			await until(() => sandbox.jobs[0].completedAt);
			const parked = saved(await wake(first, options));
			for (const { node } of parked.executionData!.nodeExecutionStack) node.disabled = true;
			const { items: output, run } = await wake(parked, options);

			expect(run.status).toBe('success');
			const [ended, running] = sandbox.jobs.map(({ id }) => id);
			expect(output.map(({ json }) => json)).toEqual([
				expect.objectContaining({ status: 'running', requestId: running }),
				expect.objectContaining({ status: 'succeeded', requestId: ended }),
			]);
			expect(JSON.stringify(output)).not.toContain('"number"');
		});

		test('returns nothing if the stack entry of this package is gone', async () => {
			const parked = saved(await park(suspended({ items: items(2) })));
			parked.executionData!.nodeExecutionStack.splice(1);
			const { items: output, run } = await wake(parked, suspended());

			expect(output).toEqual([]);
			expect(JSON.stringify(run.data.resultData.runData['Luma Ray'] ?? [])).not.toContain('"number"');
		});
	});

	test.each<[string, Partial<INode>]>([
		['', {}],
		[', with Execute Once', { executeOnce: true }],
	])('reads the same input and expressions as before it parked%s', async (_how, node) => {
		const parameters = {
			...NUMBERED,
			imageSource: 'binary',
			downloadVideo: true,
			outputBinaryField:
				"=video{{ $json.number }}of{{ $input.all().length }}_{{ $('Start').item.json.number }}",
		};
		const input = items(2).map((item) => ({ ...item, binary: { data: IMAGE } }));
		const options = suspended({ node, parameters, items: input });
		const waited = await runNode({ ...options, parameters: { ...parameters, waitMode: 'wait' } });
		sandbox.reset();
		const woken = await parkAndWake(options);

		expect(woken.error).toBeUndefined();
		expect(woken.passes).toBeGreaterThan(1);
		const names = woken.items.flatMap(({ binary }) => Object.keys(binary ?? {}));
		expect(names).toEqual(waited.items.flatMap(({ binary }) => Object.keys(binary ?? {})));
		expect(names[0]).toBe('video0of2_0');
	});
});

describe('the node waits and shows a hint if n8n cannot park the execution', () => {
	async function hintOf(options: Partial<EngineOptions>): Promise<string> {
		const { run, items: output } = await runNode(suspended(options));
		expect(run.waitTill).toBeUndefined();
		expect(output[0].json).toMatchObject({ status: 'succeeded' });
		return run.data.resultData.runData['Luma Ray'][0].hints!.map(({ message }) => message).join();
	}

	test('when the node is a tool of an AI agent', async () => {
		expect(await hintOf({ node: { type: 'lumaRayTool' } })).toMatch(/not suspended.*AI agent/);
	});

	test('when the workflow uses Engine v2', async () => {
		expect(await hintOf({ settings: { engineType: 'v2' } as never })).toMatch(/not suspended.*engine/);
	});

	test('when n8n stores executions in a different way', async () => {
		vi.spyOn(ExecuteContext.prototype, 'getExecuteData').mockReturnValue(undefined as never);
		expect(await hintOf({})).toMatch(/not suspended.*a different way/);
	});
});

describe('the callback URL for fal', () => {
	async function addressFor(options: IDataObject, parameters: IDataObject = {}): Promise<string | null> {
		await runNode(suspended({ parameters: { ...parameters, options } }));
		const { url } = requests('submit')[0];
		return new URL(url, 'http://sandbox').searchParams.get('fal_webhook');
	}

	test('is n8n’s resume URL of the execution, below the user’s own base URL', async () => {
		expect(await addressFor({ callback: 'custom', callbackBaseUrl: 'https://n8n.example.com/' })).toMatch(
			/^https:\/\/n8n\.example\.com\/webhook-waiting\/1/,
		);
	});

	test.each([
		['n8n has only a private address', { callback: 'auto' }, {}],
		['the user has turned it off', { callback: 'never' }, {}],
		[
			'the run is not suspended',
			{ callback: 'custom', callbackBaseUrl: 'https://n8n.example.com' },
			{ waitMode: 'submit' },
		],
	])('is not sent if %s', async (_case, options, parameters) => {
		expect(await addressFor(options, parameters)).toBeNull();
	});
});
