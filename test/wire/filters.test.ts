import type { IDataObject } from 'n8n-workflow';

import { runNode, sandboxCredentials } from '../../harness/engine/engine';
import { startSandbox, type Sandbox } from '../../sandbox';
import { finish } from '../sandbox/support';

/** Generation: Get Many returns the generations that match its filters, and applies the limit after the filters. */

const DAY_MS = 24 * 60 * 60 * 1000;

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 600, queueSeconds: 0.01 });
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

async function run(parameters: IDataObject) {
	return await runNode({ credentials: sandboxCredentials(sandbox), parameters });
}

async function getMany(provider: string, filters: IDataObject, more: IDataObject = { returnAll: true }) {
	const parameters = { resource: 'generation', operation: 'getMany', provider, filters, ...more };
	const { items, error } = await run(parameters);
	return { ids: items.map(({ json }) => json.requestId), message: error?.message };
}

/** Submits a job and changes its submit time to this many days ago. */
async function submit(provider: string, operation = 'animate', daysAgo = 0): Promise<string> {
	const { items } = await run({ provider, operation, waitMode: 'submit' });
	const job = sandbox.jobs.at(-1)!;
	Object.assign(job, { acceptedAt: job.acceptedAt - daysAgo * DAY_MS });
	return items[0].json.requestId as string;
}

const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
const listsRead = () =>
	sandbox.requests
		.filter(({ endpoint }) => endpoint === 'requests')
		.map(({ url }) => new URL(url, sandbox.fal.apiUrl).searchParams);

describe.each(['fal', 'oxen'])('Get Many at %s', (provider) => {
	test('returns generations with one of the selected statuses', async () => {
		const running = await submit(provider);
		const succeeded = await submit(provider);
		await finish(sandbox, sandbox.jobs[1]);
		const cancelled = await submit(provider);
		await run({ resource: 'generation', operation: 'cancel', provider, requestId: cancelled });
		await finish(sandbox, sandbox.jobs[2]);

		expect((await getMany(provider, { status: ['succeeded'] })).ids).toEqual([succeeded]);
		expect((await getMany(provider, { status: ['queued', 'running'] })).ids).toEqual([running]);
		expect((await getMany(provider, { status: ['cancelled', 'succeeded'] })).ids).toContain(succeeded);
		expect((await getMany(provider, { status: [] })).ids).toHaveLength(3);
	});

	test('returns generations of the selected operations', async () => {
		const animated = await submit(provider);
		const generated = await submit(provider, 'generate');
		expect((await getMany(provider, { modelOperation: ['generate'] })).ids).toEqual([generated]);
		expect((await getMany(provider, { modelOperation: ['generate', 'animate'] })).ids).toEqual([
			generated,
			animated,
		]);
		expect((await getMany(provider, { modelOperation: ['edit'] })).ids).toEqual([]);
	});

	test('returns generations that were submitted between two times', async () => {
		const [old, middle, recent] = [
			await submit(provider, 'animate', 20),
			await submit(provider, 'animate', 10),
			await submit(provider),
		];
		expect((await getMany(provider, { submittedAfter: daysAgo(15) })).ids).toEqual([recent, middle]);
		expect((await getMany(provider, { submittedBefore: daysAgo(5) })).ids).toEqual([middle, old]);
		const both = { submittedAfter: daysAgo(15), submittedBefore: daysAgo(5) };
		expect((await getMany(provider, both)).ids).toEqual([middle]);
	});

	test('applies the limit after the filters', async () => {
		const wanted = await submit(provider);
		await finish(sandbox, sandbox.jobs[0]);
		for (let others = 0; others < 3; others++) await submit(provider);
		expect((await getMany(provider, { status: ['succeeded'] }, { limit: 1 })).ids).toEqual([wanted]);
	});

	test.each([
		[{ submittedAfter: 'yesterday' }, "'Submitted After' must be a date"],
		[{ submittedBefore: '={{ "2026-13-45" }}' }, "'Submitted Before' must be a date"],
		[
			{ submittedAfter: '2026-11-21T10:00:00Z', submittedBefore: '2026-11-20T10:00:00Z' },
			"'Submitted After' is later than 'Submitted Before'",
		],
		[{ status: ['done'] }, "'Status' must be one of: queued, running, succeeded, failed, cancelled"],
		[{ modelOperation: ['paint'] }, "'Model Operation' must be one of: animate"],
	])('refuses %j without a request', async (filters, message) => {
		expect((await getMany(provider, filters)).message).toContain(message);
		expect(sandbox.requests).toHaveLength(0);
	});
});

test("uses the workflow's time zone for a date without one", async () => {
	const filters = { submittedAfter: '2026-11-20T10:00:00' };
	const parameters = { resource: 'generation', operation: 'getMany', filters };
	await runNode({
		credentials: sandboxCredentials(sandbox),
		parameters,
		settings: { timezone: 'America/New_York' },
	});
	expect(listsRead()[0].get('start')).toBe('2026-11-20T15:00:00.000Z');
});

test('asks fal only for the selected models and times', async () => {
	await getMany('fal', {
		modelOperation: ['edit'],
		submittedAfter: daysAgo(25),
		submittedBefore: daysAgo(20),
	});
	const [query, ...others] = listsRead();
	expect(others).toEqual([]);
	expect(query.get('endpoint_id')).toBe('luma/agent/ray/v3.2/video-to-video');
	expect(Date.parse(query.get('start')!)).toBeLessThan(Date.parse(query.get('end')!));
	// The end of the requested period is later, because a job that was submitted earlier may have ended later.
	expect(Date.parse(query.get('end')!)).toBeGreaterThan(Date.now() - 20 * DAY_MS);
});
