import type { IDataObject, INodeType } from 'n8n-workflow';

import { sandboxCredentials } from '../../harness/engine/engine';
import { PollingHost, type PollOptions } from '../../harness/engine/poll';
import type { SandboxJob } from '../../sandbox';
import { FAL_INPUTS, falClient, finish, HELD, OXEN_INPUTS, oxenClient, useSandbox } from '../sandbox/support';

/** The trigger with lists that providers do not promise but may return. */

const sandbox = useSandbox(HELD);
const [FAL_MODEL] = Object.keys(FAL_INPUTS);
const [OXEN_MODEL] = Object.keys(OXEN_INPUTS);

async function hostWith(parameters: IDataObject = {}, options: Partial<PollOptions> = {}) {
	vi.resetModules();
	const { LumaRayTrigger } = await import('../../nodes/LumaRay/LumaRayTrigger.node');
	const credentials = sandboxCredentials(sandbox);
	return new PollingHost(new LumaRayTrigger() as INodeType, { credentials, parameters, ...options });
}

async function submit(provider = 'fal'): Promise<SandboxJob> {
	if (provider === 'fal') await falClient(sandbox, FAL_MODEL).submit({ ...FAL_INPUTS[FAL_MODEL] });
	else await oxenClient(sandbox).enqueue({ model: OXEN_MODEL, ...OXEN_INPUTS[OXEN_MODEL] });
	return sandbox.jobs.at(-1)!;
}

/** Makes fal's list of one model return these rows. The lists of the other models are empty. */
function listAtFal(items: object[]): { remove(): void } {
	const isFirst = ({ url }: { url: string }) => url.includes(encodeURIComponent(FAL_MODEL));
	const ours = { kind: 'status', code: 200, body: { items, next_cursor: null } } as const;
	return sandbox.faults.add({ service: 'fal', endpoint: 'requests', match: isFirst, fault: ours });
}

const rowOf = ({ id }: SandboxJob, more: object = {}) => ({
	request_id: id,
	sent_at: new Date().toISOString(),
	started_at: new Date().toISOString(),
	...more,
});
const isoNow = () => new Date().toISOString();

test('emits a generation once if the list contains it twice', async () => {
	const host = await hostWith();
	await host.activate();
	const job = await submit();
	await finish(sandbox, job);
	const row = rowOf(job, { ended_at: isoNow(), status_code: 200 });
	listAtFal([row, row]);
	await host.poll();
	expect(host.requestIds()).toEqual([job.id]);
});

test('emits a generation that ended, even if the list contains no end time', async () => {
	const host = await hostWith();
	await host.activate();
	const job = await submit();
	await finish(sandbox, job);
	listAtFal([rowOf(job, { ended_at: null, status_code: 200 })]);
	await host.poll();
	expect(host.requestIds()).toEqual([job.id]);
});

test('counts a generation with a video as succeeded even if the list contains no status code', async () => {
	const host = await hostWith();
	await host.activate();
	const job = await submit();
	await finish(sandbox, job);
	const json_output = { video: { url: 'https://v3.fal.media/files/b/output.mp4' } };
	listAtFal([rowOf(job, { ended_at: isoNow(), json_output })]);
	await host.poll();
	expect(host.requestIds()).toEqual([job.id]);
});

test('emits a matching generation even if an older one that does not match stays in the list', async () => {
	const host = await hostWith();
	await host.activate();
	const job = await submit();
	await finish(sandbox, job);
	listAtFal([
		{ request_id: 'no-times', ended_at: isoNow(), status_code: 500 },
		rowOf(job, { ended_at: isoNow(), status_code: 200 }),
	]);
	for (let poll = 0; poll < 3; poll++) await host.poll();
	expect(host.requestIds()).toEqual([job.id]);
});

test.each([401, 503])(
	'with a limit of 1, emits the other generations if the status check of one is answered with %i',
	async (code) => {
		const host = await hostWith({ options: { limit: 1 } });
		await host.activate();
		const jobs = [await submit(), await submit(), await submit()];
		for (const job of jobs) await finish(sandbox, job);
		const [stuck, ...others] = jobs;
		const match = ({ url }: { url: string }) => url.includes(stuck.id);
		const fault = { kind: 'status', code, body: { detail: 'No' } } as const;
		sandbox.faults.add({ service: 'fal', endpoint: 'status', match, fault });
		for (let poll = 0; poll < 4; poll++) await host.poll().catch(() => []);
		expect(host.requestIds().slice().sort()).toEqual(others.map(({ id }) => id).sort());
		for (let poll = 0; poll < 4; poll++) await host.poll().catch(() => []);
		expect(host.requestIds().slice().sort()).toEqual(jobs.map(({ id }) => id).sort());
	},
);

test('stops the status checks of a poll after a 429', async () => {
	const host = await hostWith();
	const jobs: SandboxJob[] = [];
	for (let place = 0; place < 20; place++) jobs.push(await submit());
	await host.activate();
	listAtFal([]);
	const fault = { kind: 'status', code: 429, headers: { 'retry-after': '1' }, body: {} } as const;
	sandbox.faults.add({ service: 'fal', endpoint: 'status', fault });
	const checks = () => sandbox.requests.filter(({ endpoint }) => endpoint === 'status').length;
	const before = checks();
	await expect(host.poll()).rejects.toMatchObject({ failure: { retryAfterMs: 1_000 } });
	expect(checks() - before).toBeLessThanOrEqual(4);
	sandbox.faults.clear();
	await finish(sandbox, jobs[0]);
	await host.poll();
	expect(host.requestIds()).toEqual([jobs[0].id]);
});

test('reads unordered pages of Oxen until all rows of a page are old', async () => {
	const host = await hostWith({ provider: 'oxen' });
	await host.activate();
	const job = await submit('oxen');
	await finish(sandbox, job);
	const row = { model_name: OXEN_MODEL, prompt: 'A prompt', media_type: 'video', status: 'succeeded' };
	const now = Math.floor(Date.now() / 1000);
	const pages = [
		[
			{ ...row, generation_id: 'slow', enqueued_at: now - 40 * 86_400 },
			{ ...row, generation_id: 'other', model_name: 'another-model', enqueued_at: now },
		],
		[{ ...row, generation_id: job.id, enqueued_at: now, completed_at: now }],
	];
	for (const [place, generations] of pages.entries()) {
		const match = ({ url }: { url: string }) => url.includes(`page=${place + 1}&`);
		const body = { status: 'success', total_pages: 2, generations };
		sandbox.faults.add({
			service: 'oxen',
			endpoint: 'generations',
			match,
			fault: { kind: 'status', code: 200, body },
		});
	}
	await host.poll();
	expect(host.requestIds()).toEqual([job.id]);
});

test('refuses an unknown event and names its field', async () => {
	const host = await hostWith({ event: '={{ "finished" }}' });
	await expect(host.activate()).rejects.toThrow("'Trigger On' must be one of");
});
