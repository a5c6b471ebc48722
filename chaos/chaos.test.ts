import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { offeredParameters } from '../nodes/LumaRay/models/catalogue';
import type { FileSource } from '../nodes/LumaRay/models/files';
import { MODEL_NAMES } from '../nodes/LumaRay/models/names';
import { filesIn, isFileParameter } from '../nodes/LumaRay/models/parameters';
import { CATALOGUES } from '../nodes/LumaRay/providers/catalogues';
import type { Breach } from './breaches';
import { runStretch, replay, runCampaign } from './campaign';
import { GUARDS } from './guards';
import { drawPlan, makeOrder } from './plan';
import { Process, settled, VirtualTime } from './time';
import { Random } from './random';

/** Every model at every provider. */
const OPERATIONS = Object.keys(CATALOGUES)
	.flatMap((provider) => MODEL_NAMES.map((model) => `${provider} ${model}`))
	.sort();

describe('a paid job is never lost and never paid twice', () => {
	// `.ci/run` runs 20,000 jobs with seed 1, and the nightly workflow runs a million jobs with another seed.
	test.each([2])('even if random faults hit 3,000 job orders (seed %i)', async (seed) => {
		const report = await runCampaign({ seed, jobs: 3_000 });
		expect(report.found).toEqual([]);
		// The run proves something only if many things went wrong in it.
		expect(report.accepted).toBeGreaterThan(2_000);
		expect(report.stops).toBeGreaterThan(20);
		expect(report.crashes).toBeGreaterThan(20);
		expect(report.retriedExecutions).toBeGreaterThan(20);
		expect(report.parkings).toBeGreaterThan(20);
		expect(report.faults.size).toBeGreaterThan(100);
		expect([...report.operations.keys()].sort()).toEqual(OPERATIONS);
	});

	test.each(Object.entries(GUARDS))(
		'the audit finds a breach when the guard %s is removed',
		async (guardOut, { breach }) => {
			expect(await findingsUntil(breach, guardOut)).toContain(breach);
		},
	);
});

/** Runs stories without this guard until the audit finds the breach, or until a maximum number of stories. */
async function findingsUntil(breach: Breach, guardOut: string): Promise<Breach[]> {
	const breaches: Breach[] = [];
	const stories = 50;
	for (let from = 0; from < 2_000 && !breaches.includes(breach); from += stories) {
		const stretch = { seed: 1, guardOut, from, stories, jobs: Infinity, maxFindings: Infinity };
		const { found } = await runStretch(stretch);
		breaches.push(...found.flatMap(({ findings }) => findings.map((finding) => finding.breach)));
	}
	return breaches;
}

test('orders every parameter of the catalogues, including files from the workflow', () => {
	const seen = new Set<string>();
	const random = new Random(1);
	for (let drawn = 0; drawn < 300; drawn++) {
		const plan = drawPlan(random);
		for (let index = 0; index < plan.items; index++) {
			const { model, input } = makeOrder(plan, index, 0);
			for (const [name, value] of Object.entries(input)) {
				seen.add(`${plan.provider} ${model} ${name}`);
				if (filesIn<FileSource>({ [name]: value }).length > 0) seen.add(`${model} ${name} binary`);
			}
		}
	}
	const offered = Object.values(CATALOGUES).flatMap(({ id, models }) =>
		MODEL_NAMES.flatMap((model) => offeredParameters(models[model]).map((name) => [id, model, name])),
	);
	for (const [id, model, name] of offered) {
		expect(seen).toContain(`${id} ${model} ${name}`);
		if (isFileParameter(name)) expect(seen).toContain(`${model} ${name} binary`);
	}
});

describe('repeating a story', () => {
	test('gives exactly the same story for the same seed', async () => {
		const first = await replay(7, 42);
		const second = await replay(7, 42);
		expect(first.lines.length).toBeGreaterThan(5);
		expect(second).toEqual(first);
	});
});

describe('npm run test:chaos', () => {
	const withoutSeconds = (stdout: string) => stdout.replace(/, [\d.]+ s\n/, '\n');
	const run = promisify(execFile);
	const tsx = join(__dirname, '..', 'node_modules', 'tsx', 'dist', 'cli.mjs');
	const cli = async (...flags: string[]) =>
		await run(process.execPath, [tsx, join(__dirname, 'cli.ts'), '--seed', '1', ...flags]);

	test('prints what went wrong and confirms that nothing was lost', async () => {
		const { stdout } = await cli('--jobs', '500');
		expect(stdout).toMatch(/paid twice +0\n +lost +0\n/);
	});

	test('prints the same report from one process and from several', async () => {
		const [alone, shared] = await Promise.all(
			['1', '2'].map(async (workers) => await cli('--jobs', '1500', '--workers', workers)),
		);
		expect(alone.stdout).toMatch(/\d+ jobs ordered in \d+ stories/);
		expect(withoutSeconds(shared.stdout)).toBe(withoutSeconds(alone.stdout));
	});

	test('exits with code 1 and prints the story and how to repeat it when it finds a breach', async () => {
		await expect(cli('--jobs', '500', '--guard-out', 'forget-memory')).rejects.toMatchObject({
			code: 1,
			stdout: expect.stringMatching(
				/PAID TWICE:[^]*test:chaos -- --seed 1 --story \d+ --guard-out forget-memory/,
			),
		});
	});
});

describe('virtual time', () => {
	test('jumps from event to event and keeps the order of events at the same time', async () => {
		const time = new VirtualTime();
		const process = new Process(time, new Random(1));
		const events: string[] = [];
		const start = time.now;
		for (const [name, ms] of [
			['late', 900_000],
			['first', 5],
			['second', 5],
		] as const) {
			void process.sleep(ms).then(() => events.push(`${name} ${time.now - start}`));
		}
		while (await time.step());
		expect(events).toEqual(['first 5', 'second 5', 'late 900000']);
	});

	test('wakes a sleep when its signal aborts, and never wakes a crashed process', async () => {
		const time = new VirtualTime();
		const process = new Process(time, new Random(1));
		const stop = new AbortController();
		const events: string[] = [];
		void process.sleep(1_000, stop.signal).then(() => events.push('woken'));
		void process.sleep(1_000).then(() => events.push('slept'));
		stop.abort();
		await settled();
		expect(events).toEqual(['woken']);
		process.crash();
		expect(await time.step()).toBe(false);
		expect(events).toEqual(['woken']);
	});
});
