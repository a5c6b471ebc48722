import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSandbox, type Sandbox, type SandboxJob } from '../../sandbox';
import { ENDPOINT_ID, falClient, finish, HELD, OXEN_INPUT, oxenClient } from '../sandbox/support';
import {
	chain,
	freePorts,
	freshLog,
	hostVersions,
	installHost,
	installServices,
	LUMA_RAY,
	NEWEST_N8N,
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

/**
 * The trigger in a real n8n, which polls once a minute: it allows no less. So most of the time is waiting, and several
 * n8n wait side by side.
 */

const POLL_MS = 60_000;
const EMITTED_MS = 300_000;
const WORKER_READY_MS = 300_000;
/** Several n8n on a slow machine, and minutes of waiting for polls. */
const TEST_MS = 1_200_000;
const BOTH: Provider[] = Object.values(PROVIDERS);
const OLDER = hostVersions().filter((version) => version !== NEWEST_N8N);

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

async function importTriggers(n8n: N8nInstance, sandbox: Sandbox, providers: Provider[]): Promise<void> {
	for (const provider of providers) {
		const credential = provider.sandboxCredential(sandbox);
		await n8n.importCredential(credential);
		await n8n.importWorkflow(workflowOf(provider.id, provider, credential));
	}
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

async function allEmitted(n8n: N8nInstance, ended: Map<Provider, SandboxJob[]>): Promise<void> {
	for (const [{ id }, jobs] of ended) await emitted(n8n, id, jobs);
}

/**
 * Activates the triggers after one generation has ended and while one is in progress, and waits until the end of the
 * latter, and only that, has started an execution.
 * @returns the generations that have started one, so far
 */
async function activated(
	n8n: N8nInstance,
	sandbox: Sandbox,
	providers: Provider[],
): Promise<Map<Provider, SandboxJob[]>> {
	const ended = new Map<Provider, SandboxJob[]>();
	for (const provider of providers) {
		await finish(sandbox, await submit(sandbox, provider));
		ended.set(provider, [await submit(sandbox, provider)]);
	}
	for (const { id } of providers) await n8n.rest.activateWorkflow(id);
	// The poll of the activation, which may be later, and one at its time.
	await polled(sandbox, 2, providers);
	for (const { id } of providers) expect(await itemsOf(n8n, id)).toEqual([]);
	for (const [job] of ended.values()) await finish(sandbox, job);
	await allEmitted(n8n, ended);
	return ended;
}

/** How often a trigger has read the list of this provider. */
function pollsOf({ requests }: Sandbox, provider: Provider): number {
	return requests.filter(({ endpoint, url, status }) =>
		provider.id === 'oxen'
			? endpoint === 'generations' && status === 200
			: endpoint === 'requests' && url.includes(encodeURIComponent(ENDPOINT_ID)),
	).length;
}

/** Waits until the triggers have polled this many more times. */
async function polled(sandbox: Sandbox, times: number, providers = BOTH): Promise<void> {
	const before = new Map(providers.map((provider) => [provider, pollsOf(sandbox, provider)]));
	const deadline = Date.now() + times * POLL_MS + EMITTED_MS;
	while ([...before].some(([provider, polls]) => pollsOf(sandbox, provider) < polls + times)) {
		if (Date.now() > deadline) throw new Error('n8n did not poll');
		await sleep(500);
	}
}

/** What runs in parallel with the tests of the newest n8n. A test at the end of the file waits for each. */
const beside = new Map<string, Promise<void>>();

beforeAll(async () => {
	for (const version of hostVersions()) await installHost(version);
	for (const version of OLDER) beside.set(version, inOlderN8n(version));
	beside.set('queue', inQueueMode());
	// Until its test waits for it, a failure must not end the process.
	for (const story of beside.values()) story.catch(() => undefined);
});

afterAll(async () => {
	await Promise.allSettled(beside.values());
});

describe('in one process', () => {
	let sandbox: Sandbox;
	let n8n: N8nInstance;

	beforeAll(async () => {
		sandbox = await startSandbox(HELD);
		n8n = await installedN8n('trigger');
		await importTriggers(n8n, sandbox, BOTH);
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

	test('a wrong key prevents activation and shows a message', async () => {
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

	test(
		'at both providers, emits only generations that end after activation, each once, despite crashes',
		async () => {
			const ended = await activated(n8n, sandbox, BOTH);
			for (const end of [async () => await n8n.stop(), async () => await n8n.kill()]) {
				// A poll that emits nothing: n8n does not save its state.
				await polled(sandbox, 1);
				await end();
				for (const [provider, jobs] of ended) {
					const job = await submit(sandbox, provider);
					await finish(sandbox, job);
					jobs.push(job);
				}
				await n8n.start();
				await allEmitted(n8n, ended);
			}
			await polled(sandbox, 2);
			await allEmitted(n8n, ended);
		},
		TEST_MS,
	);
});

test.each(OLDER)(
	'in n8n %s, an old generation does not count, and each end starts one execution',
	async (version) => await beside.get(version),
	TEST_MS,
);

test(
	'in queue mode, the main polls, and a worker gets the item with its video once, even with a restart',
	async () => await beside.get('queue'),
	TEST_MS,
);

async function inOlderN8n(version: string): Promise<void> {
	const sandbox = await startSandbox(HELD);
	let n8n: N8nInstance | undefined;
	try {
		n8n = await installedN8n(`trigger-${version}`, { version });
		await importTriggers(n8n, sandbox, BOTH);
		await n8n.start();
		const ended = await activated(n8n, sandbox, BOTH);
		await polled(sandbox, 2);
		await allEmitted(n8n, ended);
	} finally {
		await n8n?.dispose();
		await sandbox.close();
	}
}

async function inQueueMode(): Promise<void> {
	const logFile = freshLog('e2e-trigger-services');
	await installServices(logFile);
	const [postgres, redis] = await Promise.all([startPostgres(logFile), startRedis(logFile)]);
	const sandbox = await startSandbox(HELD);
	let n8n: N8nInstance | undefined;
	let worker: RunningProcess | undefined;
	try {
		n8n = await installedN8n('trigger-queue', { env: queueEnv(postgres, redis) });
		await importTriggers(n8n, sandbox, [PROVIDERS.oxen]);
		await n8n.start();
		worker = await startWorker(n8n);
		const ended = await activated(n8n, sandbox, [PROVIDERS.oxen]);
		await n8n.stop();
		const next = await submit(sandbox, PROVIDERS.oxen);
		await finish(sandbox, next);
		ended.get(PROVIDERS.oxen)!.push(next);
		await n8n.start();
		await allEmitted(n8n, ended);
		await polled(sandbox, 2, [PROVIDERS.oxen]);
		await allEmitted(n8n, ended);
	} finally {
		await worker?.stop();
		await n8n?.dispose();
		await sandbox.close();
		await Promise.all([postgres, redis].map((service) => service.stop()));
	}
}

function queueEnv(postgres: Service, redis: Service): Record<string, string> {
	return {
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
	};
}

async function startWorker(n8n: N8nInstance): Promise<RunningProcess> {
	const [broker] = await freePorts(1);
	const worker = n8n.spawn('worker', { N8N_RUNNERS_BROKER_PORT: String(broker) });
	const deadline = Date.now() + WORKER_READY_MS;
	while (!n8n.log().includes('worker is now ready')) {
		if (!worker.isRunning || Date.now() > deadline) throw new Error(`No worker:\n${n8n.log()}`);
		await sleep(500);
	}
	return worker;
}
