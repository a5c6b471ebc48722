import { mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const HEARTBEAT_MS = 5_000;
const STALE_MS = 30_000;

/**
 * Returns a folder outside the clone for files that are too large to create twice. It is in `LUMA_RAY_CACHE` if that
 * is set, otherwise in the user's cache folder. The folder is created if it does not exist.
 * @throws with instructions if the folder cannot be created
 */
export function cacheFolder(...inside: string[]): string {
	const root =
		process.env.LUMA_RAY_CACHE ||
		join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'n8n-nodes-luma-ray');
	const folder = join(root, ...inside);
	try {
		mkdirSync(folder, { recursive: true });
	} catch (error) {
		const { message } = error as Error;
		throw new Error(`${folder} cannot be made (${message}). Name another folder in LUMA_RAY_CACHE.`);
	}
	return folder;
}

/**
 * Creates an empty log file in the cache. The file is kept, so that a failed run can be investigated. The next run
 * with the same name deletes it, unless this process is still running: runs at the same time have separate logs.
 */
export function freshLog(name: string): string {
	const folder = cacheFolder('logs');
	for (const other of readdirSync(folder)) {
		const [, otherName, pid] = /^(.+)\.(\d+)\.log$/.exec(other) ?? [];
		if (otherName === name && !isRunning(Number(pid))) rmSync(join(folder, other), { force: true });
	}
	const file = join(folder, `${name}.${process.pid}.log`);
	writeFileSync(file, '');
	return file;
}

function isRunning(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch (error) {
		// EPERM: the process exists, but belongs to another user.
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}

/**
 * Does work that two processes must not do at the same time: the second process waits for the first. The lock is a
 * file that its owner touches every few seconds, so the lock of a killed process is recognized by its age.
 * @param purpose shown on stderr during the wait
 */
export async function withLock<T>(lockFile: string, purpose: string, work: () => Promise<T>): Promise<T> {
	if (!tryLock(lockFile)) {
		process.stderr.write(`… ${purpose}: another process is at it, waiting for it\n`);
		while (!tryLock(lockFile)) await sleep(1_000);
	}
	const heartbeat = setInterval(() => utimesSync(lockFile, new Date(), new Date()), HEARTBEAT_MS);
	const unlock = () => rmSync(lockFile, { force: true });
	process.once('exit', unlock);
	try {
		return await work();
	} finally {
		clearInterval(heartbeat);
		process.off('exit', unlock);
		unlock();
	}
}

function tryLock(lockFile: string): boolean {
	try {
		writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
		const touched = statSync(lockFile, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
		if (Date.now() - touched > STALE_MS) rmSync(lockFile, { force: true });
		return false;
	}
}
