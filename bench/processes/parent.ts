import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { REPOSITORY } from '../../harness/n8n';
import type { Answer, Calls, Question } from './child';

/** How long a child has to exit before it is killed, in milliseconds. */
const END_GRACE_MS = 5_000;

/** A child process of the benchmark, as its parent uses it. */
export class Child<C extends Calls> {
	private readonly waiting = new Map<number, (answer: Omit<Answer, 'id'>) => void>();
	private count = 0;

	private constructor(
		private readonly process: ChildProcess,
		private readonly what: string,
	) {
		process.on('message', ({ id, ...answer }: Answer) => {
			this.waiting.get(id)?.(answer);
			this.waiting.delete(id);
		});
		process.once('exit', (code, signal) => {
			for (const settle of this.waiting.values()) settle({ error: `${what} ended (${signal ?? code})` });
			this.waiting.clear();
		});
	}

	/**
	 * Starts a child.
	 * @param script its file, relative to bench/
	 * @param folder for its temporary files
	 * @param root of the checkout that contains it
	 */
	static start<C extends Calls>(script: string, folder: string, root = REPOSITORY): Child<C> {
		// n8n-core writes its settings into its user folder, and prints a message about that unless it is given a key.
		const n8n = { N8N_USER_FOLDER: folder, N8N_ENCRYPTION_KEY: 'bench' };
		const env = { ...process.env, TMPDIR: folder, NODE_OPTIONS: '', ...n8n };
		const execArgv = [...process.execArgv, '--expose-gc'];
		return new Child<C>(fork(join(root, 'bench', script), { cwd: root, env, execArgv }), script);
	}

	async call<N extends keyof C & string>(
		name: N,
		argument?: Parameters<C[N]>[0],
	): Promise<Awaited<ReturnType<C[N]>>> {
		const id = this.count++;
		const answered = new Promise<Omit<Answer, 'id'>>((resolve) => this.waiting.set(id, resolve));
		this.process.send({ id, name, argument } satisfies Question);
		const { value, error } = await answered;
		if (error !== undefined) throw new Error(`${this.what}, ${name}: ${error}`);
		return value as Awaited<ReturnType<C[N]>>;
	}

	/** Waits for the child to exit, and kills it if that takes too long. */
	async end(): Promise<void> {
		const { exitCode, signalCode } = this.process;
		if (exitCode !== null || signalCode !== null) return;
		const ended = once(this.process, 'exit');
		if (this.process.connected) this.process.disconnect();
		const patience = new AbortController();
		const timer = sleep(END_GRACE_MS, undefined, { signal: patience.signal }).then(
			() => this.process.kill('SIGKILL'),
			() => undefined,
		);
		await ended;
		patience.abort();
		await timer;
	}
}
