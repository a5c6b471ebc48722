import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../harness/editor/chromium';
import { Editor, type NoteOnCanvas } from '../../harness/editor/editor';
import { cacheFolder, exampleNames, freshLog, readExample, type N8nInstance } from '../../harness/n8n';
import { installedN8n } from './support';

/** The folder with the screenshots of the templates. */
const PICTURES = join(cacheFolder(), 'screenshots-templates');
/** The number of pixels by which a note may be taller than its text: about one line. */
const MAX_EMPTY = 40;
const names = exampleNames();

describe("the templates in n8n's editor", () => {
	let browser: Browser;
	let n8n: N8nInstance;
	const notes: Record<string, NoteOnCanvas[]> = {};

	beforeAll(async () => {
		rmSync(PICTURES, { recursive: true, force: true });
		mkdirSync(PICTURES, { recursive: true });
		browser = await launchChromium(freshLog('e2e-chromium-templates'));
		n8n = await installedN8n('templates-look');
		await n8n.start();
		await n8n.importWorkflow(...names.map((name) => readExample(name)));
		const editor = await Editor.open(browser, n8n);
		for (const name of names) {
			await editor.openWorkflow(readExample(name).id);
			await editor.screenshot(join(PICTURES, `${name}.png`));
			notes[name] = await editor.notesOnCanvas();
		}
	});

	afterAll(async () => {
		await browser?.close();
		await n8n?.dispose();
	});

	it.each(names)('%s has notes that fit their text and show all of it', (name) => {
		expect(notes[name].length).toBeGreaterThanOrEqual(2);
		for (const { title, height, textHeight } of notes[name]) {
			const empty = Math.round(height - textHeight);
			expect({ title, fits: empty >= 0 && empty <= MAX_EMPTY, empty }).toMatchObject({ fits: true });
		}
	});
});
