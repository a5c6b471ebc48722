import { setTimeout as sleep } from 'node:timers/promises';
import { startSandbox, type RecordedRequest, type Sandbox, type SandboxJob } from '../../sandbox';
import { finish } from '../sandbox/support';
import { flow, promptsOf, results, secondsOfPrompt, type Flow } from './flows';
import { PROVIDERS, type Credential, type Execution, type N8nInstance } from '../../harness/n8n';
import { installedN8n } from './support';

/** A kill -9 at the worst moments of a suspended run. No accepted job may be lost or paid twice. */

const ENDED_MS = 420_000;
/** Milliseconds until n8n checks a parked execution for the first time. */
const FIRST_WAKE_MS = 60_000;
const SUSPEND = { waitMode: 'suspend' };

const CASES = {
	submitting: { prompts: ['Submitting, 600 s'], parameters: SUSPEND },
	waking: { prompts: ['Waking, 600 s'], parameters: SUSPEND },
	downloading: { prompts: ['Downloading, 600 s'], parameters: { ...SUSPEND, downloadVideo: true } },
	stopped: { prompts: ['Stopped, 600 s'], parameters: SUSPEND },
} satisfies { [name: string]: Omit<Flow, 'id'> };
type Case = keyof typeof CASES;

let sandbox: Sandbox;
let n8n: N8nInstance;
let credential: Credential;
const ids = {} as { [name in Case]: string };

beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: secondsOfPrompt });
	n8n = await installedN8n('suspend-crash');
	credential = PROVIDERS.fal.sandboxCredential(sandbox);
	await n8n.importCredential(credential);
	const options = { callback: 'custom', callbackBaseUrl: n8n.url };
	const flows = Object.entries<Omit<Flow, 'id'>>(CASES).map(([id, one]) =>
		flow({ ...one, id, parameters: { ...one.parameters, options } }, PROVIDERS.fal, credential),
	);
	await n8n.importWorkflow(...flows);
	await n8n.start();
});

afterAll(async () => {
	await n8n?.dispose();
	await sandbox?.close();
});

async function until(holds: () => unknown): Promise<void> {
	while (!holds()) await sleep(1);
}

function jobsOf(name: Case): SandboxJob[] {
	return sandbox.jobs.filter(({ input }) => input.prompt === CASES[name].prompts[0]);
}

async function start(name: Case): Promise<void> {
	ids[name] = await n8n.rest.runWorkflow(name, 'Start');
}

async function parked(name: Case): Promise<void> {
	await start(name);
	await n8n.rest.waitForExecution(ids[name], ENDED_MS, ['waiting']);
}

/** Runs a crashed execution again, like "Retry" in the editor. */
async function retry(name: Case): Promise<Execution> {
	return await n8n.rest.waitForExecution(await n8n.rest.retry(ids[name]), ENDED_MS);
}

test('saves the parked execution shortly after the submit was accepted', async () => {
	const windows: number[] = [];
	for (let times = 0; times < 5; times++) {
		await start('stopped');
		const submitted = times + 1;
		await until(() => jobsOf('stopped').length === submitted);
		const { acceptedAt } = jobsOf('stopped').at(-1)!;
		while ((await n8n.rest.status(ids.stopped)) !== 'waiting') await sleep(1);
		windows.push(Date.now() - acceptedAt);
	}
	process.stderr.write(`Submit accepted → park saved: ${windows.join(', ')} ms\n`);
	expect(Math.min(...windows)).toBeLessThan(FIRST_WAKE_MS);
});

test('stopping a parked execution does not cancel its job, but Generation: Cancel does', async () => {
	await n8n.rest.stop(ids.stopped);
	const status = await n8n.rest.status(ids.stopped);
	const job = jobsOf('stopped').at(-1)!;
	expect([status, job.cancelRequestedAt]).toEqual(['canceled', undefined]);

	const cancel = { resource: 'generation', operation: 'cancel', requestId: job.id };
	await n8n.importWorkflow(
		flow({ id: 'cancel', prompts: [''], parameters: cancel }, PROVIDERS.fal, credential),
	);
	const execution = await n8n.run('cancel', 'Start', ENDED_MS);
	expect(results(execution)[0].json).toMatchObject({ requestId: job.id, cancelled: true });
});

describe('a kill -9', () => {
	beforeAll(async () => {
		await Promise.all([parked('waking'), parked('downloading')]);
		const held = { kind: 'delay', ms: 600_000 } as const;
		const forgetOldLooks = sandbox.requests.length;
		const isLookAt = (name: Case, { endpoint, url }: RecordedRequest) =>
			endpoint === 'status' && jobsOf(name).some(({ id }) => url.includes(id));
		const isHeld = (request: RecordedRequest) =>
			isLookAt('waking', request) || isLookAt('submitting', request);
		sandbox.faults.add({ endpoint: 'status', match: isHeld, fault: held });
		sandbox.faults.add({ endpoint: 'video', fault: held });
		const seen = (is: (request: RecordedRequest) => boolean) =>
			sandbox.requests.slice(forgetOldLooks).some(is);
		// The jobs end only now, so that both executions have parked before, even on a slow machine. The faults then hold
		// them while they wake.
		for (const job of [...jobsOf('waking'), ...jobsOf('downloading')]) await finish(sandbox, job);
		await until(
			() => seen((request) => isLookAt('waking', request)) && seen(({ endpoint }) => endpoint === 'video'),
		);
		await start('submitting');
		// The node polls a job once before it parks.
		await until(() => seen((request) => isLookAt('submitting', request)));
		await n8n.kill();
		sandbox.faults.clear();
		await n8n.start();
	});

	test('between submit and park leaves one paid job, which the provider lists', async () => {
		const { status } = await n8n.rest.waitForExecution(ids.submitting, ENDED_MS);
		expect(status).toBe('crashed');
		const [{ id }] = jobsOf('submitting');
		expect(jobsOf('submitting')).toHaveLength(1);

		const parameters = { resource: 'generation', operation: 'getMany', limit: 100 };
		await n8n.importWorkflow(flow({ id: 'list', prompts: [''], parameters }, PROVIDERS.fal, credential));
		const listed = results(await n8n.run('list', 'Start', ENDED_MS));
		expect(listed.map(({ json }) => json.requestId)).toContain(id);
		expect(n8n.log()).toContain(id);
	});

	test.each(['waking', 'downloading'] as const)('while %s lets a retry resume the job', async (name) => {
		const { status } = await n8n.rest.waitForExecution(ids[name], ENDED_MS);
		process.stderr.write(`Killed while ${name}: ${status}\n`);
		const execution = status === 'success' ? await n8n.rest.execution(ids[name]) : await retry(name);

		expect(promptsOf(results(execution))).toEqual(CASES[name].prompts);
		expect(jobsOf(name)).toHaveLength(1);
	});
});
