import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installPackages } from './apt';
import { freePorts } from './ports';
import { CommandFailed, runProcess, startProcess, type RunningProcess } from './process';

/** PostgreSQL and Redis from Debian, which n8n's queue mode needs. Each server has its own folder and port. */

const POSTGRES_ROOT = '/usr/lib/postgresql';
const REDIS = '/usr/bin/redis-server';
const START_TIMEOUT_MS = 300_000;
const POLL_MS = 200;

/** A database server for a single test. */
export interface Service {
	port: number;
	stop(): Promise<void>;
}

/**
 * Installs PostgreSQL and Redis if they are missing.
 * @throws with the list of packages to install if this user lacks the rights to install them
 */
export async function installServices(logFile: string): Promise<void> {
	const missing = [
		...(postgresFolder() ? [] : ['postgresql']),
		...(existsSync(REDIS) ? [] : ['redis-server']),
	];
	if (missing.length === 0) return;
	await installPackages(missing, logFile);
	if (!postgresFolder() || !existsSync(REDIS))
		throw new Error(`No usable server came with ${missing.join(', ')}`);
}

/** Starts an empty PostgreSQL database `n8n`. User `n8n` can use it from this machine without a password. */
export async function startPostgres(logFile: string): Promise<Service> {
	const programs = postgresFolder()!;
	const folder = mkdtempSync(join(tmpdir(), 'luma-ray-postgres-'));
	const asPostgres = await withoutRoot(folder, logFile);
	const [port] = await freePorts(1);
	const run = async (program: string, ...args: string[]) => {
		const [command, ...rest] = [...asPostgres, join(programs, program), ...args];
		await runProcess(command, rest, { cwd: folder, logFile });
	};
	await run('initdb', '-D', folder, '-U', 'n8n', '--auth=trust', '-E', 'UTF8');
	const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'max_connections=200'];
	const [command, ...args] = [
		...asPostgres,
		join(programs, 'postgres'),
		...['-D', folder, '-p', String(port)],
		...settings.flatMap((setting) => ['-c', setting]),
	];
	const server = startProcess(command, args, { cwd: folder, logFile });
	await untilListening(port, server, 'postgres', logFile);
	await run('createdb', '-h', '127.0.0.1', '-p', String(port), '-U', 'n8n', 'n8n');
	// SIGINT: ends the server immediately, without waiting for its clients.
	return { port, stop: async () => await stop(server, 'SIGINT', folder) };
}

export interface Redis extends Service {
	/** The number of entries in a list. */
	listLength(key: string): Promise<number>;
}

export async function startRedis(logFile: string): Promise<Redis> {
	const folder = mkdtempSync(join(tmpdir(), 'luma-ray-redis-'));
	const [port] = await freePorts(1);
	const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
	const server = startProcess(REDIS, args, { cwd: folder, logFile });
	await untilListening(port, server, 'redis-server', logFile);
	return {
		port,
		stop: async () => await stop(server, 'SIGTERM', folder),
		listLength: async (key) => Number((await askRedis(port, `LLEN ${key}`)).slice(1)),
	};
}

/** The folder of the programs of the newest PostgreSQL that Debian has installed. */
function postgresFolder(): string | undefined {
	if (!existsSync(POSTGRES_ROOT)) return undefined;
	const versions = readdirSync(POSTGRES_ROOT).sort((one, other) => Number(other) - Number(one));
	return versions
		.map((version) => join(POSTGRES_ROOT, version, 'bin'))
		.find((bin) => existsSync(join(bin, 'initdb')));
}

/**
 * PostgreSQL refuses to run as root. So this gives the folder to Debian's postgres user, and returns the prefix of a
 * command that runs as that user.
 */
async function withoutRoot(folder: string, logFile: string): Promise<string[]> {
	if (process.getuid?.() !== 0) return [];
	const id = async (flag: string) => Number(await runProcess('id', [flag, 'postgres'], { logFile }));
	chownSync(folder, await id('-u'), await id('-g'));
	return ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'];
}

async function untilListening(
	port: number,
	server: RunningProcess,
	name: string,
	logFile: string,
): Promise<void> {
	const deadline = Date.now() + START_TIMEOUT_MS;
	while (!(await canConnect(port))) {
		if (!server.isRunning) throw new CommandFailed(name, await server.ended, logFile);
		if (Date.now() > deadline) throw new Error(`${name} did not start; its log: ${logFile}`);
		await sleep(POLL_MS);
	}
}

async function canConnect(port: number): Promise<boolean> {
	return await new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1');
		socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
		socket.once('connect', () => socket.destroy());
	});
}

/** Sends one command and returns the first line of the answer. */
async function askRedis(port: number, command: string): Promise<string> {
	return await new Promise((resolve, reject) => {
		const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`));
		socket.once('data', (data) => {
			socket.destroy();
			resolve(data.toString().split('\r\n')[0]);
		});
		socket.once('error', reject);
	});
}

async function stop(server: RunningProcess, signal: NodeJS.Signals, folder: string): Promise<void> {
	server.signal(signal);
	await server.stop();
	rmSync(folder, { recursive: true, force: true });
}
