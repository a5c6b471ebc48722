import { Container } from '@n8n/di';
import { BinaryDataService } from 'n8n-core';
import {
	createRunExecutionData,
	type IDataObject,
	type INode,
	type INodeExecutionData,
	type IRunExecutionData,
} from 'n8n-workflow';

import { startSandbox, type FaultRule, type RecordedRequest, type Sandbox } from '../../sandbox';
import { finish, HELD, until } from '../sandbox/support';
import { runNode, sandboxCredentials, type EngineOptions } from '../../harness/engine/engine';

/** Retry On Fail and "Retry execution" in n8n's engine. A paid job is reused and never paid for again. */

const RETRY_ON_FAIL: Partial<INode> = { retryOnFail: true, maxTries: 3, waitBetweenTries: 10 };
const WRONG_KEY = {
	kind: 'status',
	code: 401,
	body: { detail: 'No user found for Key ID and Secret' },
} as const;
const REFUSED = { kind: 'status', code: 422, body: { detail: 'Refused' } } as const;

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 0.2, queueSeconds: 0.05 });
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

async function run(options: Partial<EngineOptions> = {}) {
	return await runNode({ credentials: sandboxCredentials(sandbox), node: RETRY_ON_FAIL, ...options });
}

/** Injects a fault into the first request of a kind. */
function failOnce(endpoint: FaultRule['endpoint'], fault: FaultRule['fault']): void {
	// A late read of a job from the previous test must not trigger the fault.
	const isOwn = ({ url }: RecordedRequest) =>
		!url.includes('/requests/') || sandbox.jobs.some(({ id }) => url.includes(id));
	sandbox.faults.add({ service: 'fal', endpoint, nth: 1, match: isOwn, fault });
}

/**
 * Makes a submit fail without an answer. The list is unavailable, too, because the search for the job would take
 * long.
 */
function loseTheSubmit(): void {
	sandbox.faults.add({ endpoint: 'submit', fault: { kind: 'resetBefore' } });
	sandbox.faults.add({ endpoint: 'requests', fault: WRONG_KEY });
}

function items(count: number): INodeExecutionData[] {
	return Array.from({ length: count }, (_, number) => ({ json: { number } }));
}

/**
 * The execution that n8n creates from a failed one when the user selects "Retry": saved, loaded, and without its
 * error.
 */
function savedForRetry(data: IRunExecutionData, parameters: IDataObject = {}): IRunExecutionData {
	const saved = JSON.parse(JSON.stringify(data)) as IRunExecutionData;
	delete saved.resultData.error;
	saved.resultData.runData[saved.resultData.lastNodeExecuted!].pop();
	const { node } = saved.executionData!.nodeExecutionStack[0];
	Object.assign(node, { parameters: { ...node.parameters, ...parameters } });
	return saved;
}

function submits(): number {
	return sandbox.requests.filter(({ endpoint }) => endpoint === 'submit').length;
}

/** The content of the node's memory after its execution has ended. */
function remembered(data: IRunExecutionData): string {
	return JSON.stringify(data.executionData!.contextData['node:Luma Ray'] ?? {});
}

describe('Retry On Fail', () => {
	test('resumes a job when its result could not be read', async () => {
		failOnce('result', WRONG_KEY);
		const result = await run();
		expect(result.error).toBeUndefined();
		expect(result.items[0].json).toMatchObject({ status: 'succeeded', requestId: sandbox.jobs[0].id });
		expect(sandbox.jobs).toHaveLength(1);
	});

	test('downloads a paid video again', async () => {
		failOnce('video', { kind: 'notFound' });
		const result = await run({ parameters: { downloadVideo: true } });
		expect(result.error).toBeUndefined();
		expect(result.items[0].binary?.data).toMatchObject({ mimeType: 'video/mp4' });
		expect(sandbox.jobs).toHaveLength(1);
	});

	test.each(['fal', 'oxen'] as const)('keeps the answer of the blocking call at %s', async (service) => {
		sandbox.faults.add({ service, endpoint: 'run', nth: 2, fault: REFUSED });
		const { error, items: output } = await run({
			parameters: { provider: service, downloadVideo: true, options: { follow: 'direct', concurrency: 1 } },
			items: items(2),
		});

		expect(error).toBeUndefined();
		expect(output.map(({ json }) => json.status)).toEqual(['succeeded', 'succeeded']);
		expect(output.map(({ binary }) => binary?.data.mimeType)).toEqual(['video/mp4', 'video/mp4']);
		// Two for the two items, plus the one that was refused.
		expect(sandbox.requests.filter((request) => request.endpoint === 'run')).toHaveLength(3);
		expect(
			sandbox.requests.filter((request) => ['status', 'generation', 'queueList'].includes(request.endpoint)),
		).toEqual([]);
	});

	test('checks the status of a job before it pays again if a cancel was requested but not confirmed', async () => {
		const slow = await startSandbox(HELD);
		// The provider accepts the cancel, but the running job may still finish.
		const asked = { kind: 'status', code: 202, body: { status: 'CANCELLATION_REQUESTED' } } as const;
		slow.faults.add({ endpoint: 'cancel', fault: asked });
		const cancels = () => slow.requests.filter(({ endpoint }) => endpoint === 'cancel');
		// The job finishes after the cancel was requested.
		const finishing = until(() => cancels().length > 0, 'the cancel').then(async () => await finish(slow));
		const { error, items: output } = await run({
			credentials: sandboxCredentials(slow),
			parameters: { options: { timeoutMinutes: 0.05, cancelOnTimeout: true } },
		});
		await finishing;
		const ids = slow.jobs.map(({ id }) => id);
		await slow.close();

		expect(error).toBeUndefined();
		expect(ids).toHaveLength(1);
		expect(output[0].json).toMatchObject({ status: 'succeeded', requestId: ids[0] });
	});

	test.each(['stopWorkflow', 'continueRegularOutput'] as const)(
		'resumes the original orders even if an expression returns another value in each try (%s)',
		async (onError) => {
			const isFirst = ({ body }: RecordedRequest) => String((body as IDataObject).prompt).startsWith('0');
			sandbox.faults.add({ endpoint: 'submit', nth: 1, match: isFirst, fault: REFUSED });
			const { error, items: output } = await run({
				node: { ...RETRY_ON_FAIL, onError },
				parameters: { prompt: '={{ $json.number }}: {{ Math.random() }}' },
				items: items(3),
			});

			expect(error).toBeUndefined();
			expect(sandbox.jobs).toHaveLength(3);
			expect(output.map(({ json }) => json.requestId).sort()).toEqual(
				sandbox.jobs.map(({ id }) => id).sort(),
			);
			expect(output.map(({ json }) => (json.parameters as IDataObject).prompt)).toEqual(
				output.map(({ json }) => sandbox.jobs.find(({ id }) => id === json.requestId)!.input.prompt),
			);
		},
	);

	test('orders only the failed videos of an item again', async () => {
		sandbox.faults.add({
			service: 'oxen',
			endpoint: 'status',
			match: ({ url }) => url.includes(sandbox.jobs[0]?.id),
			fault: { kind: 'status', code: 200, body: { status: 'failed', error_message: 'GPU lost' } },
		});
		sandbox.faults.add({
			service: 'oxen',
			endpoint: 'generation',
			match: ({ url }) => url.includes(sandbox.jobs[0]?.id),
			fault: { kind: 'notFound' },
		});
		const { error, items: output } = await run({
			parameters: { provider: 'oxen', options: { numGenerations: 3, follow: 'poll', maxCostUsd: 1.5 } },
		});

		expect(error).toBeUndefined();
		const [, ...good] = sandbox.jobs.map(({ id }) => id);
		expect(good).toHaveLength(3);
		expect(output.map(({ json }) => json.requestId)).toEqual(good);
	});

	test('pays for each item once when n8n cannot read the image of one item at first', async () => {
		await run({ items: [] });
		const reading = vi.spyOn(Container.get(BinaryDataService), 'getAsBuffer');
		reading.mockRejectedValueOnce(new Error('Connection terminated'));
		const image = { data: Buffer.from('an image').toString('base64'), mimeType: 'image/png' };
		const { error } = await run({
			parameters: { imageSource: 'binary', prompt: '={{ $json.number }}', options: { concurrency: 1 } },
			items: items(2).map((item) => ({ ...item, binary: { data: image } })),
		});
		reading.mockRestore();

		expect(error).toBeUndefined();
		expect(sandbox.jobs).toHaveLength(2);
	});

	test('submits again after a refusal', async () => {
		failOnce('submit', REFUSED);
		const result = await run();
		expect(result.error).toBeUndefined();
		expect(submits()).toBe(2);
		expect(sandbox.jobs).toHaveLength(1);
	});

	test('submits a failed job again', async () => {
		failOnce('submit', { kind: 'jobFails', message: 'The machine broke down' });
		const result = await run();
		expect(result.error).toBeUndefined();
		expect(sandbox.jobs.map(({ status }) => status)).toEqual(['failed', 'succeeded']);
		expect(result.items[0].json.requestId).toBe(sandbox.jobs[1].id);
	});

	test('submits again after a failed image upload', async () => {
		failOnce('uploadInitiate', WRONG_KEY);
		const image = { data: Buffer.from('an image').toString('base64'), mimeType: 'image/png' };
		const result = await run({
			parameters: { imageSource: 'binary' },
			items: [{ json: {}, binary: { data: image } }],
		});
		expect(result.error).toBeUndefined();
		expect(sandbox.jobs).toHaveLength(1);
	});

	test('also resumes the other jobs of the run', async () => {
		sandbox.faults.add({
			endpoint: 'submit',
			nth: 1,
			match: ({ body }) => (body as IDataObject).prompt === 'Number 2',
			fault: REFUSED,
		});
		const result = await run({
			parameters: { prompt: '=Number {{ $json.number }}', options: { concurrency: 1 } },
			items: items(3),
		});
		expect(result.error).toBeUndefined();
		expect(result.items.map(({ json }) => json.requestId)).toEqual(sandbox.jobs.map(({ id }) => id));
		expect(sandbox.jobs).toHaveLength(3);
	});

	test('never submits again if the first submit may have been accepted', async () => {
		loseTheSubmit();
		const { error } = await run();
		// n8n replaces a message that contains one of Node.js's error codes with its own text.
		expect(error?.message).toContain('may have accepted the generation');
		expect(error?.description).toContain('It was not submitted again');
		expect(submits()).toBe(1);
	});

	test('does not pay twice when it runs all items again because the first one failed', async () => {
		sandbox.faults.add({
			endpoint: 'result',
			nth: 1,
			match: ({ url }) => url.includes(sandbox.jobs[0].id),
			fault: WRONG_KEY,
		});
		const result = await run({
			node: { ...RETRY_ON_FAIL, onError: 'continueRegularOutput' },
			parameters: {
				prompt: '=Number {{ $json.number }}',
				options: { concurrency: 1, follow: 'poll', pollIntervalSeconds: 1 },
			},
			items: items(3),
		});
		expect(result.items.map(({ json }) => json.status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
		expect(result.items.map(({ json }) => json.requestId)).toEqual(sandbox.jobs.map(({ id }) => id));
		expect(sandbox.jobs).toHaveLength(3);
	});

	test('pays for each item once even if every try fails', async () => {
		sandbox.faults.add({ endpoint: 'result', fault: WRONG_KEY });
		const { error } = await run({ items: items(2) });
		expect(error?.message).toContain('does not accept the API key');
		expect(error?.description).toContain(sandbox.jobs[0].id);
		expect(sandbox.jobs).toHaveLength(2);
	});
});

describe('"Retry execution"', () => {
	test('resumes the jobs of the failed execution', async () => {
		failOnce('result', WRONG_KEY);
		const failed = await run({ node: {}, items: items(2) });
		expect(failed.error).toBeDefined();
		const retried = await run({ data: savedForRetry(failed.data) });
		expect(retried.error).toBeUndefined();
		expect(retried.items.map(({ json }) => json.requestId).sort()).toEqual(
			sandbox.jobs.map(({ id }) => id).sort(),
		);
		expect(sandbox.jobs).toHaveLength(2);
	});

	test('never submits again if the first submit may have been accepted', async () => {
		loseTheSubmit();
		const failed = await run({ node: {} });
		const retried = await run({ node: {}, data: savedForRetry(failed.data) });
		expect(retried.error?.description).toContain('It was not submitted again');
		expect(submits()).toBe(1);
	});

	test('submits failed jobs again, as often as n8n tries', async () => {
		const node = { ...RETRY_ON_FAIL, maxTries: 2 };
		sandbox.faults.add({ endpoint: 'submit', fault: { kind: 'jobFails', message: 'No such tiger' } });
		const failed = await run({ node });
		expect(failed.error?.message).toContain('No such tiger');
		expect(sandbox.jobs).toHaveLength(2);
		const retried = await run({ node, data: savedForRetry(failed.data) });
		expect(retried.error?.message).toContain('No such tiger');
		expect(sandbox.jobs).toHaveLength(4);
	});

	test.each(['fal', 'oxen'] as const)(
		'downloads a video even if %s no longer lists its job',
		async (service) => {
			const node = {};
			const parameters = { provider: service, downloadVideo: true };
			sandbox.faults.add({ endpoint: 'video', nth: 1, fault: { kind: 'notFound' } });
			const failed = await run({ node, parameters });
			expect(failed.error?.message).toContain('could not be downloaded');
			const reads = ['status', 'result', 'stream', 'generation', 'generations', 'queueList'] as const;
			for (const endpoint of reads) sandbox.faults.add({ endpoint, fault: { kind: 'notFound' } });

			const { error, items: output } = await run({ node, parameters, data: savedForRetry(failed.data) });
			expect(error).toBeUndefined();
			expect(output[0].binary?.data).toMatchObject({ mimeType: 'video/mp4' });
			expect(output[0].json).toMatchObject({ status: 'succeeded', requestId: sandbox.jobs[0].id });
			expect(submits()).toBe(1);
		},
	);

	test('resumes the original order after a change of Timeout, even if an expression’s value differs', async () => {
		failOnce('result', WRONG_KEY);
		const prompt = '={{ Math.random() }}';
		const failed = await run({ node: {}, parameters: { prompt } });
		expect(failed.error).toBeDefined();
		const longer = { prompt, options: { timeoutMinutes: 60 } };
		const { error } = await run({ node: {}, data: savedForRetry(failed.data, longer) });
		expect(error).toBeUndefined();
		expect(sandbox.jobs).toHaveLength(1);
	});

	test('submits a new job if the parameters have changed', async () => {
		failOnce('result', WRONG_KEY);
		const failed = await run({ node: {} });
		const retried = await run({ data: savedForRetry(failed.data, { prompt: 'Another motion' }) });
		expect(retried.error).toBeUndefined();
		expect(sandbox.jobs.map(({ input }) => input.prompt)).toEqual([expect.any(String), 'Another motion']);
		expect(retried.items[0].json.requestId).toBe(sandbox.jobs[1].id);
	});

	test('recognizes the same binary image and resumes its job', async () => {
		failOnce('result', WRONG_KEY);
		const image = { data: Buffer.from('an image').toString('base64'), mimeType: 'image/png' };
		const parameters = { imageSource: 'binary' };
		const failed = await run({ node: {}, parameters, items: [{ json: {}, binary: { data: image } }] });
		const retried = await run({ data: savedForRetry(failed.data) });
		expect(retried.error).toBeUndefined();
		expect(sandbox.jobs).toHaveLength(1);
	});
});

describe('a node that runs more than once in an execution', () => {
	/** An execution in which Start, and therefore the node behind it, runs twice with the same input. */
	function twice(): IRunExecutionData {
		const start = {
			node: {
				id: '1',
				name: 'Start',
				type: 'start',
				typeVersion: 1,
				position: [0, 0],
				parameters: {},
			} as INode,
			data: { main: [[{ json: {} }]] },
			source: null,
		};
		return createRunExecutionData({
			executionData: { nodeExecutionStack: [start, structuredClone(start)] },
		});
	}

	test('makes a new video in each run, even if all inputs are the same', async () => {
		const { run: whole, error } = await run({ data: twice() });
		expect(error).toBeUndefined();
		const ids = whole.data.resultData.runData['Luma Ray'].map(
			({ data }) => data!.main[0]![0].json.requestId as string,
		);
		expect(ids).toEqual(sandbox.jobs.map(({ id }) => id));
		expect(new Set(ids).size).toBe(2);
	});

	test('retries only the run that failed', async () => {
		sandbox.faults.add({ endpoint: 'result', nth: 2, fault: WRONG_KEY });
		const { error } = await run({ data: twice() });
		expect(error).toBeUndefined();
		expect(sandbox.jobs).toHaveLength(2);
	});

	test('does not resume the jobs of another run, even if an item of that run failed', async () => {
		sandbox.faults.add({
			endpoint: 'result',
			nth: 1,
			match: ({ url }) => url.includes(sandbox.jobs[0].id),
			fault: WRONG_KEY,
		});
		const { run: whole } = await run({ node: { onError: 'continueRegularOutput' }, data: twice() });
		const [first, second] = whole.data.resultData.runData['Luma Ray'].map(
			({ data }) => data!.main[0]![0].json,
		);
		expect(first).toMatchObject({ error: expect.any(String), details: { requestId: sandbox.jobs[0].id } });
		expect(second).toMatchObject({ status: 'succeeded', requestId: sandbox.jobs[1].id });
	});

	test('keeps nothing in its memory after a successful run', async () => {
		const { data } = await run();
		expect(sandbox.jobs).toHaveLength(1);
		expect(remembered(data)).not.toContain(sandbox.jobs[0].id);
	});

	test('keeps all jobs in its memory after a run with a failed item', async () => {
		failOnce('result', WRONG_KEY);
		const { data } = await run({
			node: { onError: 'continueRegularOutput' },
			parameters: { prompt: '=Number {{ $json.number }}' },
			items: items(2),
		});
		for (const { id } of sandbox.jobs) expect(remembered(data)).toContain(id);
	});
});
