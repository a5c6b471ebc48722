/**
 * `npm start`: n8n's editor with the node installed and the examples in it, until Ctrl+C.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
	cacheFolder,
	exampleNames,
	NEWEST_N8N,
	OWNER,
	PROVIDERS,
	type N8nInstance,
	type Workflow,
} from '../harness/n8n';
import { credentialsTable } from '../sandbox/credentials';
import { EDITIONS, type Edition } from '../sandbox/ray';
import { readFlags, refuse } from './lib/flags';
import { exampleCost, providerOf } from './lib/provider-flag';
import { reloadOnChange } from './lib/reload';
import { runScript } from './lib/script';
import { exampleWorkflow, setUpN8n, setUpProviders } from './lib/set-up';

const USAGE = `npm start [-- --provider <name> --port <number> --data <folder>]

Builds the package, installs it into a real n8n (downloaded once, about 2.4 GB) and leaves n8n's editor
running with the workflows of examples/ in it, until Ctrl+C. What you do in it is kept for the next start.
It has a credential for each provider: for the real one if its key is in the environment, else for a sandbox.

  --provider <name>  who makes the videos of the examples: fal (default) or oxen
  --job-seconds <n>  how long the sandbox needs for a video (default 3); 120 shows what waiting is like
  --edition <name>   how the sandbox describes, checks and prices the models: ${EDITIONS.join(' or ')}
                     (default: launch); first-and-last-frame runs with 2026-10 only
  --port <number>    the editor's port (default 5678, or a free one if that is taken)
  --data <folder>    where n8n keeps its data (default: in LUMA_RAY_CACHE)
  --watch            builds and reloads whenever nodes/ or credentials/ change (npm run dev)
  --help             this text

Environment
  FAL_KEY            a fal.ai key: runs cost money. Without it a local sandbox answers in fal.ai's place.
  OXEN_API_KEY       the same for Oxen.ai
  LUMA_RAY_CACHE     the folder that keeps n8n and its data (default: ~/.cache/n8n-nodes-luma-ray)
`;

const flags = readFlags(USAGE, {
	provider: { type: 'string', default: 'fal' },
	'job-seconds': { type: 'string' },
	edition: { type: 'string', default: EDITIONS[0] },
	port: { type: 'string', default: '5678' },
	data: { type: 'string' },
	watch: { type: 'boolean', default: false },
});
const provider = providerOf(flags.provider);
const jobSeconds = flags['job-seconds'] === undefined ? undefined : Number(flags['job-seconds']);
if (jobSeconds !== undefined && !(jobSeconds >= 0)) {
	refuse(`--job-seconds '${flags['job-seconds']}' is not a number of seconds`);
}
const edition = flags.edition as Edition;
if (!EDITIONS.includes(edition)) refuse(`--edition '${edition}' is not one of: ${EDITIONS.join(', ')}`);
const preferredPort = Number(flags.port);
if (!(preferredPort >= 1 && preferredPort <= 65_535)) refuse(`--port '${flags.port}' is not a port`);

void runScript('start', async (script) => {
	const userFolder = flags.data ? resolve(flags.data) : cacheFolder(`start-n8n-${NEWEST_N8N}`);
	// n8n writes files to the folders that it is allowed to use, and only if they exist.
	const files = join(userFolder, 'files');
	mkdirSync(files, { recursive: true });
	const env = { N8N_RESTRICT_FILE_ACCESS_TO: files };
	const n8n = await setUpN8n(script, { userFolder, preferredPort, env });
	// The examples' own provider first.
	const all = [provider, ...Object.values(PROVIDERS).filter((other) => other !== provider)];
	const { credentials, sandbox } = await setUpProviders(script, all, { jobSeconds, edition });
	const [credential] = credentials;
	const workflow = exampleWorkflow(provider, credential);
	const examples = exampleNames().map((name) => exampleWorkflow(provider, credential, name, files));
	const server = await script.step('Start n8n', 'Look into the log.', () => n8n.start());
	await script.step(
		'Import the examples and the credentials of both providers',
		'Look into the log.',
		async () => {
			for (const each of credentials) await n8n.importCredential(each);
			await importOnce(n8n, examples);
		},
	);

	const isReal = Boolean(process.env[provider.keyVariable]);
	process.stdout.write(
		[
			'',
			`n8n with Luma Ray:  ${n8n.url}/workflow/${workflow.id}`,
			`All examples:       ${n8n.url}/home/workflows`,
			`Sign in as:         ${OWNER.email}`,
			`Password:           ${OWNER.password}`,
			`Saved files:        ${files}`,
			isReal
				? `${provider.keyVariable} is set: each run COSTS MONEY (${exampleCost(provider)}).`
				: `Videos come from a local sandbox, for free. Set ${provider.keyVariable} for real ones.`,
			...(sandbox
				? ['', 'The sandbox, to create a credential yourself:', credentialsTable(sandbox), '']
				: []),
			'Ctrl+C ends it.',
			'',
		].join('\n'),
	);
	if (flags.watch) await reloadOnChange(n8n, script.logFile, (line) => process.stdout.write(`${line}\n`));
	await server.ended;
	throw new Error('n8n has stopped by itself.');
});

/** Skips workflows that an earlier start imported, because the user may have changed them. */
async function importOnce(n8n: N8nInstance, workflows: Workflow[]): Promise<void> {
	const areThere = await Promise.all(workflows.map(async ({ id }) => await n8n.rest.hasWorkflow(id)));
	const missing = workflows.filter((_, place) => !areThere[place]);
	if (missing.length > 0) await n8n.importWorkflow(...missing);
}
