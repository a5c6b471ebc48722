import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const KEEPER = join(__dirname, 'keeper.js');
const STOP_GRACE_MS = 15_000;
const LOG_TAIL_LINES = 25;

export interface ProcessOptions {
	cwd?: string;
	/** The complete environment of the process. If absent, it inherits the environment of this one. */
	env?: NodeJS.ProcessEnv;
	/** Everything that the process prints is appended to this file. */
	logFile: string;
}

/** How a process ended: its exit code or the signal that ended it; `problem` if it could not be started. */
export interface ProcessEnd {
	code: number | null;
	signal: NodeJS.Signals | null;
	problem?: string;
}

/** A command that failed. The message contains the command and the last lines of its log. */
export class CommandFailed extends Error {
	constructor(
		readonly command: string,
		readonly end: ProcessEnd,
		readonly logFile: string,
	) {
		super(`\`${command}\` ${describeEnd(end)}\n${logTail(logFile)}`);
	}
}

/** A running command and all processes that it started. They all end when this process ends (see keeper.js). */
export class RunningProcess {
	/** Resolves when the command has ended, whether it succeeded or failed. */
	readonly ended: Promise<ProcessEnd>;
	private end?: ProcessEnd;

	constructor(private readonly keeper: ChildProcess) {
		this.ended = new Promise((resolve) => {
			keeper.once('message', (end: ProcessEnd) => (this.end = end));
			keeper.once('error', (error) => resolve({ code: null, signal: null, problem: error.message }));
			keeper.once('close', (code, signal) => resolve((this.end ??= { code, signal })));
		});
	}

	get isRunning(): boolean {
		return this.end === undefined && this.keeper.exitCode === null;
	}

	/** Sends a signal to the command and to all processes that it started. */
	signal(name: NodeJS.Signals): void {
		if (this.keeper.connected) this.keeper.send(name);
	}

	/** Asks the command to exit, and kills it after a grace period in milliseconds. */
	async stop(graceMs = STOP_GRACE_MS): Promise<ProcessEnd> {
		this.signal('SIGTERM');
		const timer = new AbortController();
		const makeIt = sleep(graceMs, undefined, { signal: timer.signal }).then(
			() => this.signal('SIGKILL'),
			() => undefined,
		);
		const end = await this.ended;
		timer.abort();
		await makeIt;
		return end;
	}
}

/** Starts a command in the background. */
export function startProcess(command: string, args: string[], options: ProcessOptions): RunningProcess {
	return new RunningProcess(spawnKeeper(command, args, options, 'ignore').keeper);
}

/**
 * Runs a command until it ends.
 * @returns its standard output
 * @throws {CommandFailed} if it ended with a code other than 0
 */
export async function runProcess(command: string, args: string[], options: ProcessOptions): Promise<string> {
	const { end, stdout } = await tryProcess(command, args, options);
	if (end.code !== 0) throw new CommandFailed([command, ...args].join(' '), end, options.logFile);
	return stdout;
}

/** Runs a command until it ends, with any exit code. */
export async function tryProcess(
	command: string,
	args: string[],
	options: ProcessOptions,
): Promise<{ end: ProcessEnd; stdout: string }> {
	const { keeper, output } = spawnKeeper(command, args, options, 'keep');
	const end = await new RunningProcess(keeper).ended;
	return { end, stdout: output() };
}

/** The last lines of a log file, for error messages. */
function logTail(logFile: string): string {
	if (!existsSync(logFile)) return '';
	return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
}

function spawnKeeper(command: string, args: string[], options: ProcessOptions, stdout: 'keep' | 'ignore') {
	appendFileSync(options.logFile, `\n$ ${[command, ...args].join(' ')}\n`);
	const log = openSync(options.logFile, 'a');
	const keeper = spawn(process.execPath, [KEEPER, command, ...args], {
		cwd: options.cwd,
		env: options.env ?? process.env,
		// Runs in a separate session, so that Ctrl+C in the terminal reaches only this process, which then stops the
		// command in an orderly way.
		detached: true,
		stdio: ['ignore', stdout === 'keep' ? 'pipe' : log, log, 'ipc'],
	});
	closeSync(log);
	const chunks: Buffer[] = [];
	keeper.stdout?.on('data', (chunk: Buffer) => {
		chunks.push(chunk);
		appendFileSync(options.logFile, chunk);
	});
	return { keeper, output: () => Buffer.concat(chunks).toString('utf8') };
}

function describeEnd({ code, signal, problem }: ProcessEnd): string {
	if (problem) return `could not be started: ${problem}`;
	return signal ? `was ended by ${signal}` : `ended with code ${code}`;
}
