import type { IDataObject, INodeType } from 'n8n-workflow';

import { sandboxCredentials } from '../../harness/engine/engine';
import { PollingHost } from '../../harness/engine/poll';
import type { SandboxJob } from '../../sandbox';
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

/** The trigger with lists that are too long to read in one poll: it reads them over several polls. */

const sandbox = useSandbox(HELD);
const [FAL_MODEL] = Object.keys(FAL_INPUTS);
const [OXEN_MODEL] = Object.keys(OXEN_INPUTS);
const BUDGET_MS = 222_222;
/** The requests for the list that has the generations, and how many of them it shows on a page. */
const LISTS = {
	fal: { endpoint: 'requests', of: encodeURIComponent(FAL_MODEL), entries: 50 },
	oxen: { endpoint: 'generations', of: 'page=', entries: 200 },
} as const;
type ProviderName = keyof typeof LISTS;

async function freshNode(): Promise<INodeType> {
	vi.resetModules();
	const { LumaRayTrigger } = await import('../../nodes/LumaRay/LumaRayTrigger.node');
	return new LumaRayTrigger();
}

async function hostWith(parameters: IDataObject): Promise<PollingHost> {
	const credentials = sandboxCredentials(sandbox);
	return new PollingHost(await freshNode(), { credentials, parameters, budgetMs: BUDGET_MS });
}

async function submit(provider: ProviderName, count = 1): Promise<SandboxJob[]> {
	for (let place = 0; place < count; place++) {
		if (provider === 'fal') await falClient(sandbox, FAL_MODEL).submit({ ...FAL_INPUTS[FAL_MODEL] });
		else await oxenClient(sandbox).enqueue({ model: OXEN_MODEL, ...OXEN_INPUTS[OXEN_MODEL] });
	}
	return sandbox.jobs.slice(-count);
}

async function finishAll(jobs: SandboxJob[]): Promise<void> {
	for (const job of jobs) await finish(sandbox, job);
}

/** Waits until Oxen, which gives times in seconds, gives a later one. */
async function nextSecond(): Promise<void> {
	const second = () => Math.floor(Date.now() / 1000);
	const now = second();
	await until(() => second() > now);
}

let listTime: ReturnType<typeof timeOnCommand>;

beforeEach(() => {
	listTime = timeOnCommand(BUDGET_MS / 2);
});

afterEach(() => {
	vi.restoreAllMocks();
});

/** Runs something that polls, and lets only this many pages of the list arrive before the time is up. */
async function withPages(provider: ProviderName, pages: number, poll: () => Promise<unknown>): Promise<void> {
	const { endpoint, of } = LISTS[provider];
	const isCounted = ({ url }: { url: string }) => pages === 0 || url.includes(of);
	const hang = sandbox.faults.add({
		service: provider,
		endpoint,
		match: isCounted,
		nth: [pages + 1, Infinity],
		fault: { kind: 'hang', accepted: false },
	});
	let isOver = false;
	const polled = poll().finally(() => (isOver = true));
	await until(() => isOver || hang.hits > 0, 'the end of the poll or of its time');
	listTime.end();
	await polled;
	hang.remove();
}

describe.each(['fal', 'oxen'] as const)('at %s', (provider) => {
	const { entries } = LISTS[provider];

	test('a backlog that needs several polls is emitted once, oldest first, even with a limit and restart', async () => {
		const host = await hostWith({ provider, event: 'ended', options: { limit: entries } });
		await host.activate();
		const jobs = await submit(provider, 2 * entries + entries / 2);
		await finishAll(jobs);
		await withPages(provider, 1, async () => await host.poll());
		expect(host.executions).toEqual([]);
		expect(host.log.at(-1)).toContain(`has read ${entries} so far`);
		await withPages(provider, 1, async () => await host.restart(await freshNode()));
		for (let poll = 0; poll < 20 && host.requestIds().length < jobs.length; poll++) {
			await withPages(provider, 1, async () => await host.poll());
		}
		expect(host.requestIds().slice().sort()).toEqual(jobs.map(({ id }) => id).sort());
		const endOf = new Map<unknown, number>(jobs.map(({ id, completedAt }) => [id, completedAt!]));
		// Oxen gives times in seconds.
		const ends = host.requestIds().map((id) => Math.floor(endOf.get(id)! / 1000));
		expect(ends).toEqual(ends.slice().sort((one, other) => one - other));
		expect(Math.max(...host.executions.map((items) => items.length))).toBe(entries);
		for (let poll = 0; poll < 4; poll++) await host.poll();
		expect(host.requestIds()).toHaveLength(jobs.length);
	});

	test('a generation that ends while a list is read is emitted once, after the list', async () => {
		const host = await hostWith({ provider, event: 'ended' });
		await host.activate();
		const jobs = await submit(provider, entries + 1);
		const [first, ...others] = jobs;
		await finishAll(others);
		await withPages(provider, 1, async () => await host.poll());
		const [later] = await submit(provider);
		await finishAll([first, later]);
		for (let poll = 0; poll < 12; poll++) await withPages(provider, 1, async () => await host.poll());
		const expected = [...jobs, later].map(({ id }) => id).sort();
		expect(host.requestIds().slice().sort()).toEqual(expected);
	});

	test('an activation succeeds even if it cannot finish reading the list, and no old generation counts', async () => {
		const [open] = await submit(provider);
		const old = await submit(provider, 2 * entries);
		await finishAll(old.slice(0, entries));
		await nextSecond();
		await finishAll(old.slice(entries));
		const host = await hostWith({ provider, event: 'ended' });
		await withPages(provider, 1, async () => await host.activate());
		await nextSecond();
		const next = await submit(provider);
		await finishAll([open, ...next]);
		for (let poll = 0; poll < 8; poll++) await withPages(provider, 1, async () => await host.poll());
		expect(host.requestIds().slice().sort()).toEqual([open, ...next].map(({ id }) => id).sort());
	});

	test('a manual run finds a matching generation behind many newer ones, and reads no further', async () => {
		const failing = { kind: 'jobFails', message: 'No such luck' } as const;
		const fault = sandbox.faults.add({ service: provider, endpoint: 'submit', fault: failing });
		const [failed] = await submit(provider);
		await sandbox.advance(failed);
		fault.remove();
		await finishAll(await submit(provider, entries + 1));
		const host = await hostWith({ provider, event: 'failed' });
		expect(await host.runManually()).toMatchObject([{ json: { requestId: failed.id, status: 'failed' } }]);
		const ofList = sandbox.requests.filter(
			({ endpoint, url }) => endpoint === LISTS[provider].endpoint && url.includes(LISTS[provider].of),
		);
		expect(ofList).toHaveLength(2);
	});

	test('a manual run without a match ends after ten pages, and reports what it read', async () => {
		const { endpoint } = LISTS[provider];
		const row =
			provider === 'fal'
				? { request_id: 'one', ended_at: new Date().toISOString(), status_code: 200 }
				: { generation_id: 'one', model_name: OXEN_MODEL, status: 'succeeded' };
		const body = { items: [row], next_cursor: 'more', generations: [row], total_pages: 9_999 };
		const fault = { kind: 'status', code: 200, body } as const;
		const pages = sandbox.faults.add({ service: provider, endpoint, fault });
		const host = await hostWith({ provider, event: 'failed' });
		await expect(host.runManually()).rejects.toMatchObject({
			message: expect.stringMatching(/lists no generation that failed or was cancelled among the newest 1$/),
			description: expect.stringContaining('only the newest 10 pages of the list, with 1 generation of'),
		});
		// fal has a list for each model.
		expect(pages.hits).toBe(provider === 'fal' ? 40 : 10);
	});

	test('a read continues after a 429 in the middle of the list', async () => {
		const host = await hostWith({ provider, event: 'ended', options: { limit: 3 * entries } });
		await host.activate();
		const jobs = await submit(provider, 2 * entries + 1);
		await finishAll(jobs);
		const { endpoint, of } = LISTS[provider];
		// Each poll gets one page before the provider asks for fewer requests.
		for (let poll = 0; poll < 3; poll++) {
			const refusal = sandbox.faults.add({
				service: provider,
				endpoint,
				match: ({ url }) => url.includes(of),
				nth: [2, Infinity],
				fault: { kind: 'status', code: 429, headers: { 'retry-after': '1' }, body: {} },
			});
			const polled = host.poll();
			if (poll < 2) await expect(polled).rejects.toMatchObject({ httpCode: '429' });
			await polled.catch(() => undefined);
			refusal.remove();
		}
		expect(new Set(host.requestIds())).toEqual(new Set(jobs.map(({ id }) => id)));
	});

	test('a read that gets no page within its time limit counts as a failed poll', async () => {
		const host = await hostWith({ provider });
		await host.activate();
		for (let poll = 0; poll < 4; poll++) await withPages(provider, 0, async () => await host.poll());
		const last = async () => await withPages(provider, 0, async () => await host.poll());
		await expect(last()).rejects.toMatchObject({ message: expect.stringContaining('took too long') });
	});
});

test('a poll reads the lists of all models of fal at the same time', async () => {
	const host = await hostWith({});
	await host.activate();
	let release = () => {};
	const held = new Promise<void>((resolve) => (release = resolve));
	const models = new Set<string | null>();
	sandbox.faults.add({
		service: 'fal',
		endpoint: 'requests',
		match: ({ url }) => models.add(new URL(url, 'http://fal').searchParams.get('endpoint_id')).size > 0,
		fault: { kind: 'hold', until: held },
	});
	const poll = host.poll();
	await until(() => models.size === Object.keys(FAL_INPUTS).length, 'a request for each model');
	release();
	expect(await poll).toEqual([]);
});
