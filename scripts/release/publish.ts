import { execFileSync } from 'node:child_process';

/** Runs npm. @returns its output. @throws Error with `stderr` if it fails */
export type Npm = (args: string[], options?: { quiet?: boolean }) => string;

/** Runs the npm of this machine. Errors of all commands are shown, except for queries that may fail. */
export const npm: Npm = (args, { quiet = false } = {}) =>
	execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', quiet ? 'pipe' : 'inherit'] });

/** Milliseconds between two checks whether the registry shows the new version, and the maximum number of checks. */
const SHOWN_PAUSE_MS = 10_000;
const SHOWN_TRIES = 30;

interface Publishing {
	name: string;
	version: string;
	/**
	 * An npm token. Only the very first version needs one, because npm trusts a workflow only for an existing package.
	 */
	token?: string;
	/** Prints a line. */
	say: (line: string) => void;
	pause?: (ms: number) => Promise<void>;
}

/**
 * Publishes the package in the current folder with provenance, unless the registry already has this version, and runs
 * n8n's scanner on the published package. Safe to run again after any failure.
 * @throws Error if the package is new and there is no token, if npm fails, or if the scanner refuses the package
 */
export async function publish(
	run: Npm,
	{ name, version, token, say, pause = sleep }: Publishing,
): Promise<void> {
	const release = `${name}@${version}`;
	if (isPublished(run, release)) {
		say(`${release} is already published: skip`);
	} else {
		if (!isPublished(run, name) && !token) {
			throw new Error(
				`${name} is not on the registry yet. npm's trusted publishing works only for a package that exists: ` +
					'add the secret NPM_TOKEN for the first version, and delete it afterwards (docs/releasing.md).',
			);
		}
		if (token) useToken(run);
		run(['publish', '--provenance', '--access', 'public']);
		say(`${release} is published`);
	}
	for (let tries = 1; !isPublished(run, release); tries++) {
		if (tries === SHOWN_TRIES)
			throw new Error(`The registry does not show ${release}. Run the workflow again.`);
		await pause(SHOWN_PAUSE_MS);
	}
	run(['exec', '--yes', '--', '@n8n/scan-community-package', release]);
	say(`n8n's scanner accepts ${release}`);
}

/** Makes npm read the token from NODE_AUTH_TOKEN, so that no file contains the token itself. */
function useToken(run: Npm): void {
	const { host, pathname } = new URL(run(['config', 'get', 'registry']).trim());
	run(['config', 'set', `//${host}${pathname}:_authToken`, '${NODE_AUTH_TOKEN}', '--location', 'user']);
}

/**
 * Whether the registry has this package, or this version of it.
 * @throws Error if the registry does not answer
 */
function isPublished(run: Npm, spec: string): boolean {
	try {
		return run(['view', spec, 'version'], { quiet: true }).trim() !== '';
	} catch (error) {
		const { stderr = '' } = error as { stderr?: string };
		// npm reports E404 both for an unknown package and for an unknown version of a package.
		if (stderr.includes('E404')) return false;
		throw error;
	}
}

async function sleep(ms: number): Promise<void> {
	await new Promise((resolve) => setTimeout(resolve, ms));
}
