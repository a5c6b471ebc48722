/** `npm run demo`: turns an image into a video in a separate, real n8n, and writes the file to demo-output/. */
import { copyFileSync, mkdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lumaRayNode, mustSucceed, outputItems, type Provider } from '../harness/n8n';
import { readFlags } from './lib/flags';
import { exampleCost, providerOf } from './lib/provider-flag';
import { runScript } from './lib/script';
import { exampleWorkflow, setUpN8n, setUpProviders } from './lib/set-up';

const USAGE = `npm run demo [-- --provider <name>]

Builds the package, installs it into a real n8n (downloaded once, about 2.4 GB), runs the workflow
examples/animate-one-image.json in it and puts the video into demo-output/.

  --provider <name>  who makes the video: fal (default) or oxen
  --help             this text

Environment
  FAL_KEY            a fal.ai key: makes a real video, which costs money. Without it a local sandbox
                     answers in fal.ai's place, for free.
  OXEN_API_KEY       the same for Oxen.ai
  LUMA_RAY_CACHE     the folder that keeps n8n between runs (default: ~/.cache/n8n-nodes-luma-ray)
`;

const OUTPUT_FOLDER = 'demo-output';
const SECONDS_TO_THINK = 5;

const flags = readFlags(USAGE, { provider: { type: 'string', default: 'fal' } });
const provider = providerOf(flags.provider);

void runScript('demo', async (script) => {
	const isReal = Boolean(process.env[provider.keyVariable]);
	if (isReal) await warnOfCost(provider);

	const n8n = await setUpN8n(script);
	const [credential] = (await setUpProviders(script, [provider])).credentials;
	const workflow = exampleWorkflow(provider, credential);
	await script.step('Import the example and its credential', 'Look into the log.', async () => {
		await n8n.importCredential(credential);
		await n8n.importWorkflow(workflow);
	});
	const item = await script.step(
		'Run the workflow',
		isReal
			? `Check the key in ${provider.keyVariable} and the account's balance; the message above has the provider's words.`
			: 'Look into the log: it holds the whole execution.',
		async () => {
			const execution = mustSucceed(await n8n.execute(workflow.id));
			return outputItems(execution, lumaRayNode(workflow).name)[0];
		},
	);
	const video = item?.binary?.data;
	if (!video) throw new Error('The node put out no video.');

	mkdirSync(OUTPUT_FOLDER, { recursive: true });
	const file = resolve(OUTPUT_FOLDER, `luma-ray-${provider.id}.mp4`);
	copyFileSync(n8n.binaryPath(video), file);
	process.stdout.write(`${JSON.stringify(item.json, null, 2)}\n`);
	process.stdout.write(`\nVideo (${statSync(file).size} bytes): ${file}\n`);
});

async function warnOfCost(provider: Provider): Promise<void> {
	const { keyVariable } = provider;
	process.stderr.write(
		`${keyVariable} is set, so this makes a real video and COSTS MONEY (${exampleCost(provider)}).\n` +
			`Press Ctrl+C within ${SECONDS_TO_THINK} seconds to leave it; without ${keyVariable} the demo is free.\n`,
	);
	await sleep(SECONDS_TO_THINK * 1000);
}
