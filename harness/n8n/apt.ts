import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, withLock } from './cache';
import { runProcess } from './process';

const LOCK_TIMEOUT_SECONDS = 600;

/**
 * Installs Debian packages, as root or with a sudo that needs no password.
 * @throws with the list of packages to install if neither is available
 */
export async function installPackages(packages: string[], logFile: string): Promise<void> {
	const remedy = `apt-get install ${packages.join(' ')}`;
	const prefix = await rootPrefix(logFile);
	if (!prefix || !existsSync('/usr/bin/apt-get')) throw new Error(`As root, run: ${remedy}`);
	const [command, ...asRoot] = [...prefix, 'apt-get'];
	await withLock(join(cacheFolder(), 'apt.lock'), remedy, async () => {
		const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
		await runProcess(command, [...asRoot, 'update'], { env, logFile });
		// Waits, because another process on this machine may be installing packages.
		const flags = [
			'-o',
			`DPkg::Lock::Timeout=${LOCK_TIMEOUT_SECONDS}`,
			'install',
			'-y',
			'--no-install-recommends',
		];
		await runProcess(command, [...asRoot, ...flags, ...packages], { env, logFile });
	});
}

/** The prefix of a command that needs root's rights, or undefined if this process cannot get them. */
async function rootPrefix(logFile: string): Promise<string[] | undefined> {
	if (process.getuid?.() === 0) return [];
	try {
		await runProcess('sudo', ['--non-interactive', 'true'], { logFile });
		return ['sudo', '--non-interactive', 'env', 'DEBIAN_FRONTEND=noninteractive'];
	} catch {
		return undefined;
	}
}
