import { createRequire } from 'node:module';

import { Container } from '@n8n/di';
import type { IDataObject, INodeExecutionData, Logger } from 'n8n-workflow';

import { startSandbox, type RecordedRequest, type Sandbox } from '../../sandbox';
import { holding, sleep, until } from '../sandbox/support';
import { runNode, sandboxCredentials, type EngineOptions, type EngineRun } from '../../harness/engine/engine';

/** Stop in n8n's engine: the running execution is cancelled from outside. */

/** Seconds between two polls. If Stop waited for a poll or a job, the test would time out. */
const FAR = { pollIntervalSeconds: 3_000 };
/**
 * How quickly a Stop must end the node, in milliseconds. This is less than the 30 seconds after which a read without an
 * answer is aborted.
 */
const PROMPTLY_MS = 25_000;

let sandbox: Sandbox;
beforeAll(async () => {
	// No job ends by itself in these tests.
	sandbox = await startSandbox({ jobSeconds: 600, queueSeconds: 0.05 });
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

/** The logger behind a node's `this.logger`. n8n-core has its own copy of the class. */
function nodeLogger(): Logger {
	const fromCore = createRequire(require.resolve('n8n-core'));
	const { Logger } = fromCore('@n8n/backend-common') as { Logger: new () => Logger };
	return Container.get(Logger);
}

interface Running {
	/** Presses Stop and waits until the execution has ended. Returns how many milliseconds that took. */
	stop(): Promise<{ run: EngineRun; ms: number }>;
}

async function start(options: Partial<EngineOptions> = {}): Promise<Running> {
	return await new Promise((resolve, reject) => {
		const ended = runNode({
			credentials: sandboxCredentials(sandbox),
			...options,
			onStart: (execution) =>
				resolve({
					async stop() {
						const pressedAt = Date.now();
						execution.cancel();
						const run = await ended;
						return { run, ms: Date.now() - pressedAt };
					},
				}),
		});
		ended.catch(reject);
	});
}

function items(count: number): INodeExecutionData[] {
	return Array.from({ length: count }, (_, number) => ({ json: { number } }));
}

const NUMBERED: IDataObject = { prompt: '=Number {{ $json.number }}' };

function sent(endpoint: string): RecordedRequest[] {
	return sandbox.requests.filter((request) => request.endpoint === endpoint);
}

function jobsThat(status: string): number {
	return sandbox.jobs.filter((job) => job.status === status).length;
}

describe('Stop', () => {
	test.each(['auto', 'poll'])('cancels 10 running jobs at once (Follow: %s)', async (follow) => {
		const { stop } = await start({
			parameters: { ...NUMBERED, options: { ...FAR, follow } },
			items: items(10),
		});
		await until(() => jobsThat('running') === 10, '10 running jobs');

		const { run } = await stop();
		await until(() => jobsThat('cancelled') === 10, '10 cancelled jobs');

		expect(sent('cancel')).toHaveLength(10);
		expect(run.run.status).toBe('canceled');
	});

	test('ends the node even if a read gets no answer, and sends no more reads', async () => {
		sandbox.faults.add({ endpoint: 'status', fault: { kind: 'hang', accepted: false } });
		const { stop } = await start({ parameters: { options: { follow: 'poll' } } });
		await until(() => sent('status').length === 1, 'a status check');

		const { ms } = await stop();
		await until(() => jobsThat('cancelled') === 1, 'the cancel');
		await sleep(1_500);

		expect(ms).toBeLessThan(PROMPTLY_MS);
		expect(sent('status')).toHaveLength(1);
	});

	test('cancels a job with a submit in flight as soon as the answer arrives', async () => {
		const { fault, release } = holding();
		sandbox.faults.add({ endpoint: 'submit', fault });
		const { stop } = await start();
		await until(() => sent('submit').length === 1, 'the submit');

		await stop();
		expect(sandbox.jobs).toHaveLength(0);
		release();
		await until(() => jobsThat('cancelled') === 1, 'the cancel');
	});

	test('does not submit items that were still waiting for their turn', async () => {
		const { fault, release } = holding();
		sandbox.faults.add({ endpoint: 'submit', fault });
		const { stop } = await start({
			parameters: { ...NUMBERED, options: { concurrency: 2 } },
			items: items(6),
		});
		await until(() => sent('submit').length === 2, 'two submits');

		await stop();
		release();
		await until(() => jobsThat('cancelled') === 2, 'the cancels');
		// Time for submits that should not happen.
		await sleep(500);
		expect(sent('submit')).toHaveLength(2);
	});

	test('submits nothing more under Retry On Fail', async () => {
		const { stop } = await start({
			node: { retryOnFail: true, maxTries: 3, waitBetweenTries: 10 },
			parameters: NUMBERED,
			items: items(3),
		});
		await until(() => jobsThat('running') === 3, '3 running jobs');

		await stop();
		await until(() => jobsThat('cancelled') === 3, 'the cancels');
		await sleep(500);
		expect(sent('submit')).toHaveLength(3);
		expect(sandbox.jobs).toHaveLength(3);
	});

	test('between two tries, cancels the unfinished jobs of the first try and logs it', async () => {
		const logged = vi.spyOn(nodeLogger(), 'info').mockImplementation(() => undefined);
		const { fault, release } = holding();
		const isSecond = ({ body }: RecordedRequest) => JSON.stringify(body).includes('Number 1');
		sandbox.faults.add({ endpoint: 'submit', match: isSecond, fault });
		const refused = { kind: 'status', code: 422, body: {} } as const;
		sandbox.faults.add({ endpoint: 'submit', match: isSecond, fault: refused });
		const { stop } = await start({
			node: { retryOnFail: true, maxTries: 3, waitBetweenTries: 3_000 },
			parameters: { ...NUMBERED, options: { concurrency: 1 } },
			items: items(2),
		});
		await until(() => sent('submit').length === 2 && sandbox.openStreams() === 1, 'the submits');
		// The first try and its event stream end with the refusal.
		release();
		await until(() => sandbox.openStreams() === 0, 'the end of the first try');

		await stop();
		await until(() => jobsThat('cancelled') === 1, 'the cancel');
		expect(sent('submit')).toHaveLength(2);
		const isLogged = () =>
			logged.mock.calls.some(([message]) =>
				/cancel requested after Stop; a generation in progress may/.test(String(message)),
			);
		await until(isLogged, 'the line about the cancel in the log');
		logged.mockRestore();
	});

	test('repeats a cancel after a transient failure', async () => {
		sandbox.faults.add({ endpoint: 'cancel', nth: 1, fault: { kind: 'status', code: 502, body: '<html>' } });
		const { stop } = await start();
		await until(() => jobsThat('running') === 1, 'a running job');

		await stop();
		await until(() => jobsThat('cancelled') === 1, 'the cancel');
		expect(sent('cancel')).toHaveLength(2);
	});

	test('leaves the jobs running if Cancel on Stop is off, and logs their IDs', async () => {
		const logged = vi.spyOn(nodeLogger(), 'info').mockImplementation(() => undefined);
		const { stop } = await start({
			parameters: { ...NUMBERED, options: { cancelOnStop: false } },
			items: items(3),
		});
		await until(() => jobsThat('running') === 3, '3 running jobs');

		const { ms } = await stop();
		await sleep(500);
		expect(ms).toBeLessThan(PROMPTLY_MS);
		expect(sent('cancel')).toHaveLength(0);
		expect(jobsThat('running')).toBe(3);
		const left = logged.mock.calls.filter(([message]) => message.includes('left running'));
		expect(left.map(([, details]) => details?.requestId).sort()).toEqual(
			sandbox.jobs.map(({ id }) => id).sort(),
		);
		logged.mockRestore();
	});

	test('closes the event streams', async () => {
		const { stop } = await start({ parameters: NUMBERED, items: items(3) });
		await until(() => sandbox.openStreams() === 3, 'the streams');
		await stop();
		await until(() => sandbox.openStreams() === 0, 'the end of the streams');
	});
});
