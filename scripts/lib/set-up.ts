import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../sandbox';
import {
	forProvider,
	installHost,
	N8nInstance,
	NEWEST_N8N,
	packPackage,
	readExample,
	REPOSITORY,
	runProcess,
	type Credential,
	type InstanceOptions,
	type Provider,
	type Workflow,
} from '../../harness/n8n';
import type { Script } from './script';

const SANDBOX_JOB_SECONDS = 3;

/** Builds and packs the package from this clone, and installs it into a separate n8n. */
export async function setUpN8n(
	script: Script,
	options: Pick<InstanceOptions, 'userFolder' | 'preferredPort' | 'env'> = {},
): Promise<N8nInstance> {
	const { logFile } = script;
	const packFolder = mkdtempSync(join(tmpdir(), 'luma-ray-pack-'));
	script.atEnd(async () => rmSync(packFolder, { recursive: true, force: true }));

	const tarball = await script.step(
		'Build and pack the package',
		'Run `npm install`, then `npm run build`, and fix what it reports.',
		async () => {
			await runProcess('npm', ['run', 'build'], { cwd: REPOSITORY, logFile });
			return await packPackage(packFolder, logFile);
		},
	);
	const host = await script.silentStep(
		`Set up n8n ${NEWEST_N8N}`,
		'Read the log of the installation, in the same folder as the log below. It needs the npm registry and, ' +
			'if there is no ready-made SQLite driver for this machine, python3, make and g++ (Debian: `apt-get install ' +
			'python3 make g++`). Then run the command again.',
		() => installHost(NEWEST_N8N),
	);
	const n8n = await N8nInstance.create({ host, logFile, ...options });
	script.atEnd(() => n8n.dispose());
	await script.step(
		'Install the package into it, as n8n does with community packages',
		'Look into the log.',
		() => n8n.installPackage(tarball),
	);
	return n8n;
}

/** The providers that a script can use. */
export interface Providers {
	/**
	 * One for each provider, in the given order: the real one if its key is in the environment, otherwise the
	 * sandbox's.
	 */
	credentials: Credential[];
	/** Runs until the script ends. Started only if at least one provider has no key. */
	sandbox?: Sandbox;
}

/**
 * Sets up providers, either the real ones or the sandbox's.
 * @param sandboxOptions overrides of the sandbox's defaults
 */
export async function setUpProviders(
	script: Script,
	providers: Provider[],
	{ jobSeconds = SANDBOX_JOB_SECONDS, edition }: Pick<SandboxOptions, 'jobSeconds' | 'edition'> = {},
): Promise<Providers> {
	const realKeys = providers.map(({ keyVariable }) => process.env[keyVariable]);
	const sandbox = realKeys.every(Boolean)
		? undefined
		: await script.step('Start the sandbox', 'Read the message above.', () =>
				startSandbox({ jobSeconds, edition }),
			);
	if (sandbox) script.atEnd(() => sandbox.close());
	const credentials = providers.map((provider, index) => {
		const key = realKeys[index];
		return key ? provider.realCredential(key) : provider.sandboxCredential(sandbox!);
	});
	return { credentials, sandbox };
}

/**
 * A workflow of examples/, ready to be imported together with its credential. Without a name: the one that is shown.
 * @param files the folder where it saves files
 */
export function exampleWorkflow(
	provider: Provider,
	credential: Credential,
	name = 'animate-one-image',
	files?: string,
): Workflow {
	return forProvider(readExample(name, files), provider, credential);
}
