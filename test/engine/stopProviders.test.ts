import { createRequire } from 'node:module';

import { Container } from '@n8n/di';
import type { INode, INodeExecutionData, IRunExecutionData, Logger } from 'n8n-workflow';
import type { MockInstance } from 'vitest';

import { startSandbox, type Sandbox } from '../../sandbox';
import { sleep, until } from '../sandbox/support';
import { runNode, sandboxCredentials, type Credentials, type EngineRun } from '../../harness/engine/engine';
import { saved } from '../../harness/engine/parked';

/** Stop in an execution with jobs at both providers, because the user changed Provider before "Retry execution". */

const RETRY_ON_FAIL: Partial<INode> = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1_500 };
const ITEMS: INodeExecutionData[] = [{ json: { number: 0 } }, { json: { number: 1 } }];
const REFUSED = { kind: 'status', code: 422, body: { detail: 'Refused', error: { title: 'No' } } } as const;

let sandbox: Sandbox;
let logged: MockInstance<Logger['info']>;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 600, queueSeconds: 0.05 });
});
beforeEach(() => {
	const fromCore = createRequire(require.resolve('n8n-core'));
	const { Logger } = fromCore('@n8n/backend-common') as { Logger: new () => Logger };
	logged = vi.spyOn(Container.get(Logger), 'info').mockImplementation(() => undefined);
	for (const service of ['fal', 'oxen'] as const) {
		const isSecond = ({ body }: { body?: unknown }) => JSON.stringify(body).includes('Number 1');
		sandbox.faults.add({ service, endpoint: 'submit', match: isSecond, fault: REFUSED });
	}
});
afterEach(() => {
	vi.restoreAllMocks();
	sandbox.reset();
});
afterAll(async () => await sandbox.close());

function parametersFor(provider: string, cancelOnStop = true) {
	return { provider, prompt: '=Number {{ $json.number }}', options: { concurrency: 1, cancelOnStop } };
}

/** The data that n8n passes to "Retry execution" after the user has changed Provider. */
function savedForRetry(failed: EngineRun, parameters: object): IRunExecutionData {
	const data = saved(failed);
	delete data.resultData.error;
	data.resultData.runData['Luma Ray'].pop();
	const { node } = data.executionData!.nodeExecutionStack[0];
	Object.assign(node, { ...RETRY_ON_FAIL, parameters: { ...node.parameters, ...parameters } });
	return data;
}

/**
 * Leaves a job at fal.ai, changes Provider, leaves another job at Oxen.ai in a first try, and stops before the second
 * try.
 * @param credentials the ones that n8n has at the retry
 * @param provider the new value of Provider. n8n gives the node only the credential of that provider, or both if the
 * value is an expression
 */
async function stopAtBoth(
	credentials: Credentials,
	{ provider = 'oxen', cancelOnStop = true } = {},
): Promise<EngineRun> {
	const failed = await runNode({
		credentials: sandboxCredentials(sandbox),
		parameters: parametersFor('fal', cancelOnStop),
		items: ITEMS,
	});
	expect(failed.error).toBeDefined();
	const parameters = parametersFor(provider, cancelOnStop);
	let stop!: () => void;
	const retried = runNode({
		credentials,
		node: RETRY_ON_FAIL,
		parameters,
		data: savedForRetry(failed, parameters),
		onStart: (execution) => (stop = () => execution.cancel()),
	});
	await until(
		() => sandbox.requests.filter(({ endpoint }) => endpoint === 'submit').length === 4,
		'the submits',
	);
	await sleep(500);
	stop();
	return await retried;
}

function job(service: 'fal' | 'oxen') {
	return sandbox.jobs.find((one) => one.service === service)!;
}

/** The last line about a job in n8n's log after the Stop. */
function logOf({ id }: { id: string }): string {
	return logged.mock.calls.flatMap(([message]) => (message.includes(id) ? [message] : [])).at(-1) ?? '';
}

test('Stop cancels each job at its own provider', async () => {
	const { run } = await stopAtBoth(sandboxCredentials(sandbox), { provider: '={{ "oxen" }}' });
	await until(() => sandbox.jobs.every(({ status }) => status === 'cancelled'), 'the cancels');

	expect(run.status).toBe('canceled');
	expect(sandbox.jobs.map(({ service }) => service)).toEqual(['fal', 'oxen']);
	for (const one of sandbox.jobs) {
		await until(() => logOf(one).includes('after Stop'), 'the line in the log');
		expect(logOf(one)).not.toContain('could not be cancelled');
	}
	expect(sandbox.requests.filter(({ endpoint }) => endpoint === 'cancel')).toHaveLength(2);
});

test.each([
	['is missing', (all: Credentials): Credentials => ({ lumaRayOxenApi: all.lumaRayOxenApi })],
	['is withheld by n8n because another provider is selected', (all: Credentials) => all],
])('Stop logs a job when its credential %s, and cancels the others', async (_why, credentials) => {
	const { run } = await stopAtBoth(credentials(sandboxCredentials(sandbox)));
	await until(() => job('oxen').status === 'cancelled', 'the cancel');

	expect(run.status).toBe('canceled');
	expect(logOf(job('fal'))).toMatch(/could not be cancelled.*after Stop/);
	expect(job('fal').cancelRequestedAt).toBeUndefined();
});

test('Stop leaves all jobs running and logs them if Cancel on Stop is off', async () => {
	await stopAtBoth(sandboxCredentials(sandbox), { cancelOnStop: false });

	for (const service of ['fal', 'oxen'] as const) expect(logOf(job(service))).toContain('left running');
	expect(sandbox.requests.filter(({ endpoint }) => endpoint === 'cancel')).toHaveLength(0);
});
