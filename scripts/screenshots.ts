/**
 * `npm run screenshots`: goes through n8n's real editor and takes the pictures of the documentation, into docs/images/.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startSandbox } from '../sandbox';
import { cacheFolder, readExample, REPOSITORY } from '../test/e2e/host';
import { launchChromium } from './lib/chromium';
import { Editor } from './lib/editor';
import { tourEditor } from './lib/editor-tour';
import { readFlags } from './lib/flags';
import { runScript } from './lib/script';
import { setUpN8n } from './lib/set-up';

const USAGE = `npm run screenshots

Installs the package into a real n8n, opens n8n's editor in headless Chromium, tries the node in it as a builder
would, and takes the pictures of the documentation: docs/images/*.png. Videos come from the sandbox, so it costs
nothing. It prints where the pictures lie that are not in the documentation: one of every operation, and of the
dark looks.

Needs Chromium (Debian: apt-get install chromium; as root it is installed by itself).
`;

const DOCS = join(REPOSITORY, 'docs', 'images');
/** The pictures that the documentation shows. */
const SHOWN = ['nodes-panel', 'credential', 'node', 'output', 'video', 'canvas'];
const EXAMPLE = 'scheduled-product-videos';

readFlags(USAGE, {});

void runScript('screenshots', async (script) => {
	const browser = await script.step('Start Chromium', 'Install it as the message says.', () =>
		launchChromium(script.logFile),
	);
	script.atEnd(() => browser.close());
	const n8n = await setUpN8n(script);
	const sandbox = await script.step('Start the sandbox', 'Look at the message above.', () =>
		startSandbox({ jobSeconds: 1 }),
	);
	script.atEnd(() => sandbox.close());
	const example = readExample(EXAMPLE);
	await script.step('Start n8n', 'Look into the log.', async () => {
		await n8n.importWorkflow(example);
		await n8n.start();
	});

	const all = cacheFolder('screenshots');
	await script.step(
		'Try the node in the editor',
		"n8n's editor may have changed: see scripts/lib/editor.ts.",
		async () => tourEditor(await Editor.open(browser, n8n), sandbox, all, example),
	);
	mkdirSync(DOCS, { recursive: true });
	for (const name of SHOWN) copyFileSync(join(all, `${name}.png`), join(DOCS, `${name}.png`));
	process.stdout.write(`Pictures of the documentation: ${DOCS}\nAll pictures: ${all}\n`);
});
