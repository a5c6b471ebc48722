import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { runScript, type Script } from '../scripts/lib/script';
import { readFlags, refuse } from '../scripts/lib/flags';
import { cacheFolder, installHost, NEWEST_N8N, REPOSITORY } from '../harness/n8n';
import { checkOut, ratiosOf, runInTurns } from './compare';
import { CONTENDERS, type ContenderName } from './contenders';
import { Figures } from './figures';
import { chartOf } from './report/chart';
import { markdownOf } from './report/markdown';
import { SCENARIOS } from './scenarios';
import { longJob } from './scenarios/longJob';
import { FULL, QUICK, type Size } from './sizes';
import { Track } from './track';

const flags = readFlags(
	`Measures this package's node and its alternatives against the sandbox.

  npm run bench -- [options]

  --quick        small sizes, under 2 minutes: only shows that everything runs; implies --no-n8n
  --no-n8n       leaves out the loop of n8n's own nodes, which needs a real n8n (2.4 GB, downloaded once)
  --compare BASE runs the node of this checkout and that of another commit in turns and prints the ratios; no report
  --only TEXT    only what has this in its label, for --compare
  --out FOLDER   where the report goes (docs; with --quick a folder in the cache)
  --help         this text
`,
	{
		quick: { type: 'boolean' },
		'no-n8n': { type: 'boolean' },
		out: { type: 'string' },
		compare: { type: 'string' },
		only: { type: 'string' },
	},
);

if (flags.only !== undefined && flags.compare === undefined) refuse('--only needs --compare');

void runScript('bench', async (script) => {
	const [loadBefore] = loadavg();
	const size = flags.quick ? QUICK : FULL;
	if (flags.compare !== undefined) return await compare(script, flags.compare, size);
	const withN8n = !flags.quick && !flags['no-n8n'];
	if (withN8n) {
		await script.silentStep(`Set up n8n ${NEWEST_N8N}`, 'Check its log, or leave it out with --no-n8n.', () =>
			installHost(NEWEST_N8N),
		);
	}
	const contenders = (Object.keys(CONTENDERS) as ContenderName[]).filter(
		(name) => name !== 'httpLoop' || withN8n,
	);
	const folder = mkdtempSync(join(tmpdir(), 'luma-ray-bench-'));
	script.atEnd(async () => rmSync(folder, { recursive: true, force: true }));
	const track = new Track(folder);
	script.atEnd(() => track.end());
	const figures = new Figures();
	for (const { label, run } of SCENARIOS) {
		await script.step(label, 'Run it again on a less busy machine.', () =>
			run({ size, track, figures, contenders }),
		);
	}

	const out = flags.out
		? resolve(flags.out)
		: flags.quick
			? cacheFolder('bench-quick')
			: join(REPOSITORY, 'docs');
	const report = { size, figures, contenders, loadBefore };
	mkdirSync(join(out, 'images'), { recursive: true });
	writeFileSync(join(out, 'images', 'bench.svg'), chartOf(report));
	writeFileSync(join(out, 'benchmarks.md'), markdownOf(report, 'images/bench.svg'));
	process.stdout.write(`\n${join(out, 'benchmarks.md')}\n${join(out, 'images', 'bench.svg')}\n`);
});

async function compare(script: Script, commit: string, size: Size): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'luma-ray-bench-'));
	script.atEnd(async () => rmSync(folder, { recursive: true, force: true }));
	const { root, remove } = await script.step(`Check out ${commit}`, 'Name a commit that exists.', async () =>
		checkOut(commit, folder),
	);
	script.atEnd(async () => remove());
	const sides = [root, REPOSITORY].map((of) => ({ track: new Track(folder, of), figures: new Figures() }));
	sides.forEach(({ track }) => script.atEnd(() => track.end()));
	// The long job is simulated in this process, with this checkout's code.
	const scenarios = SCENARIOS.filter(
		(one) => one !== longJob && one.label.toLowerCase().includes((flags.only ?? '').toLowerCase()),
	);
	for (const scenario of scenarios) {
		await script.step(scenario.label, 'The base may not know this scenario: leave it out with --only.', () =>
			runInTurns(scenario, size, sides),
		);
	}
	process.stdout.write(`\n${ratiosOf(size, sides[0].figures, sides[1].figures)}\n`);
}
