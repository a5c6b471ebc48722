import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder, freshLog, withLock } from './cache';
import { runProcess } from './process';
import { withProgress } from './progress';

const HOSTS_FOLDER = join(__dirname, 'hosts');
const FINISHED_MARKER = '.installed';

/** The newest release that has a lock file in this repository. It is the default for tests and scripts. */
const NEWEST_PINNED = '2.41.1';

/**
 * The release that the tests run in. LUMA_RAY_N8N can name another one, such as 2.42.0: the nightly workflow uses it
 * to test releases that n8n has published since.
 */
export const NEWEST_N8N = process.env.LUMA_RAY_N8N || NEWEST_PINNED;

/** An n8n release, installed and ready to run. */
export interface Host {
	version: string;
	folder: string;
	/** The Node.js that was installed with this n8n, which needs a newer one than the package does. */
	node: string;
	/** The script that starts n8n, to run with that Node.js. */
	n8n: string;
}

/**
 * The n8n releases that the tests cover: the folders of harness/n8n/hosts, and the release that LUMA_RAY_N8N names.
 */
export function hostVersions(): string[] {
	return [...new Set([...readdirSync(HOSTS_FOLDER), NEWEST_N8N])];
}

/**
 * Installs an n8n release into the cache, unless it is already there. An incomplete installation is repeated from the
 * start. A release without a folder in harness/n8n/hosts is installed without a lock file.
 * @throws {CommandFailed} if npm fails
 */
export async function installHost(version: string): Promise<Host> {
	if (!hostVersions().includes(version)) {
		throw new Error(`There is no n8n ${version} in harness/n8n/hosts, only ${hostVersions().join(', ')}`);
	}
	const pinned = join(HOSTS_FOLDER, version);
	const isPinned = existsSync(pinned);
	const folder = join(cacheFolder(), `n8n-${version}-${isPinned ? lockHash(pinned) : 'unpinned'}`);
	const prepare = () =>
		isPinned ? cpSync(pinned, folder, { recursive: true }) : copyUnpinned(version, folder);
	if (!isFinished(folder)) {
		await withLock(`${folder}.lock`, `Install n8n ${version}`, async () => {
			if (!isFinished(folder)) await install(version, prepare, folder);
		});
	}
	return {
		version,
		folder,
		node: join(folder, 'node_modules', '.bin', 'node'),
		n8n: join(folder, 'node_modules', 'n8n', 'bin', 'n8n'),
	};
}

/** PATH with the programs of this installation first, because n8n starts helper processes with a bare `node`. */
export function hostPath(host: Host): string {
	return [join(host.folder, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
}

/** Copies the folder of the newest pinned release, with another version number and without the lock file. */
function copyUnpinned(version: string, folder: string): void {
	const newest = join(HOSTS_FOLDER, NEWEST_PINNED);
	cpSync(newest, folder, { recursive: true, filter: (file) => !file.endsWith('package-lock.json') });
	const manifest = JSON.parse(readFileSync(join(newest, 'package.json'), 'utf8')) as {
		dependencies: { [name: string]: string };
	};
	manifest.dependencies.n8n = version;
	writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

async function install(version: string, prepare: () => void, folder: string): Promise<void> {
	rmSync(folder, { recursive: true, force: true });
	prepare();
	const options = { cwd: folder, logFile: freshLog(`install-n8n-${version}`) };
	// Not `npm ci`, because it requires optional packages of other platforms, and some registries lack them.
	await withProgress(`Download n8n ${version}`, 'once; about 3 minutes, 1.5 to 2.4 GB on disk', () =>
		runProcess('npm', ['install', '--no-audit', '--no-fund'], options),
	);
	// n8n needs only these two install scripts: the one for its own Node.js, and the one for the database driver.
	await withProgress('Fetch its Node.js and build its SQLite driver', 'once; about 2 minutes', () =>
		runProcess('npm', ['rebuild', '--ignore-scripts=false', 'node', 'sqlite3'], options),
	);
	writeFileSync(join(folder, FINISHED_MARKER), `${new Date().toISOString()}\n`);
}

function isFinished(folder: string): boolean {
	return existsSync(join(folder, FINISHED_MARKER));
}

function lockHash(pinned: string): string {
	return createHash('sha256')
		.update(readFileSync(join(pinned, 'package-lock.json')))
		.digest('hex')
		.slice(0, 8);
}
