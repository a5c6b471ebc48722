/**
 * `npm run build`: compiles the package into dist/. With `-- --provider fal` it also makes dist-fal/, the package for
 * only that provider. The build runs in a separate folder, which replaces dist/ only if the two differ, because
 * another test run in this clone may be reading dist/ at the same time.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { readFlags, refuse } from './lib/flags';
import { OUTPUT_SCHEMAS } from './lib/output-schemas';
import { PROVIDER_IDS, writeProviderPackage, type ProviderId } from './lib/provider-package';

const REPOSITORY = resolve(__dirname, '..');
const DIST = join(REPOSITORY, 'dist');
/** The error codes of a rename if another build has just moved dist/ away or put its own there. */
const OVERTAKEN = ['ENOENT', 'ENOTEMPTY', 'EEXIST'];

const USAGE = `npm run build [-- --provider <name>]

Compiles the package into dist/.

  --provider <name>  also makes dist-<name>/, a package of that provider alone: ${PROVIDER_IDS.join(' or ')}
`;

const provider = readFlags(USAGE, { provider: { type: 'string' } }).provider as ProviderId | undefined;
if (provider && !PROVIDER_IDS.includes(provider)) {
	refuse(`--provider '${provider}' is not one of: ${PROVIDER_IDS.join(', ')}`);
}
// In this folder, so that it can be moved with a rename. The dot hides it from tools that look for source files.
const built = join(REPOSITORY, `.dist-${process.pid}`);
try {
	rmSync(built, { recursive: true, force: true });
	run('typescript/bin/tsc', '-p', 'tsconfig.json', '--outDir', built);
	run('gulp/bin/gulp.js', 'build:icons');
	writeOutputSchemas();
	putInPlace(DIST);
	if (provider) {
		rmSync(built, { recursive: true, force: true });
		writeProviderPackage(provider, built);
		putInPlace(`${DIST}-${provider}`);
	}
} catch (error) {
	// The command has already printed the error.
	if ((error as { status?: number }).status === undefined) throw error;
	process.exitCode = 1;
} finally {
	rmSync(built, { recursive: true, force: true });
}

/** Runs a tool of this repository. The tool finds the folder of the build in BUILD_FOLDER. */
function run(script: string, ...args: string[]): void {
	const env = { ...process.env, BUILD_FOLDER: built };
	const path = join(REPOSITORY, 'node_modules', script);
	execFileSync(process.execPath, [path, ...args], { cwd: REPOSITORY, env, stdio: 'inherit' });
}

/** Writes the schemas that n8n serves to its editor to the paths that n8n expects, one file per operation. */
function writeOutputSchemas(): void {
	const folder = join(built, 'nodes', 'LumaRay', '__schema__', 'v1.0.0');
	for (const [resource, operations] of Object.entries(OUTPUT_SCHEMAS)) {
		for (const [operation, schema] of Object.entries(operations)) {
			const file = join(folder, resource, `${operation}.json`);
			mkdirSync(dirname(file), { recursive: true });
			writeFileSync(file, `${JSON.stringify(schema, null, '\t')}\n`);
		}
	}
}

function putInPlace(target: string): void {
	const old = `${built}-old`;
	while (!isSame(built, target)) {
		try {
			if (existsSync(target)) renameSync(target, old);
			renameSync(built, target);
			return;
		} catch (error) {
			if (!OVERTAKEN.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
		} finally {
			rmSync(old, { recursive: true, force: true });
		}
	}
}

/** Whether two folders contain the same files with the same content. */
function isSame(one: string, other: string): boolean {
	try {
		const files = filesIn(one);
		if (files.join() !== filesIn(other).join()) return false;
		return files.every((file) => readFileSync(join(one, file)).equals(readFileSync(join(other, file))));
	} catch (error) {
		// The folder does not exist, or was moved away while it was read.
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
		throw error;
	}
}

function filesIn(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(folder.length))
		.sort();
}
