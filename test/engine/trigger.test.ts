import type { IDataObject, INodeType } from 'n8n-workflow';

import { PollingHost, type PollOptions } from '../../harness/engine/poll';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';
import type { Fault, SandboxJob } from '../../sandbox';
import {
	FAL_INPUTS,
	falClient,
	finish,
	HELD,
	OXEN_INPUTS,
	oxenClient,
	until,
	useSandbox,
} from '../sandbox/support';
import { timeOnCommand } from './pollTime';

/**
 * The items that a workflow gets from the trigger in n8n's own poll context. Static data is saved the way n8n saves
 * it.
 */

const sandbox = useSandbox(HELD);
const PROVIDERS = ['fal', 'oxen'] as const;
type ProviderName = (typeof PROVIDERS)[number];

/** The trigger as loaded by a process that has just started. */
async function freshNode(): Promise<INodeType> {
	vi.resetModules();
	const { LumaRayTrigger } = await import('../../nodes/LumaRay/LumaRayTrigger.node');
	return new LumaRayTrigger();
}

async function hostWith(
	parameters: IDataObject = {},
	options: Partial<PollOptions> = {},
): Promise<PollingHost> {
	const credentials = sandboxCredentials(sandbox);
	return new PollingHost(await freshNode(), { credentials, parameters, ...options });
}

/** Submits a generation without n8n, for one of the four models. */
async function submit(provider: ProviderName, place = 0, more: object = {}): Promise<SandboxJob> {
	if (provider === 'fal') {
		const models = Object.keys(FAL_INPUTS);
		const model = models[place % models.length];
		await falClient(sandbox, model).submit({ ...FAL_INPUTS[model], ...more });
	} else {
		const models = Object.keys(OXEN_INPUTS);
		const model = models[place % models.length];
		await oxenClient(sandbox).enqueue({ model, ...OXEN_INPUTS[model], ...more });
	}
	return sandbox.jobs.at(-1)!;
}

async function submitFailing(provider: ProviderName): Promise<SandboxJob> {
	const fault = { kind: 'jobFails', message: 'No such luck' } as const;
	const handle = sandbox.faults.add({ service: provider, endpoint: 'submit', fault });
	const job = await submit(provider);
	handle.remove();
	return job;
}

async function cancel(provider: ProviderName, { id }: SandboxJob): Promise<void> {
	const cancel = { resource: 'generation', operation: 'cancel', provider, requestId: id };
	const { error } = await runNode({ credentials: sandboxCredentials(sandbox), parameters: cancel });
	expect(error).toBeUndefined();
}

function countOf(endpoint: string): number {
	return sandbox.requests.filter((request) => request.endpoint === endpoint).length;
}

/** Polls until the workflow starts. The time of a poll ends during its first download, which has this fault. */
async function pollsThatDownload(host: PollingHost, service: ProviderName, fault: Fault): Promise<void> {
	const budgetMs = 222_222;
	const time = timeOnCommand(budgetMs);
	const video = sandbox.faults.add({ service, endpoint: 'video', fault });
	const pollOnce = async (poll: () => Promise<unknown>) => {
		const before = video.hits;
		let isOver = false;
		const polled = poll().finally(() => (isOver = true));
		await until(() => isOver || video.hits > before, 'a download or the end of the poll');
		time.end();
		await polled;
	};
	await pollOnce(async () => await host.activate('update', { budgetMs }));
	for (let poll = 0; poll < 20 && host.executions.length === 0; poll++) {
		await pollOnce(async () => await host.poll());
	}
	vi.restoreAllMocks();
}

describe.each(PROVIDERS)('at %s', (provider) => {
	test('emits no generation that ended before activation, and one in progress once, when it ends', async () => {
		const old = await submit(provider);
		await finish(sandbox, old);
		const open = await submit(provider);
		const host = await hostWith({ provider });
		await host.activate();
		expect(await host.poll()).toEqual([]);
		await finish(sandbox, open);
		await host.poll();
		await host.poll();
		expect(host.requestIds()).toEqual([open.id]);
	});

	test('emits 200 generations of all models once each, in any order, over three polls and restarts', async () => {
		const host = await hostWith({ provider, options: { limit: 500 } });
		await host.activate();
		const jobs: SandboxJob[] = [];
		for (let place = 0; place < 200; place++) jobs.push(await submit(provider, place));
		// The jobs end in a different order than they were submitted, with a restart after each poll. The second poll
		// emits nothing, so n8n saves nothing.
		const shuffled = jobs
			.map((job, place) => ({ job, key: (place * 7919) % 200 }))
			.sort((one, other) => one.key - other.key);
		for (const part of [shuffled.slice(0, 90), [], shuffled.slice(90)]) {
			for (const { job } of part) await finish(sandbox, job);
			await host.poll();
			await host.restart(await freshNode());
		}
		await host.poll();
		expect(host.requestIds()).toHaveLength(200);
		expect(host.requestIds().slice().sort()).toEqual(jobs.map(({ id }) => id).sort());
	});

	test.each(['succeeded', 'failed', 'ended'])(
		"emits only matching generations with 'Trigger On' set to %s",
		async (event) => {
			const host = await hostWith({ provider, event });
			await host.activate();
			const succeeded = await submit(provider);
			const failed = await submitFailing(provider);
			const cancelled = await submit(provider);
			await finish(sandbox, succeeded);
			await sandbox.advance(failed);
			await cancel(provider, cancelled);
			await host.poll();
			const expected = {
				succeeded: { [succeeded.id]: 'succeeded' },
				failed: { [failed.id]: 'failed', [cancelled.id]: 'cancelled' },
				ended: { [succeeded.id]: 'succeeded', [failed.id]: 'failed', [cancelled.id]: 'cancelled' },
			}[event];
			const found = host.executions.flat().map(({ json }) => [json.requestId, json.status]);
			expect(Object.fromEntries(found)).toEqual(expected);
		},
	);

	test.each([true, false])('emits the same item as Generation: Get (Simplify: %s)', async (simplify) => {
		const look = { provider, simplify, downloadVideo: true, outputBinaryField: 'clip' };
		const host = await hostWith({ ...look });
		await host.activate();
		const job = await submit(provider);
		await finish(sandbox, job);
		const [item] = await host.poll();
		const get = { resource: 'generation', operation: 'get', requestId: job.id, ...look };
		const { items } = await runNode({ credentials: sandboxCredentials(sandbox), parameters: get });
		expect(item.json).toEqual(items[0].json);
		expect(Object.keys(item.json)).toEqual(Object.keys(items[0].json));
		expect(item.binary?.clip).toMatchObject({
			mimeType: 'video/mp4',
			fileName: items[0].binary?.clip.fileName,
		});
	});

	test('emits at most as many items as the limit, and the rest in the next polls', async () => {
		const host = await hostWith({ provider, options: { limit: 2 } });
		await host.activate();
		const jobs = [await submit(provider), await submit(provider), await submit(provider)];
		for (const job of jobs) await finish(sandbox, job);
		await host.poll();
		expect(host.requestIds()).toHaveLength(2);
		await host.restart(await freshNode());
		await host.poll();
		expect(host.executions.map((items) => items.length)).toEqual([2, 1]);
		expect(host.requestIds().slice().sort()).toEqual(jobs.map(({ id }) => id).sort());
	});

	test('cannot be activated with a refused key, and the message says why', async () => {
		const credentials = sandboxCredentials(sandbox);
		for (const credential of Object.values(credentials)) credential.apiKey = 'nobody:nothing';
		const host = await hostWith({ provider }, { credentials });
		await expect(host.activate()).rejects.toMatchObject({
			httpCode: '401',
			message: expect.stringMatching(/^(?!.*\[item).*API key/),
			description: expect.stringContaining('credential'),
		});
	});

	test('ends the poll with n8n’s rate-limit error on a 429, and loses nothing', async () => {
		const host = await hostWith({ provider });
		await host.activate();
		const job = await submit(provider);
		await finish(sandbox, job);
		const fault = { kind: 'status', code: 429, headers: { 'retry-after': '90' }, body: {} } as const;
		const endpoint = provider === 'fal' ? 'requests' : 'generations';
		sandbox.faults.add({ service: provider, endpoint, fault });
		const before = countOf(endpoint);
		await expect(host.poll()).rejects.toMatchObject({
			httpCode: '429',
			failure: { cause: 'rate-limited', retryAfterMs: 90_000 },
		});
		// n8n waits, so the poll does not. fal's lists, one per model, are read at the same time.
		expect(countOf(endpoint) - before).toBeLessThanOrEqual(provider === 'fal' ? 4 : 1);
		sandbox.faults.clear();
		await host.poll();
		expect(host.requestIds()).toEqual([job.id]);
	});

	test('leaves a generation for the next poll if its status check gets a 429', async () => {
		const host = await hostWith({ provider });
		await host.activate();
		const job = await submit(provider);
		await finish(sandbox, job);
		const fault = { kind: 'status', code: 429, headers: { 'retry-after': '0' }, body: {} } as const;
		sandbox.faults.add({ service: provider, endpoint: 'status', fault });
		// More often than a generation is tried.
		for (let poll = 0; poll < 8; poll++) await expect(host.poll()).rejects.toMatchObject({ httpCode: '429' });
		sandbox.faults.clear();
		await host.poll();
		expect(host.executions.flat()[0].json).toMatchObject({ requestId: job.id, status: 'succeeded' });
		expect(host.requestIds()).toEqual([job.id]);
	});

	test('starts no failed execution and loses nothing while the provider is down for several polls', async () => {
		const host = await hostWith({ provider });
		await host.activate();
		const endpoint = provider === 'fal' ? 'requests' : 'generations';
		sandbox.faults.add({ service: provider, endpoint, fault: { kind: 'status', code: 503, body: '<html>' } });
		expect(await host.poll()).toEqual([]);
		const job = await submit(provider);
		await finish(sandbox, job);
		expect(await host.poll()).toEqual([]);
		expect(host.log).toEqual([expect.stringContaining('could not be listed'), expect.any(String)]);
		sandbox.faults.clear();
		await host.poll();
		expect(host.requestIds()).toEqual([job.id]);
	});

	test('reports a permanent error of the provider', async () => {
		const host = await hostWith({ provider });
		await host.activate();
		const endpoint = provider === 'fal' ? 'requests' : 'generations';
		sandbox.faults.add({ service: provider, endpoint, fault: { kind: 'status', code: 400, body: '<html>' } });
		await expect(host.poll()).rejects.toMatchObject({ httpCode: '400' });
	});

	test('emits the newest matching generation in a manual run, and changes no state', async () => {
		const host = await hostWith({ provider, event: 'ended', downloadVideo: true });
		const [older, newer] = [await submit(provider), await submit(provider)];
		await finish(sandbox, newer);
		await finish(sandbox, older);
		const failed = await submitFailing(provider);
		const items = await host.runManually();
		expect(items).toHaveLength(1);
		expect([older.id, newer.id]).toContain(items[0].json.requestId);
		expect(items[0].binary?.data).toBeDefined();
		expect(host.saved).toEqual({});
		expect(failed.status).toBe('queued');
	});

	test('explains what to do if there is no generation in a manual run', async () => {
		const host = await hostWith({ provider, event: 'failed' });
		await finish(sandbox, await submit(provider));
		await expect(host.runManually()).rejects.toMatchObject({
			message: expect.stringMatching(/lists no generation that failed or was cancelled$/),
			description: expect.stringContaining('test this trigger again'),
		});
	});

	test('emits an item without its video if the download fails, together with the other items', async () => {
		const host = await hostWith({ provider, downloadVideo: true });
		await host.activate();
		const [lost, other] = [await submit(provider), await submit(provider)];
		await finish(sandbox, lost);
		await finish(sandbox, other);
		const fault = { kind: 'status', code: 410, body: 'Gone' } as const;
		const match = ({ url }: { url: string }) => url.includes(lost.id);
		sandbox.faults.add({ service: provider, endpoint: 'video', fault, match });
		await host.poll();
		expect(host.requestIds().slice().sort()).toEqual([lost.id, other.id].sort());
		for (const { json, binary } of host.executions.flat()) {
			const isLost = json.requestId === lost.id;
			expect(binary === undefined).toBe(isLost);
			expect(json).toMatchObject({ status: 'succeeded', videoUrl: expect.any(String) });
			expect(json.errorMessage).toEqual(
				isLost ? expect.stringContaining('could not be downloaded') : undefined,
			);
		}
		expect(await host.poll()).toEqual([]);
	});

	test('emits an item without its video after several polls if the download keeps failing', async () => {
		const host = await hostWith({ provider, downloadVideo: true });
		await host.activate();
		const job = await submit(provider);
		await finish(sandbox, job);
		await pollsThatDownload(host, provider, { kind: 'status', code: 503, body: '' });
		const errorMessage = expect.stringContaining('could not be downloaded');
		expect(host.executions.flat()[0].json).toMatchObject({ requestId: job.id, errorMessage });
		expect(await host.poll()).toEqual([]);
	});

	test('ends a poll within n8n’s time limit and leaves the rest for the next poll', async () => {
		const host = await hostWith({ provider, downloadVideo: true }, { budgetMs: 3_000 });
		await host.activate();
		const jobs = [await submit(provider), await submit(provider)];
		for (const job of jobs) await finish(sandbox, job);
		sandbox.faults.add({ service: provider, endpoint: 'video', fault: { kind: 'stall' } });
		const begun = performance.now();
		expect(await host.poll()).toEqual([]);
		expect(performance.now() - begun).toBeLessThan(60_000);
		sandbox.faults.clear();
		await host.activate('update', { budgetMs: 300_000 });
		await host.poll();
		expect(host.requestIds().slice().sort()).toEqual(jobs.map(({ id }) => id).sort());
		for (const { binary } of host.executions.flat()) expect(binary?.data).toBeDefined();
	});
});

test('emits an item without its video if the download never finishes in time', async () => {
	const host = await hostWith({ downloadVideo: true });
	await host.activate();
	const job = await submit('fal');
	await finish(sandbox, job);
	await pollsThatDownload(host, 'fal', { kind: 'stall' });
	const errorMessage = expect.stringContaining('could not be downloaded: it took too long');
	expect(host.executions.flat()[0].json).toMatchObject({
		requestId: job.id,
		status: 'succeeded',
		errorMessage,
	});
});

test('emits nothing twice when two polls run at the same time', async () => {
	const host = await hostWith();
	await host.activate();
	const job = await submit('fal');
	await finish(sandbox, job);
	await Promise.all([host.poll(), host.poll()]);
	await host.poll();
	expect(host.requestIds()).toEqual([job.id]);
});

test('replaces a saved state that it cannot read, and logs that', async () => {
	const host = await hostWith();
	await host.activate();
	await finish(sandbox, await submit('fal'));
	host.saved = { 'node:Luma Ray Trigger': { generations: { revision: 7, cursor: 'broken' } } };
	await host.restart(await freshNode());
	expect(await host.poll()).toEqual([]);
	expect(host.log[0]).toContain('saved state cannot be read');
	const next = await submit('fal');
	await finish(sandbox, next);
	await host.poll();
	expect(host.requestIds()).toEqual([next.id]);
});

describe('when n8n drops the result of a poll', () => {
	test('emits the items again if n8n has dropped them', async () => {
		const host = await hostWith();
		await host.activate();
		const job = await submit('fal');
		await finish(sandbox, job);
		const { saved } = host;
		await host.poll();
		// n8n's scheduler loads the static data for each poll, and drops the items of a poll that took too long.
		host.executions.length = 0;
		host.saved = saved;
		await host.activate('update');
		expect(host.requestIds()).toEqual([job.id]);
	});

	test('remembers the state of an activation that n8n did not save', async () => {
		const host = await hostWith();
		await host.activate();
		host.saved = {};
		const job = await submit('fal');
		await finish(sandbox, job);
		await host.activate('update');
		expect(host.requestIds()).toEqual([job.id]);
	});
});

describe('when the workflow is changed', () => {
	test('emits nothing that ended while the workflow was inactive', async () => {
		const host = await hostWith();
		await host.activate();
		const job = await submit('fal');
		await finish(sandbox, job);
		const open = await submit('fal');
		// With a new process, as if the old one had ended or had forgotten its state.
		await host.activate('activate', {}, await freshNode());
		expect(await host.poll()).toEqual([]);
		await finish(sandbox, open);
		await host.poll();
		expect(host.requestIds()).toEqual([open.id]);
	});

	test('loses nothing when the workflow is published again', async () => {
		const host = await hostWith();
		await host.activate();
		const job = await submit('fal');
		await finish(sandbox, job);
		await host.activate('update');
		await host.poll();
		expect(host.requestIds()).toEqual([job.id]);
	});

	test('loses nothing when the workflow is published again after ten polls that emitted items', async () => {
		const host = await hostWith();
		await host.activate();
		const clock = vi.spyOn(Date, 'now');
		const begun = Date.now();
		for (let minute = 1; minute <= 10; minute++) {
			clock.mockReturnValue(begun + minute * 60_000);
			await finish(sandbox, await submit('fal'));
			await host.poll();
		}
		const job = await submit('fal');
		await finish(sandbox, job);
		// An n8n with several main processes calls it like this.
		await host.activate('activate');
		await host.poll();
		clock.mockRestore();
		expect(host.requestIds()).toHaveLength(11);
		expect(host.requestIds()).toContain(job.id);
	});

	describe('in a version of n8n that treats publishing as an activation', () => {
		const MINUTE_MS = 60_000;
		const begun = Date.now();
		const at = (minute: number) => vi.spyOn(Date, 'now').mockReturnValue(begun + minute * MINUTE_MS);
		const HOURLY = { item: [{ mode: 'everyHour', minute: 0 }] };
		const EVERY_TWO_HOURS = { item: [{ mode: 'everyX', value: 2, unit: 'hours' }] };
		const CRON = { item: [{ mode: 'custom', cronExpression: '0 0 * * * *' }] };

		afterEach(() => {
			vi.restoreAllMocks();
		});

		test.each([
			['hourly', HOURLY, 30],
			['every two hours', EVERY_TWO_HOURS, 100],
			['by a cron expression', CRON, 30],
		])('loses nothing before its next poll if it polls %s', async (_, pollTimes, minutes) => {
			const host = await hostWith({ pollTimes });
			at(0);
			await host.activate();
			at(60);
			await host.poll();
			const job = await submit('fal');
			await finish(sandbox, job);
			at(60 + minutes);
			await host.activate('activate');
			await host.poll();
			expect(host.requestIds()).toEqual([job.id]);
		});

		test.each([
			['minute', { item: [{ mode: 'everyMinute' }] }, 10],
			['hour', HOURLY, 70],
		])(
			'counts as inactive and emits nothing old if it polls every %s and missed polls',
			async (_, pollTimes, minutes) => {
				const host = await hostWith({ pollTimes });
				at(0);
				await host.activate();
				await finish(sandbox, await submit('fal'));
				at(minutes);
				await host.activate('activate');
				expect(await host.poll()).toEqual([]);
				const next = await submit('fal');
				await finish(sandbox, next);
				await host.poll();
				expect(host.requestIds()).toEqual([next.id]);
			},
		);
	});

	test.each([
		['provider', { parameters: { provider: 'oxen' } }],
		['credential', { credentialIds: { lumaRayFalApi: '2' } }],
	])('after a change to another %s, emits only generations that end later', async (what, changed) => {
		const host = await hostWith();
		const provider = what === 'provider' ? 'oxen' : 'fal';
		await host.activate();
		await finish(sandbox, await submit(provider));
		await host.activate('update', changed);
		expect(await host.poll()).toEqual([]);
		const next = await submit(provider);
		await finish(sandbox, next);
		await host.poll();
		expect(host.requestIds()).toEqual([next.id]);
	});
});

test('emits only generations of Oxen’s namespace if one is set', async () => {
	const host = await hostWith({ provider: 'oxen', options: { targetNamespace: 'team' } });
	await host.activate();
	const [own, ours] = [await submit('oxen'), await submit('oxen', 0, { target_namespace: 'team' })];
	await finish(sandbox, own);
	await finish(sandbox, ours);
	await host.poll();
	expect(host.requestIds()).toEqual([ours.id]);
});

test('checks a generation in progress by its request ID if the list no longer shows it', async () => {
	const host = await hostWith();
	const job = await submit('fal');
	await host.activate();
	const fault = { kind: 'wrongShape', body: { items: [], next_cursor: null } } as const;
	sandbox.faults.add({ service: 'fal', endpoint: 'requests', fault });
	expect(await host.poll()).toEqual([]);
	await finish(sandbox, job);
	await host.poll();
	await host.poll();
	expect(host.requestIds()).toEqual([job.id]);
});

test('refuses an invalid limit and names its field', async () => {
	const host = await hostWith({ options: { limit: 0 } });
	await expect(host.activate()).rejects.toThrow("'Limit' must be a whole number of at least 1");
});
