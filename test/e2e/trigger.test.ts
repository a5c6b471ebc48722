import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSandbox, type Sandbox, type SandboxJob } from '../../sandbox';
import { falClient, finish, HELD, OXEN_INPUT, oxenClient } from '../sandbox/support';
import {
	chain,
	freePorts,
	freshLog,
	installServices,
	LUMA_RAY,
	outputItems,
	PROVIDERS,
	startPostgres,
	startRedis,
	type Credential,
	type N8nInstance,
	type OutputItem,
	type Provider,
	type RunningProcess,
	type Service,
	type Workflow,
} from '../../harness/n8n';
import { installedN8n } from './support';

/** The trigger in a real n8n. It polls once a minute, the shortest interval that n8n allows. */

const POLL_MS = 60_000;
const EMITTED_MS = 300_000;
const WORKER_READY_MS = 300_000;

/** Trigger → Read → After. Read computes the digest of the video, so the process that runs it must have the video. */
function workflowOf(id: string, provider: Provider, credential: Credential): Workflow {
	const nodes = [
		{
			id: 'Trigger',
			name: 'Trigger',
			type: `${LUMA_RAY}Trigger`,
			typeVersion: 1,
			position: [0, 0] as [number, number],
			parameters: { provider: provider.id, event: 'ended', downloadVideo: true },
			credentials: { [credential.type]: { id: credential.id, name: credential.name } },
		},
		{
			id: 'Read',
			name: 'Read',
			type: 'n8n-nodes-base.crypto',
			typeVersion: 1,
			position: [0, 0] as [number, number],
			parameters: {
				action: 'hash',
				type: 'SHA256',
				binaryData: true,
				binaryPropertyName: 'data',
				dataPropertyName: 'digest',
				encoding: 'hex',
			},
		},
		{
			id: 'After',
			name: 'After',
			type: 'n8n-nodes-base.noOp',
			typeVersion: 1,
			position: [0, 0] as [number, number],
			parameters: {},
		},
	];
	return { id, name: id, nodes, connections: chain(...nodes), settings: { executionOrder: 'v1' } };
}

async function submit(sandbox: Sandbox, provider: Provider): Promise<SandboxJob> {
	if (provider.id === 'fal') await falClient(sandbox).submit();
	else await oxenClient(sandbox).enqueue(OXEN_INPUT);
	return sandbox.jobs.at(-1)!;
}

async function digestOf(url: string): Promise<string> {
	const video = Buffer.from(await (await fetch(url)).arrayBuffer());
	return createHash('sha256').update(video).digest('hex');
}

/** The items of all ended executions of a workflow, oldest first. */
async function itemsOf(n8n: N8nInstance, workflowId: string): Promise<OutputItem[]> {
	const listed = (await n8n.rest.executions()).filter((one) => one.workflowId === workflowId).reverse();
	const items: OutputItem[] = [];
	for (const { id } of listed) {
		items.push(...outputItems(await n8n.rest.waitForExecution(id, EMITTED_MS), 'After'));
	}
	return items;
}

async function emitted(n8n: N8nInstance, workflowId: string, jobs: SandboxJob[]): Promise<void> {
	const deadline = Date.now() + EMITTED_MS;
	for (;;) {
		const items = await itemsOf(n8n, workflowId);
		if (items.length >= jobs.length) {
			expect(items.map(({ json }) => json.requestId)).toEqual(jobs.map(({ id }) => id));
			for (const { json } of items) expect(json.digest).toBe(await digestOf(String(json.videoUrl)));
			return;
		}
		if (Date.now() > deadline) throw new Error(`'${workflowId}' emitted ${items.length} of ${jobs.length}`);
		await sleep(1_000);
	}
}

/** Waits until the trigger has polled this many more times. */
async function polled(sandbox: Sandbox, times: number): Promise<void> {
	const polls = () => sandbox.requests.filter(({ endpoint }) => endpoint === 'generations').length;
	const before = polls();
	const deadline = Date.now() + times * POLL_MS + EMITTED_MS;
	while (polls() < before + times) {
		if (Date.now() > deadline) throw new Error('n8n did not poll');
		await sleep(500);
	}
}

describe('the trigger in one process', () => {
	let sandbox: Sandbox;
	let n8n: N8nInstance;

	beforeAll(async () => {
		sandbox = await startSandbox(HELD);
		n8n = await installedN8n('trigger');
		for (const provider of Object.values(PROVIDERS)) {
			const credential = provider.sandboxCredential(sandbox);
			await n8n.importCredential(credential);
			await n8n.importWorkflow(workflowOf(provider.id, provider, credential));
		}
		await n8n.importWorkflow(workflowOf('manual', PROVIDERS.fal, PROVIDERS.fal.sandboxCredential(sandbox)));
		await n8n.start();
	});

	afterAll(async () => {
		await n8n?.dispose();
		await sandbox?.close();
	});

	test('emits the newest generation in a manual run, or reports that none exists', async () => {
		const empty = await n8n.run('manual', 'Trigger', EMITTED_MS);
		expect(empty.error?.message).toContain('lists no generation that ended');
		const job = await submit(sandbox, PROVIDERS.fal);
		await finish(sandbox, job);
		const [item] = outputItems(await n8n.run('manual', 'Trigger', EMITTED_MS), 'After');
		expect(item.json).toMatchObject({ requestId: job.id, status: 'succeeded' });
	});

	test('emits each generation once at both providers, and no old ones, even after a restart and a crash', async () => {
		const providers = Object.values(PROVIDERS);
		const ended = new Map<Provider, SandboxJob[]>();
		for (const provider of providers) {
			await finish(sandbox, await submit(sandbox, provider));
			ended.set(provider, [await submit(sandbox, provider)]);
		}
		const arrived = async () => {
			for (const [{ id }, jobs] of ended) await emitted(n8n, id, jobs);
		};
		for (const { id } of providers) await n8n.rest.activateWorkflow(id);
		await polled(sandbox, 2);
		for (const { id } of providers) expect(await itemsOf(n8n, id)).toEqual([]);
		for (const [job] of ended.values()) await finish(sandbox, job);
		await arrived();

		for (const end of [async () => await n8n.stop(), async () => await n8n.kill()]) {
			// These polls emit nothing, so n8n does not save the trigger's state.
			await polled(sandbox, 2);
			await end();
			for (const [provider, jobs] of ended) {
				const job = await submit(sandbox, provider);
				await finish(sandbox, job);
				jobs.push(job);
			}
			await n8n.start();
			await arrived();
		}
		await polled(sandbox, 2);
		await arrived();
	});

	test('cannot be activated with a wrong key, and the message says why', async () => {
		const good = PROVIDERS.oxen.sandboxCredential(sandbox);
		const credential = { ...good, id: 'bad', data: { ...good.data, apiKey: 'nobody' } };
		await n8n.importCredential(credential);
		await n8n.importWorkflow(workflowOf('bad', PROVIDERS.oxen, credential));
		await n8n.rest.activateWorkflow('bad');
		// n8n 2.41 publishes in the background and stores the result.
		const deadline = Date.now() + EMITTED_MS;
		let status = '';
		while (!status.includes('API key') && Date.now() < deadline) {
			status = await (await n8n.rest.fetch('/rest/workflows/bad/publication-status')).text();
			await sleep(500);
		}
		expect(status).toMatch(/Oxen\.ai.*API key/);
	});
});

describe('the trigger in queue mode', () => {
	let sandbox: Sandbox;
	let n8n: N8nInstance;
	let worker: RunningProcess | undefined;
	let services: Service[] = [];

	beforeAll(async () => {
		const logFile = freshLog('e2e-trigger-services');
		await installServices(logFile);
		const [postgres, redis] = await Promise.all([startPostgres(logFile), startRedis(logFile)]);
		services = [postgres, redis];
		sandbox = await startSandbox(HELD);
		n8n = await installedN8n('trigger-queue', {
			env: {
				EXECUTIONS_MODE: 'queue',
				N8N_DEFAULT_BINARY_DATA_MODE: 'database',
				N8N_ENCRYPTION_KEY: 'shared-by-main-and-workers',
				DB_TYPE: 'postgresdb',
				DB_POSTGRESDB_HOST: '127.0.0.1',
				DB_POSTGRESDB_PORT: String(postgres.port),
				DB_POSTGRESDB_DATABASE: 'n8n',
				DB_POSTGRESDB_USER: 'n8n',
				QUEUE_BULL_REDIS_HOST: '127.0.0.1',
				QUEUE_BULL_REDIS_PORT: String(redis.port),
			},
		});
		const credential = PROVIDERS.oxen.sandboxCredential(sandbox);
		await n8n.importCredential(credential);
		await n8n.importWorkflow(workflowOf('queue', PROVIDERS.oxen, credential));
		await n8n.start();
		const [broker] = await freePorts(1);
		worker = n8n.spawn('worker', { N8N_RUNNERS_BROKER_PORT: String(broker) });
		const deadline = Date.now() + WORKER_READY_MS;
		while (!n8n.log().includes('worker is now ready')) {
			if (!worker.isRunning || Date.now() > deadline) throw new Error(`No worker:\n${n8n.log()}`);
			await sleep(500);
		}
	}, 900_000);

	afterAll(async () => {
		await worker?.stop();
		await n8n?.dispose();
		await sandbox?.close();
		await Promise.all(services.map((service) => service.stop()));
	});

	test('polls in the main process and gives each item with its video to a worker once, even after a restart', async () => {
		await finish(sandbox, await submit(sandbox, PROVIDERS.oxen));
		await n8n.rest.activateWorkflow('queue');
		await polled(sandbox, 1);
		const jobs = [await submit(sandbox, PROVIDERS.oxen)];
		await finish(sandbox, jobs[0]);
		await emitted(n8n, 'queue', jobs);
		await n8n.stop();
		const next = await submit(sandbox, PROVIDERS.oxen);
		await finish(sandbox, next);
		await n8n.start();
		await emitted(n8n, 'queue', [...jobs, next]);
		await polled(sandbox, 1);
		await emitted(n8n, 'queue', [...jobs, next]);
	});
});
