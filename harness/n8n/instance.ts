import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, parseExecuteOutput, type BinaryFile, type Execution } from './executions';
import { hostPath, type Host } from './install';
import { installCommunityPackage } from './package';
import { freePorts, isPortFree } from './ports';
import { CommandFailed, runProcess, startProcess, tryProcess, type RunningProcess } from './process';
import { RestClient } from './rest-client';
import type { Credential, Workflow } from './workflows';

const START_TIMEOUT_MS = 300_000;
const WEBHOOK_TIMEOUT_MS = 300_000;
const POLL_MS = 300;

/** Variables that would change how n8n runs, or that would make n8n think that it runs its own tests. */
const FOREIGN_VARIABLES = /^(N8N_|DB_|EXECUTIONS_|QUEUE_|WEBHOOK_|NODE_ENV$|NODE_OPTIONS$|JEST_)/;

export interface InstanceOptions {
	host: Host;
	logFile: string;
	/**
	 * A folder that is kept when the instance is disposed of. If absent, n8n uses a temporary folder, which is removed.
	 */
	userFolder?: string;
	/** The port of the editor, if it is free. Otherwise any free port is used. */
	preferredPort?: number;
	/** Additional environment variables for every command of this instance. */
	env?: Record<string, string>;
}

/** An n8n with its own user folder, database and ports. It listens only on 127.0.0.1. */
export class N8nInstance {
	readonly url: string;
	readonly rest: RestClient;
	private server?: RunningProcess;

	private constructor(
		private readonly options: InstanceOptions,
		readonly userFolder: string,
		private readonly ports: { editor: number; broker: number; commandLineBroker: number },
	) {
		this.url = `http://127.0.0.1:${ports.editor}`;
		this.rest = new RestClient(this.url, options.host);
	}

	static async create(options: InstanceOptions): Promise<N8nInstance> {
		const [free, broker, commandLineBroker] = await freePorts(3);
		const { preferredPort } = options;
		const editor = preferredPort && (await isPortFree(preferredPort)) ? preferredPort : free;
		const userFolder = options.userFolder ?? mkdtempSync(join(tmpdir(), 'luma-ray-n8n-'));
		return new N8nInstance(options, userFolder, { editor, broker, commandLineBroker });
	}

	/** Installs the packed package. n8n must not be running, because it looks for packages only at its start. */
	async installPackage(tarball: string): Promise<void> {
		const { host, logFile } = this.options;
		await installCommunityPackage(host, this.userFolder, tarball, logFile);
	}

	/** Saves a credential. It replaces a credential with the same ID. */
	async importCredential(credential: Credential): Promise<void> {
		await this.importFile('credentials', [credential]);
	}

	/** Saves workflows with one command. They replace workflows with the same IDs. */
	async importWorkflow(...workflows: Workflow[]): Promise<void> {
		await this.importFile('workflow', workflows);
	}

	/**
	 * Runs a workflow on the command line, without the server, and waits for its end.
	 * @throws {CommandFailed} if n8n itself fails; a failed execution is returned
	 */
	async execute(workflowId: string): Promise<Execution> {
		const { host, logFile } = this.options;
		const args = [host.n8n, 'execute', `--id=${workflowId}`, '--rawOutput'];
		const { end, stdout } = await tryProcess(host.node, args, { env: this.commandLineEnv(), logFile });
		const execution = parseExecuteOutput(stdout);
		if (!execution) throw new CommandFailed(`n8n execute --id=${workflowId}`, end, logFile);
		return execution;
	}

	/**
	 * Starts the server and waits until the owner is signed in. After `stop()` or `kill()` it can be started again,
	 * with the same folder and port.
	 * @returns the running server process
	 */
	async start(): Promise<RunningProcess> {
		this.server = this.spawn('start');
		const deadline = Date.now() + START_TIMEOUT_MS;
		while (!(await this.rest.setUpOwner())) {
			if (!this.server.isRunning) {
				throw new CommandFailed('n8n start', await this.server.ended, this.options.logFile);
			}
			if (Date.now() > deadline) throw new Error(`n8n did not start; its log: ${this.options.logFile}`);
			await sleep(POLL_MS);
		}
		await this.rest.signIn();
		return this.server;
	}

	/** Starts one of n8n's long-running commands ('start', 'worker', 'webhook') in the background. */
	spawn(command: string, env: Record<string, string> = {}): RunningProcess {
		const { host, logFile } = this.options;
		return startProcess(host.node, [host.n8n, command], { env: { ...this.env(), ...env }, logFile });
	}

	/** Stops the server as an administrator would. */
	async stop(): Promise<void> {
		await this.server?.stop();
		this.server = undefined;
	}

	/** Kills the server without warning, like a power failure. */
	async kill(): Promise<void> {
		this.server?.signal('SIGKILL');
		await this.server?.ended;
		this.server = undefined;
	}

	/** Runs a workflow on the server, starting at the named trigger, and waits for its end. */
	async run(workflowId: string, triggerName: string, timeoutMs: number): Promise<Execution> {
		return await this.rest.waitForExecution(await this.rest.runWorkflow(workflowId, triggerName), timeoutMs);
	}

	/** Posts JSON to a webhook of an activated workflow as soon as n8n has registered the webhook. */
	async callWebhook(path: string, body: unknown): Promise<Response> {
		const deadline = Date.now() + WEBHOOK_TIMEOUT_MS;
		for (;;) {
			const response = await fetch(`${this.url}/webhook/${path}`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify(body),
			});
			if (response.status !== 404 || Date.now() > deadline) return response;
			await sleep(POLL_MS);
		}
	}

	/** Everything that this instance has printed so far. */
	log(): string {
		return readFileSync(this.options.logFile, 'utf8');
	}

	/** The path where n8n keeps an item's file on this disk. */
	binaryPath(file: BinaryFile): string {
		const [mode, path] = file.id?.split(/:(.*)/s) ?? [];
		if (!mode?.startsWith('filesystem')) throw new Error('n8n does not keep this file on the disk');
		return join(this.binaryFolder, path);
	}

	/** Stops the server and removes its user folder if that is a temporary one. */
	async dispose(): Promise<void> {
		await this.stop();
		if (!this.options.userFolder) rmSync(this.userFolder, { recursive: true, force: true });
	}

	private get binaryFolder(): string {
		return join(this.userFolder, 'binary');
	}

	private async importFile(
		kind: 'credentials' | 'workflow',
		content: Credential[] | Workflow[],
	): Promise<void> {
		const { host, logFile } = this.options;
		// In the user folder, which is removed together with the instance, because the file may contain a key.
		const file = join(this.userFolder, 'import.json');
		writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
		try {
			const args = [host.n8n, `import:${kind}`, `--input=${file}`];
			const stdout = await runProcess(host.node, args, { env: this.commandLineEnv(), logFile });
			// n8n exits with code 0 even if an execution failed.
			if (!stdout.includes('Successfully imported')) {
				throw new CommandFailed(`n8n import:${kind}`, { code: 0, signal: null }, logFile);
			}
		} finally {
			rmSync(file, { force: true });
		}
	}

	/** A command that runs next to a server needs a separate port for its task broker. */
	private commandLineEnv(): NodeJS.ProcessEnv {
		return { ...this.env(), N8N_RUNNERS_BROKER_PORT: String(this.ports.commandLineBroker) };
	}

	private env(): NodeJS.ProcessEnv {
		const noProxy = [process.env.no_proxy ?? process.env.NO_PROXY, '127.0.0.1'].filter(Boolean).join(',');
		const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN_VARIABLES.test(name));
		return {
			...Object.fromEntries(inherited),
			PATH: hostPath(this.options.host),
			N8N_USER_FOLDER: this.userFolder,
			N8N_HOST: '127.0.0.1',
			N8N_LISTEN_ADDRESS: '127.0.0.1',
			N8N_PORT: String(this.ports.editor),
			N8N_RUNNERS_BROKER_PORT: String(this.ports.broker),
			N8N_SECURE_COOKIE: 'false',
			N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
			N8N_BINARY_DATA_STORAGE_PATH: this.binaryFolder,
			N8N_DIAGNOSTICS_ENABLED: 'false',
			N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
			N8N_TEMPLATES_ENABLED: 'false',
			N8N_PERSONALIZATION_ENABLED: 'false',
			N8N_HIRING_BANNER_ENABLED: 'false',
			// Requests to the sandbox must not go through a proxy.
			NO_PROXY: noProxy,
			no_proxy: noProxy,
			...this.options.env,
		};
	}
}

/** Throws with the reason unless the execution succeeded. */
export function mustSucceed(execution: Execution): Execution {
	if (execution.status !== 'success') throw new Error(`The execution ended as ${describe(execution)}`);
	return execution;
}
