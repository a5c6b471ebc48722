import { setTimeout as sleep } from 'node:timers/promises';
import { startSandbox, type Sandbox } from '../../sandbox';
import { holding } from '../sandbox/support';
import { flow, promptsOf, results, secondsOfPrompt } from './flows';
import {
	freePorts,
	freshLog,
	installServices,
	PROVIDERS,
	startPostgres,
	startRedis,
	type Credential,
	type Execution,
	type N8nInstance,
	type Redis,
	type RunningProcess,
	type Service,
} from '../../harness/n8n';
import { installedN8n } from './support';

/** Queue mode: one main and two workers of two slots each, on PostgreSQL and Redis. */

const SUSPENDED = 20;
const WAITING = 4;
const JOB_SECONDS = 60;
const WORKER_READY_MS = 300_000;
const PARKED_MS = 300_000;
const ENDED_MS = 420_000;
const SAMPLE_MS = 50;
/** The Redis list of the jobs that workers are processing in queue mode. */
const ACTIVE = 'bull:jobs:active';

let postgres: Service;
let redis: Redis;
let sandbox: Sandbox;
let n8n: N8nInstance;
let credential: Credential;
let workers: RunningProcess[] = [];

beforeAll(async () => {
	const logFile = freshLog('e2e-queue-services');
	await installServices(logFile);
	[postgres, redis] = await Promise.all([startPostgres(logFile), startRedis(logFile)]);
	sandbox = await startSandbox({ jobSeconds: secondsOfPrompt });
	n8n = await installedN8n('queue', {
		env: {
			EXECUTIONS_MODE: 'queue',
			N8N_CONCURRENCY_PRODUCTION_LIMIT: '2',
			N8N_DEFAULT_BINARY_DATA_MODE: 'database',
			N8N_ENCRYPTION_KEY: 'shared-by-main-and-workers',
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: '127.0.0.1',
			DB_POSTGRESDB_PORT: String(postgres.port),
			DB_POSTGRESDB_DATABASE: 'n8n',
			DB_POSTGRESDB_USER: 'n8n',
			QUEUE_BULL_REDIS_HOST: '127.0.0.1',
			QUEUE_BULL_REDIS_PORT: String(redis.port),
			// n8n detects the jobs of a dead worker after seconds instead of a minute.
			QUEUE_WORKER_LOCK_DURATION: '20000',
			QUEUE_WORKER_LOCK_RENEW_TIME: '5000',
			QUEUE_WORKER_STALLED_INTERVAL: '5000',
		},
	});
	credential = PROVIDERS.fal.sandboxCredential(sandbox);
	await n8n.importCredential(credential);
	const prompts = [`A clip, ${JOB_SECONDS} s`];
	const flows = ['wait', 'suspend'].map((waitMode) =>
		flow({ id: waitMode, prompts, webhook: true, parameters: { waitMode } }, PROVIDERS.fal, credential),
	);
	await n8n.importWorkflow(...flows);
	await n8n.start();
	for (const { id } of flows) await n8n.rest.activateWorkflow(id);
	workers = [await startWorker(), await startWorker()];
}, 900_000);

afterAll(async () => {
	await Promise.all(workers.map((worker) => worker.stop()));
	await n8n?.dispose();
	await sandbox?.close();
	await Promise.all([postgres?.stop(), redis?.stop()]);
});

async function startWorker(): Promise<RunningProcess> {
	const [broker] = await freePorts(1);
	const ready = () => n8n.log().split('worker is now ready').length;
	const before = ready();
	const worker = n8n.spawn('worker', { N8N_RUNNERS_BROKER_PORT: String(broker) });
	const deadline = Date.now() + WORKER_READY_MS;
	while (ready() === before) {
		if (!worker.isRunning || Date.now() > deadline) throw new Error(`A worker did not start:\n${n8n.log()}`);
		await sleep(500);
	}
	return worker;
}

async function statuses(workflowId: string): Promise<string[]> {
	const executions = await n8n.rest.executions();
	return executions.filter((one) => one.workflowId === workflowId).map(({ status }) => status);
}

async function untilAll(
	workflowId: string,
	count: number,
	accepted: string[],
	timeoutMs: number,
): Promise<void> {
	const deadline = Date.now() + timeoutMs;
	for (;;) {
		const found = await statuses(workflowId);
		if (found.length === count && found.every((status) => accepted.includes(status))) return;
		if (Date.now() > deadline) throw new Error(`Executions of '${workflowId}': ${found.join(', ')}`);
		await sleep(200);
	}
}

/** Measures how long slots of workers are in use, until it is stopped. */
function measureSlots(): { stop(): Promise<number> } {
	let goes = true;
	let slotSeconds = 0;
	const sampling = (async () => {
		for (let last = Date.now(); goes; ) {
			await sleep(SAMPLE_MS);
			const taken = await redis.listLength(ACTIVE);
			slotSeconds += (taken * (Date.now() - last)) / 1000;
			last = Date.now();
		}
	})();
	return {
		async stop() {
			goes = false;
			await sampling;
			return slotSeconds;
		},
	};
}

async function executionsOf(workflowId: string): Promise<Execution[]> {
	const listed = (await n8n.rest.executions()).filter((one) => one.workflowId === workflowId);
	return await Promise.all(listed.map(async ({ id }) => await n8n.rest.execution(id)));
}

async function begin(workflowId: string, times: number): Promise<void> {
	for (let time = 0; time < times; time++) await n8n.callWebhook(workflowId, {});
}

test(`${SUSPENDED} executions are parked at the same time and all succeed even if a worker is killed`, async () => {
	const slots = measureSlots();
	await begin('suspend', SUSPENDED);
	// On a slow machine, the first executions end before the last ones are parked.
	await untilAll('suspend', SUSPENDED, ['waiting', 'success'], PARKED_MS);
	while ((await redis.listLength(ACTIVE)) > 0) await sleep(SAMPLE_MS);

	workers[0].signal('SIGKILL');
	await workers[0].ended;
	await untilAll('suspend', SUSPENDED, ['success'], ENDED_MS);
	const held = (await slots.stop()) / SUSPENDED;
	process.stderr.write(`suspend: ${held.toFixed(2)} slot-seconds held per job of ${JOB_SECONDS} s\n`);

	const executions = await executionsOf('suspend');
	expect(executions).toHaveLength(SUSPENDED);
	for (const execution of executions) expect(promptsOf(results(execution))).toHaveLength(1);
	expect(sandbox.jobs).toHaveLength(SUSPENDED);
	// An execution holds a slot only while n8n loads and saves it, not while it waits. The time depends on the machine.
	expect(held).toBeLessThan(JOB_SECONDS / 3);
});

test('for comparison, an execution in wait mode Wait holds its slot the whole time', async () => {
	workers[0] = await startWorker();
	const slots = measureSlots();
	await begin('wait', WAITING);
	await untilAll('wait', WAITING, ['success'], ENDED_MS);
	const held = (await slots.stop()) / WAITING;
	process.stderr.write(`wait: ${held.toFixed(2)} slot-seconds held per job of ${JOB_SECONDS} s\n`);

	expect(held).toBeGreaterThan(JOB_SECONDS - 5);
});

test('no job is lost or paid twice if a worker is killed while executions wake', async () => {
	const before = sandbox.jobs.length;
	await begin('suspend', WAITING);
	await untilAll('suspend', SUSPENDED + WAITING, ['waiting', 'success'], PARKED_MS);
	// Makes the status checks of the next wake slow enough to kill the worker during them.
	const { fault, release } = holding();
	sandbox.faults.add({ service: 'fal', endpoint: 'status', fault });
	while ((await redis.listLength(ACTIVE)) < WAITING) await sleep(SAMPLE_MS);
	workers[0].signal('SIGKILL');
	await workers[0].ended;
	sandbox.faults.clear();
	release();
	await untilAll('suspend', SUSPENDED + WAITING, ['success', 'error', 'crashed'], ENDED_MS);

	const executions = await executionsOf('suspend');
	const lost = executions.filter(({ status }) => status !== 'success');
	process.stderr.write(`Killed while waking: ${lost.map(({ status }) => status).join(', ')}\n`);
	expect(sandbox.jobs).toHaveLength(before + WAITING);
	// n8n replaces the data of an execution when its worker died, so only the line in the log is left.
	const found = executions.filter(({ status }) => status === 'success').flatMap(results);
	const ids = sandbox.jobs
		.map(({ id }) => id)
		.filter((id) => n8n.log().includes(`Generation submitted (fal ${id}`));
	const left = ids.filter((id) => !found.some(({ json }) => json.requestId === id));
	expect(ids).toHaveLength(sandbox.jobs.length);
	for (const requestId of left.slice(0, lost.length)) {
		const parameters = { resource: 'generation', operation: 'wait', waitMode: 'wait', requestId };
		await n8n.importWorkflow(flow({ id: 'takeUp', prompts: [''], parameters }, PROVIDERS.fal, credential));
		const [item] = results(await n8n.run('takeUp', 'Start', ENDED_MS));
		expect(item.json).toMatchObject({ status: 'succeeded', requestId });
	}
});
