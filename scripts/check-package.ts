/**
 * `npm run check:package`: whether the built package fulfils what n8n demands of a community package, and
 * whether it works where nothing but n8n is installed. Ends with code 1 if anything is amiss.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packPackage, REPOSITORY, unpackTarball } from '../harness/n8n';
import { iconProblems } from './check-package/icons';
import { importProblems } from './check-package/imports';
import { manifestProblems, type Manifest } from './check-package/manifest';
import { scannerProblems } from './check-package/scanner';
import { contentProblems } from './check-package/tarball';

/** A check's name as it is printed, and what it finds amiss. */
type Check = [label: string, problems: () => string[] | Promise<string[]>];

async function main(): Promise<void> {
	const workFolder = mkdtempSync(join(tmpdir(), 'luma-ray-check-'));
	try {
		const logFile = join(workFolder, 'pack.log');
		const folder = join(workFolder, 'package');
		await unpackTarball(await packPackage(workFolder, logFile), folder, logFile);
		const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
		await run([
			["package.json keeps n8n's rules", () => manifestProblems(manifest)],
			['The tarball holds what belongs there', () => contentProblems(folder, manifest)],
			['The built files need n8n-workflow and node:crypto only', () => importProblems(folder)],
			['Every node and credential has its icons in the tarball', () => iconProblems(folder, manifest)],
			["n8n's scanner accepts the source", () => scannerProblems('source', REPOSITORY)],
			["n8n's scanner accepts the tarball", () => scannerProblems('tarball', folder)],
		]);
	} finally {
		rmSync(workFolder, { recursive: true, force: true });
	}
}

async function run(checks: Check[]): Promise<void> {
	for (const [label, findProblems] of checks) {
		const problems = await findProblems();
		process.stdout.write(`${problems.length === 0 ? '✓' : '✗'} ${label}\n`);
		for (const problem of problems) process.stdout.write(`    ${problem}\n`);
		if (problems.length > 0) process.exitCode = 1;
	}
}

void main();
