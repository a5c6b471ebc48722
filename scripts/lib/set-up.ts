import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox';
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

/** Builds and packs the package as it is in this clone, and installs it into an n8n of its own. */
export async function setUpN8n(
	script: Script,
	options: Pick<InstanceOptions, 'userFolder' | 'preferredPort'> = {},
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
		'Look into the log of the installation, in the same folder as the log below. It needs the npm registry and, ' +
			'where no ready-made SQLite driver can be fetched, python3, make and g++ (Debian: `apt-get install ' +
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

/**
 * The credential that the example runs with: for the real provider if its key is in the environment, else
 * for a sandbox that is started for it.
 */
export async function setUpProvider(script: Script, provider: Provider): Promise<Credential> {
	const key = process.env[provider.keyVariable];
	return key ? provider.realCredential(key) : await startProviderSandbox(script, provider);
}

/** Starts a sandbox until the script ends, and returns the credential for it. */
async function startProviderSandbox(script: Script, provider: Provider): Promise<Credential> {
	const sandbox = await script.step('Start the sandbox', 'Look at the message above.', () =>
		startSandbox({ jobSeconds: SANDBOX_JOB_SECONDS }),
	);
	script.atEnd(() => sandbox.close());
	return provider.sandboxCredential(sandbox);
}

/** A workflow of examples/, ready to be imported together with its credential. Without a name: the one that is shown. */
export function exampleWorkflow(
	provider: Provider,
	credential: Credential,
	name = 'animate-one-image',
): Workflow {
	return forProvider(readExample(name), provider, credential);
}
