/**
 * `npm run check:package`: checks whether the built package meets n8n's requirements for a community package, and
 * whether it works with only n8n installed. Does the same for the package of each single provider. Exits with code 1
 * if there is a problem.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packPackage, REPOSITORY, unpackTarball } from '../harness/n8n';
import { iconProblems } from './check-package/icons';
import { importProblems } from './check-package/imports';
import { manifestProblems, type Manifest } from './check-package/manifest';
import { otherProviderProblems } from './check-package/provider';
import { scannerProblems } from './check-package/scanner';
import { contentProblems, sizeProblems } from './check-package/tarball';
import { PROVIDER_IDS, writeProviderPackage } from './lib/provider-package';

/** A check's printed name, and a function that returns the problems it finds. */
type Check = [label: string, problems: () => string[] | Promise<string[]>];

/** A package that is built in `source` and unpacked in `folder`. */
interface Packed {
	source: string;
	tarball: string;
	folder: string;
	manifest: Manifest;
}

/**
 * The files that the scanner checks in the source of a single-provider package: those that differ from the whole
 * package, and those that its rules compare with package.json. It has already checked all other files.
 */
const OWN_FILES = ['package.json', 'credentials/*.ts', 'nodes/LumaRay/*.*', 'nodes/LumaRay/providers/*.ts'];

async function main(): Promise<void> {
	const workFolder = mkdtempSync(join(tmpdir(), 'luma-ray-check-'));
	try {
		// A link through which a single-provider package finds n8n-workflow.
		symlinkSync(join(REPOSITORY, 'node_modules'), join(workFolder, 'node_modules'));
		await run('', checksOf(await pack(REPOSITORY, join(workFolder, 'all'))));
		for (const provider of PROVIDER_IDS) {
			const source = join(workFolder, provider);
			writeProviderPackage(provider, source);
			const packed = await pack(source, join(workFolder, `${provider}-packed`));
			await run(`${provider} alone: `, [
				...checksOf(packed, OWN_FILES),
				['Nothing is about another provider', () => otherProviderProblems(provider, source, packed.manifest)],
			]);
		}
	} finally {
		rmSync(workFolder, { recursive: true, force: true });
	}
}

async function pack(source: string, workFolder: string): Promise<Packed> {
	mkdirSync(workFolder);
	const logFile = join(workFolder, 'pack.log');
	const folder = join(workFolder, 'package');
	const tarball = await packPackage(workFolder, logFile, source);
	await unpackTarball(tarball, folder, logFile);
	const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
	return { source, tarball, folder, manifest };
}

function checksOf({ source, tarball, folder, manifest }: Packed, sourceFiles?: string[]): Check[] {
	return [
		["package.json keeps n8n's rules", () => manifestProblems(manifest)],
		['The tarball holds what belongs there', () => contentProblems(folder, manifest)],
		['The tarball is small', () => sizeProblems(tarball)],
		['The built files need n8n-workflow and node:crypto only', () => importProblems(folder)],
		['Every node and credential has its icons in the tarball', () => iconProblems(folder, manifest, source)],
		["n8n's scanner accepts the source", () => scannerProblems('source', source, sourceFiles)],
		["n8n's scanner accepts the tarball", () => scannerProblems('tarball', folder)],
	];
}

async function run(prefix: string, checks: Check[]): Promise<void> {
	for (const [label, findProblems] of checks) {
		const problems = await findProblems();
		process.stdout.write(`${problems.length === 0 ? '✓' : '✗'} ${prefix}${label}\n`);
		for (const problem of problems) process.stdout.write(`    ${problem}\n`);
		if (problems.length > 0) process.exitCode = 1;
	}
}

void main();
