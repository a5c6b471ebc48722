import { setTimeout as sleep } from 'node:timers/promises';

import { startSandbox, type Sandbox } from '../../sandbox';
import { flow } from './flows';
import { PROVIDERS, type N8nInstance } from '../../harness/n8n';
import { installedN8n } from './support';

const PATIENCE_MS = 300_000;
const PROMPTS = Array.from({ length: 10 }, (_, number) => `Clip ${number}`);

describe('Stop in a real n8n', () => {
	let n8n: N8nInstance;
	let sandbox: Sandbox;

	beforeAll(async () => {
		sandbox = await startSandbox({ jobSeconds: 600, queueSeconds: 0 });
		n8n = await installedN8n('stop');
		await n8n.start();
	});

	afterAll(async () => {
		await n8n?.dispose();
		await sandbox?.close();
	});

	beforeEach(() => sandbox.reset());

	it.each(Object.values(PROVIDERS))('cancels 10 running jobs at $id', async (provider) => {
		const credential = provider.sandboxCredential(sandbox);
		await n8n.importCredential(credential);
		const workflow = flow({ id: `stop-${provider.id}`, prompts: PROMPTS }, provider, credential);
		await n8n.importWorkflow(workflow);
		const execution = await n8n.rest.runWorkflow(workflow.id, workflow.nodes[0].name);
		await until(() => sandbox.jobs.filter(({ status }) => status === 'running').length === 10);

		const stoppedAt = Date.now();
		await n8n.rest.stop(execution);
		await until(() => sandbox.jobs.every(({ status }) => status === 'cancelled'));
		process.stdout.write(`Stop at ${provider.id}: 10 jobs cancelled after ${Date.now() - stoppedAt} ms\n`);

		expect(sandbox.jobs).toHaveLength(10);
		expect((await n8n.rest.waitForExecution(execution, PATIENCE_MS)).status).toBe('canceled');
	});
});

async function until(isTrue: () => boolean): Promise<void> {
	const deadline = Date.now() + PATIENCE_MS;
	while (!isTrue()) {
		if (Date.now() > deadline) throw new Error('The condition did not become true');
		await sleep(20);
	}
}
