/**
 * `npm run screenshots`: takes the pictures of the documentation in n8n's real editor, into docs/images/.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { lumaRayNode, PROVIDERS, REPOSITORY } from '../test/e2e/host';
import { launchChromium } from './lib/chromium';
import { Editor } from './lib/editor';
import { readFlags } from './lib/flags';
import { runScript } from './lib/script';
import { exampleWorkflow, setUpN8n, startProviderSandbox } from './lib/set-up';

const USAGE = `npm run screenshots

Installs the package into a real n8n, opens n8n's editor in headless Chromium and takes the pictures of the
documentation: docs/images/*.png. Videos come from the sandbox, so it costs nothing.

Needs Chromium (Debian: apt-get install chromium; as root it is installed by itself).
`;

const FOLDER = join(REPOSITORY, 'docs', 'images');

readFlags(USAGE, {});

void runScript('screenshots', async (script) => {
	const browser = await script.step('Start Chromium', 'Install it as the message says.', () =>
		launchChromium(script.logFile),
	);
	script.atEnd(() => browser.close());
	const n8n = await setUpN8n(script);
	const credential = await startProviderSandbox(script, PROVIDERS.fal);
	const workflow = exampleWorkflow(PROVIDERS.fal, credential);
	await script.step('Start n8n with the example', 'Look into the log.', async () => {
		await n8n.importCredential(credential);
		await n8n.importWorkflow(workflow);
		await n8n.start();
	});

	mkdirSync(FOLDER, { recursive: true });
	await script.step(
		'Take the pictures',
		"n8n's editor may have changed: see scripts/lib/editor.ts.",
		async () => {
			const editor = await Editor.open(browser, n8n);
			const take = (name: string) => editor.screenshot(join(FOLDER, `${name}.png`));

			await editor.openWorkflow(workflow.id);
			await take('canvas');
			await editor.openNode(lumaRayNode(workflow).name);
			await take('node');
			await editor.executeNode();
			await editor.showOutputAs('json');
			await take('output');
			await editor.viewBinary();
			await take('video');
		},
	);
	process.stdout.write(`Pictures: ${FOLDER}\n`);
});
