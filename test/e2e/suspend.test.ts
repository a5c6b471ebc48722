import { startSandbox, type Sandbox, type SandboxJob } from '../../sandbox';
import { finish } from '../sandbox/support';
import { probeVideo } from '../../harness/video';
import { flow, promptsOf, results, secondsOfPrompt, type Flow } from './flows';
import {
	hostVersions,
	installHost,
	outputItems,
	PROVIDERS,
	type Execution,
	type N8nInstance,
} from '../../harness/n8n';
import { installedN8n } from './support';

/**
 * Waiting in real n8n releases with the same packed package. There is one story per release. All stories run at the
 * same time, because most of the time is spent on n8n's own clock, which looks for due executions every 60 s.
 */

const REFUSED = 'Refused, 1 s';
const THREE: Flow['prompts'] = ['First, 5 s', 'Second, 90 s', 'Third, 20 s'];
const ENDED_MS = 420_000;
const CONTINUES = { onError: 'continueRegularOutput' };
const ALWAYS = { alwaysOutputData: true };
const SORTS_OUT = { onError: 'continueErrorOutput' };

const WAIT = { waitMode: 'wait' };
const SUSPEND = { waitMode: 'suspend' };
/** The execution wakes by itself only after this many seconds. */
const RARELY = { pollIntervalSeconds: 200 };

type CaseOf = Omit<Flow, 'id'> & { options?: Record<string, unknown> };
/** Cases by name. Cases with `timed` in their names are parked while n8n is killed and restarted. */
const CASES = {
	wait: { prompts: ['First, 5 s', 'Second, 1 s'], parameters: { ...WAIT, downloadVideo: true } },
	waitRefused: { prompts: ['Good, 1 s', REFUSED], parameters: WAIT, settings: CONTINUES },
	waitSorted: { prompts: ['Sorted, 1 s', REFUSED], parameters: WAIT, settings: SORTS_OUT },
	waitCrash: { prompts: ['Long, 600 s'], parameters: WAIT },
	timed: { prompts: THREE, parameters: { ...SUSPEND, downloadVideo: true } },
	timedRefused: {
		prompts: ['Good, 600 s', REFUSED, 'Better, 600 s'],
		parameters: SUSPEND,
		settings: CONTINUES,
	},
	timedLater: { prompts: ['Later, 600 s'], parameters: SUSPEND, options: RARELY },
	delivered: { prompts: ['Delivered, 600 s'], parameters: SUSPEND },
	rung: { prompts: ['Rung, 600 s'], parameters: { ...SUSPEND, downloadVideo: true }, options: RARELY },
	timedOld: {
		prompts: ['Old, 600 s', 'Older, 600 s'],
		parameters: SUSPEND,
		settings: ALWAYS,
		executionOrder: 'none',
	},
	rungOld: {
		prompts: ['Old and rung, 600 s'],
		parameters: SUSPEND,
		settings: ALWAYS,
		executionOrder: 'v0',
		options: RARELY,
	},
} satisfies { [name: string]: CaseOf };
type Case = keyof typeof CASES;
const SUSPENDED = [
	'timed',
	'timedOld',
	'timedRefused',
	'timedLater',
	'rung',
	'rungOld',
	'delivered',
] as const;

interface Story {
	n8n: N8nInstance;
	sandbox: Sandbox;
	/** The execution of each case after it has ended. */
	ended: { [name in Case]: Execution };
	/** The parked executions as they were before n8n was killed. */
	parked: { [name: string]: Execution };
	/** Seconds from the end of the job to the end of the execution that its callback woke. */
	rungAfterSeconds: number;
	/** n8n's answers to an unsigned delivery, and to genuine deliveries before the job had ended. */
	answers: { unsigned: number; early: number[] };
}

const stories = new Map<string, Story>();
const opened: Array<{ dispose(): Promise<void> }> = [];

beforeAll(async () => {
	for (const version of hostVersions()) await installHost(version);
	await Promise.all(hostVersions().map(async (version) => stories.set(version, await play(version))));
}, 1_200_000);

afterAll(async () => {
	await Promise.all(opened.map((one) => one.dispose()));
});

async function play(version: string): Promise<Story> {
	const sandbox = await startSandbox({ jobSeconds: secondsOfPrompt });
	opened.push({ dispose: sandbox.close });
	sandbox.faults.add({
		endpoint: 'submit',
		match: ({ body }) => JSON.stringify(body).includes(REFUSED),
		fault: { kind: 'status', code: 422, body: { detail: 'Refused' } },
	});
	const n8n = await installedN8n(`suspend-${version}`, { version });
	opened.push(n8n);
	const credential = PROVIDERS.fal.sandboxCredential(sandbox);
	await n8n.importCredential(credential);
	const callback = { callback: 'custom', callbackBaseUrl: n8n.url };
	const flows = Object.entries<CaseOf>(CASES).map(([id, one]) => {
		const options = {
			...(['rung', 'rungOld', 'delivered'].includes(id) ? callback : {}),
			...one.options,
		};
		return flow({ ...one, id, parameters: { ...one.parameters, options } }, PROVIDERS.fal, credential);
	});
	await n8n.importWorkflow(...flows);
	await n8n.start();

	const ids = {} as { [name in Case]: string };
	const start = async (name: Case) => (ids[name] = await n8n.rest.runWorkflow(name, 'Start'));
	const settle = async (name: Case) => await n8n.rest.waitForExecution(ids[name], ENDED_MS);
	const ended = {} as Story['ended'];
	const untouched = ['wait', 'waitRefused', 'waitSorted', 'rung', 'rungOld', 'delivered'] as const;
	for (const name of untouched) await start(name);
	for (const name of ['delivered', 'rung', 'rungOld'] as const) {
		await n8n.rest.waitForExecution(ids[name], ENDED_MS, ['waiting']);
	}
	const answers = await deliverByHand(sandbox);
	for (const name of ['delivered', 'rung', 'rungOld'] as const) {
		await finish(sandbox, jobOf(sandbox, CASES[name].prompts[0]));
	}
	for (const name of untouched) ended[name] = await settle(name);
	const rungAfterSeconds = secondsAfterItsJob(ended.rung, sandbox);

	const killed = ['waitCrash', 'timed', 'timedOld', 'timedRefused', 'timedLater'] as const;
	for (const name of killed) await start(name);
	const parked: Story['parked'] = {};
	for (const name of ['timed', 'timedOld', 'timedRefused', 'timedLater'] as const) {
		parked[name] = await n8n.rest.waitForExecution(ids[name], ENDED_MS, ['waiting']);
	}
	// Only now, so that all executions are parked even on a slow machine.
	for (const name of ['timedRefused', 'timedLater', 'timedOld'] as const)
		for (const prompt of CASES[name].prompts) {
			if (prompt !== REFUSED) await finish(sandbox, jobOf(sandbox, prompt));
		}
	await n8n.kill();
	await n8n.start();
	for (const name of killed) ended[name] = await settle(name);
	return { n8n, sandbox, ended, parked, rungAfterSeconds, answers };
}

function jobOf({ jobs }: Sandbox, prompt: string): SandboxJob {
	return jobs.find(({ input }) => input.prompt === prompt)!;
}

/** Deliveries to the execution of a job that is still running: an unsigned one, then four at the same time. */
async function deliverByHand(sandbox: Sandbox): Promise<Story['answers']> {
	const { id, webhookUrl } = jobOf(sandbox, CASES.delivered.prompts[0]);
	const body = JSON.stringify({ request_id: id, status: 'OK', payload: {} });
	const post = async (headers: Record<string, string>) => {
		const { status } = await fetch(webhookUrl!, { method: 'POST', headers, body });
		return status;
	};
	const unsigned = await post({ 'content-type': 'application/json' });
	const headers = sandbox.fal.webhooks.sign(id, body);
	return { unsigned, early: await Promise.all([0, 1, 2, 3].map(async () => await post(headers))) };
}

function secondsAfterItsJob({ stoppedAt }: Execution, sandbox: Sandbox): number {
	const job = jobOf(sandbox, CASES.rung.prompts[0]);
	return (Date.parse(stoppedAt!) - job.completedAt!) / 1000;
}

describe.each(hostVersions())('n8n %s', (version) => {
	const story = () => stories.get(version)!;

	describe('Wait', () => {
		test('delivers the videos of many items', async () => {
			const items = results(story().ended.wait);
			expect(promptsOf(items)).toEqual(CASES.wait.prompts);
			await expectVideos(items);
		});

		test('returns a refused item in its place under Continue On Fail', () => {
			expect(promptsOf(results(story().ended.waitRefused))).toEqual(['Good, 1 s', expect.any(String)]);
		});

		test('sends a refused item to the error output with all its data', () => {
			const { waitSorted } = story().ended;
			expect(promptsOf(outputItems(waitSorted, 'Luma Ray'))).toEqual([CASES.waitSorted.prompts[0]]);
			expect(outputItems(waitSorted, 'Luma Ray', 1).map(({ json }) => json)).toEqual([
				expect.objectContaining({
					error: expect.stringContaining('Refused'),
					details: expect.objectContaining({ provider: 'fal', httpStatus: 422 }),
				}),
			]);
		});

		test('loses an execution when n8n stops, but its job is in the log', () => {
			expect(story().ended.waitCrash.status).toBe('crashed');
			const job = jobOf(story().sandbox, CASES.waitCrash.prompts[0]);
			expect(story().n8n.log().includes(job.id)).toBe(true);
		});
	});

	describe('Suspend', () => {
		test('shows its pending jobs while it is parked', () => {
			const items = story().parked.timed.runs['Luma Ray'].at(-1)!.data!.main[0]!;
			expect(items).toHaveLength(3);
			for (const { json } of items)
				expect(json).toMatchObject({ provider: 'fal', requestId: expect.any(String) });
		});

		test('survives a kill -9, wakes by its timer and delivers the videos of many items in order', async () => {
			const { ended } = story();
			expect(ended.timed.status).toBe('success');
			const items = results(ended.timed);
			expect(promptsOf(items)).toEqual(THREE);
			await expectVideos(items);
		});

		test('survives a kill -9 several minutes before its wake', () => {
			expect(promptsOf(results(story().ended.timedLater))).toEqual(CASES.timedLater.prompts);
		});

		test('returns a refused item in its place under Continue On Fail', () => {
			const { prompts } = CASES.timedRefused;
			expect(promptsOf(results(story().ended.timedRefused))).toEqual([
				prompts[0],
				expect.any(String),
				prompts[2],
			]);
		});

		test("is woken by fal's callback long before its timer", async () => {
			const { ended, rungAfterSeconds } = story();
			process.stderr.write(`n8n ${version}: woken by fal, ended ${rungAfterSeconds} s after its job\n`);
			expect(rungAfterSeconds).toBeLessThan(RARELY.pollIntervalSeconds / 2);
			await expectVideos(results(ended.rung));
		});

		test('refuses an unsigned delivery, and accepts only one of several simultaneous deliveries', () => {
			const { unsigned, early } = story().answers;
			expect(unsigned).toBe(401);
			expect(early.filter((status) => status === 200)).toHaveLength(1);
		});

		test('keeps waiting after a delivery that arrives before its job has ended', () => {
			expect(promptsOf(results(story().ended.delivered))).toEqual(CASES.delivered.prompts);
		});

		test('succeeds in workflows with the old execution order and Always Output Data', () => {
			const { timedOld, rungOld } = story().ended;
			expect([timedOld.status, rungOld.status]).toEqual(['success', 'success']);
			expect(promptsOf(results(timedOld))).toEqual(CASES.timedOld.prompts);
			expect(promptsOf(results(rungOld))).toEqual(CASES.rungOld.prompts);
		});

		test('runs the next nodes once', () => {
			for (const name of SUSPENDED) {
				expect([name, story().ended[name].runs.After]).toEqual([name, [expect.anything()]]);
			}
		});
	});

	test('pays once for each accepted item', () => {
		const paid = story().sandbox.jobs.map(({ input }) => input.prompt);
		const asked = Object.values(CASES).flatMap(({ prompts }) =>
			prompts.filter((prompt) => prompt !== REFUSED),
		);
		expect(paid.sort()).toEqual(asked.sort());
	});

	async function expectVideos(items: ReturnType<typeof results>): Promise<void> {
		expect(items.length).toBeGreaterThan(0);
		for (const { binary } of items) {
			const video = await story().n8n.rest.download(binary!.data);
			expect(await probeVideo(video)).toMatchObject({ codec: 'avc', seconds: 5 });
		}
	}
});
