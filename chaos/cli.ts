import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { replay, runCampaign } from './campaign';
import type { Report } from './report';
import { GUARDS } from './guards';

const USAGE = `npm run test:chaos -- [--seed N] [--jobs M] [--story K] [--guard-out NAME] [--workers N]
  --seed N          the same seed gives the same run (default: the time of day)
  --jobs M          job orders to run (default 100000)
  --story K         runs one story of the run again and shows all of it
  --workers N       processes that share the stories; the report is the same (default: one per core)
  --guard-out NAME  removes a guard on purpose; the run must then find something
${Object.entries(GUARDS)
	.map(([name, { breach, why }]) => `      ${name.padEnd(27)}${breach}: ${why}`)
	.join('\n')}`;

/** The highest number of a story's lines that are shown with a finding. */
const SHOWN_LINES = 60;

async function main(): Promise<number> {
	const { values } = parseArgs({
		options: {
			seed: { type: 'string' },
			jobs: { type: 'string' },
			story: { type: 'string' },
			'guard-out': { type: 'string' },
			workers: { type: 'string' },
			help: { type: 'boolean' },
		},
	});
	const guardOut = values['guard-out'];
	const seed = Number(values.seed ?? Date.now() % 1_000_000);
	const jobs = Number(values.jobs ?? 100_000);
	const workers = Number(values.workers ?? availableParallelism());
	const isUnknownGuard = guardOut !== undefined && !(guardOut in GUARDS);
	const areNumbers = Number.isInteger(seed) && jobs > 0 && Number.isInteger(workers) && workers > 0;
	if (values.help || isUnknownGuard || !areNumbers) {
		console.log(USAGE);
		return values.help ? 0 : 2;
	}
	if (values.story !== undefined) return await showStory(seed, Number(values.story), guardOut);

	const startedAt = Date.now();
	const report = await runCampaign({ seed, jobs, guardOut, workers, onProgress: printProgress });
	print(report, seed, (Date.now() - startedAt) / 1000);
	for (const { story } of report.found.slice(0, 3)) await showFinding(seed, story, guardOut);
	return report.found.length > 0 ? 1 : 0;
}

function printProgress({ orders, stories, found }: Report): void {
	console.log(`${orders} jobs in ${stories} stories, ${found.length} with findings`);
}

function print(report: Report, seed: number, seconds: number): void {
	const breaches = report.found.flatMap(({ findings }) => findings.map(({ breach }) => breach));
	const times = (breach: string) => breaches.filter((one) => one === breach).length;
	const others = [...new Set(breaches)].filter((breach) => !['paid twice', 'lost'].includes(breach));
	const operations = [...report.operations].sort(([one], [other]) => one.localeCompare(other));
	const faults = [...report.faults].sort(([one], [other]) => one.localeCompare(other));
	console.log(`
seed ${seed}: ${report.orders} jobs ordered in ${report.stories} stories, ${seconds.toFixed(1)} s
${operations.map(([name, count]) => `    ${name.padEnd(25)}${count}`).join('\n')}
  accepted by the provider   ${report.accepted}
  tries                      ${report.tries}
  "Retry execution"          ${report.retriedExecutions}
  parked                     ${report.parkings}
  stops                      ${report.stops}
  crashes                    ${report.crashes}
  faults                     ${faults.reduce((sum, [, count]) => sum + count, 0)}
${faults.map(([kind, count]) => `    ${kind.padEnd(28)}${count}`).join('\n')}
${['paid twice', 'lost', ...others].map((breach) => `  ${breach.padEnd(27)}${times(breach)}`).join('\n')}
  a process crashed before n8n saved anything:
    jobs only the provider knows   ${report.lostInCrashes}
    paid again                     ${report.paidAgainAfterCrashes}`);
}

async function showFinding(seed: number, story: number, guardOut?: string): Promise<void> {
	const { plan, lines, findings } = await replay(seed, story, guardOut);
	console.log(`\nStory ${story} of seed ${seed}: ${JSON.stringify(plan)}`);
	for (const { breach, what } of findings) console.log(`  ${breach.toUpperCase()}: ${what}`);
	const ids = findings.flatMap(({ jobId }) => jobId ?? []);
	const about = lines.filter(
		(line) => ids.length === 0 || ids.some((id) => line.includes(id)) || isTurn(line),
	);
	console.log(about.slice(-SHOWN_LINES).join('\n'));
	const guard = guardOut === undefined ? '' : ` --guard-out ${guardOut}`;
	console.log(`The whole story: npm run test:chaos -- --seed ${seed} --story ${story}${guard}`);
}

/** Whether a line is about the whole story and not about a single job. */
function isTurn(line: string): boolean {
	return /the node:|try \d|execution|Stop|crash/.test(line);
}

async function showStory(seed: number, story: number, guardOut?: string): Promise<number> {
	const { plan, lines, findings } = await replay(seed, story, guardOut);
	console.log(JSON.stringify(plan));
	console.log(lines.join('\n'));
	for (const { breach, what } of findings) console.log(`${breach.toUpperCase()}: ${what}`);
	return findings.length > 0 ? 1 : 0;
}

main().then(
	(code) => (process.exitCode = code),
	(error: unknown) => {
		console.error(error);
		process.exitCode = 2;
	},
);
