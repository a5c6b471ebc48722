import type { IDataObject } from 'n8n-workflow';

import { runNode, sandboxCredentials } from '../../harness/engine/engine';
import { startSandbox, type Sandbox } from '../../sandbox';
import { finish, until } from '../sandbox/support';

/** The keys of an output item, and the information about a job of an earlier run. */

let jobSeconds = 600;
let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: () => jobSeconds, queueSeconds: 0.05 });
});
beforeEach(() => (jobSeconds = 600));
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

async function run(parameters: IDataObject): Promise<IDataObject> {
	const { items, error } = await runNode({ credentials: sandboxCredentials(sandbox), parameters });
	expect(error).toBeUndefined();
	return items[0].json;
}

const ALL = ['videoUrl', 'status', 'requestId', 'provider', 'model', 'video', 'parameters', 'cost', 'timing'];

describe.each(['fal', 'oxen'])('an output item at %s', (provider) => {
	const submit = async () => (await run({ provider, waitMode: 'submit' })).requestId as string;
	const collect = async (operation: string, requestId: string, more: IDataObject = {}) =>
		await run({ resource: 'generation', operation, provider, requestId, ...more });

	test('has all keys for an order, the video first', async () => {
		jobSeconds = 0.1;
		expect(Object.keys(await run({ provider }))).toEqual(ALL);
		jobSeconds = 600;
		expect(Object.keys(await run({ provider, waitMode: 'submit' }))).toEqual(ALL);
	});

	test('contains the reason if no price is known', async () => {
		const { cost } = await run({
			provider,
			waitMode: 'submit',
			options: { additionalFields: '{"resolution":"720p"}', checkLiveModel: false },
		});
		expect(cost).toMatchObject({ estimatedUsd: null, reason: expect.stringContaining('changes the price') });
	});

	test('has no empty key except the model when Get reads an unfinished job', async () => {
		const json = await collect('get', await submit());
		expect(Object.keys(json)).toEqual(['status', 'requestId', 'provider', 'model']);
	});

	test.each(['get', 'wait'])('has no parameters when %s reads a finished job', async (operation) => {
		const requestId = await submit();
		await finish(sandbox);
		const json = await collect(operation, requestId);
		expect(Object.keys(json)).toEqual(ALL.filter((key) => key !== 'parameters'));
	});

	test('does not contain a wrong end time if the job had ended before Wait started', async () => {
		const requestId = await submit();
		await finish(sandbox);
		const endedBy = Date.now();
		const { completedAt } = (await collect('wait', requestId)).timing as { completedAt: string | null };
		// Oxen reports the end time, but fal does not.
		if (provider === 'fal') expect(completedAt).toBeNull();
		else expect(Date.parse(completedAt!)).toBeLessThanOrEqual(endedBy);
	});

	test('contains the time when Wait noticed the end of the job', async () => {
		const requestId = await submit();
		const waiting = collect('wait', requestId, { options: { follow: 'poll', pollIntervalSeconds: 1 } });
		const polls = () => sandbox.requests.filter(({ endpoint }) => endpoint === 'status');
		// The second poll starts only after the first was answered.
		await until(() => polls().length > 1, 'the second poll');
		await finish(sandbox);
		const { completedAt } = (await waiting).timing as { completedAt: string | null };
		expect(Math.abs(Date.parse(completedAt!) - sandbox.jobs[0].completedAt!)).toBeLessThan(60_000);
	});
});
