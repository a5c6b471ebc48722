import { copyFileSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { startSandbox, type Sandbox } from '../../sandbox';
import { launchChromium } from '../../harness/editor/chromium';
import { Editor } from '../../harness/editor/editor';
import {
	isTaken,
	offeredOptions,
	offeredParameter,
	offeredParameters,
} from '../../nodes/LumaRay/models/catalogue';
import { MODEL_NAMES } from '../../nodes/LumaRay/models/names';
import {
	isOption,
	PARAMETER_NAMES,
	PARAMETERS,
	type ParameterName,
	type ParameterOfKind,
} from '../../nodes/LumaRay/models/parameters';
import { CATALOGUES } from '../../nodes/LumaRay/providers/catalogues';
import { fileFieldNames } from '../../nodes/LumaRay/resources/fileFields';
import { FORMS, SEARCH_WORDS, tourEditor, type Sights } from './tour';
import {
	cacheFolder,
	forProvider,
	freshLog,
	PROVIDERS,
	readExample,
	REPOSITORY,
	type N8nInstance,
} from '../../harness/n8n';
import { installedN8n } from './support';

/** The folder with the screenshots of the last tour. */
const KEPT = join(cacheFolder(), 'screenshots');
/** The screenshots in the documentation. `npm run screenshots` takes them again. */
const SHOWN = ['nodes-panel', 'credential', 'node', 'output', 'video', 'canvas'];
const DOCS = join(REPOSITORY, 'docs', 'images');

describe("the node in n8n's editor", () => {
	let browser: Browser;
	let n8n: N8nInstance;
	let sandbox: Sandbox;
	let sights: Sights;
	/** The screenshots of this tour. Another test run may take a tour at the same time. */
	let pictures: string;

	beforeAll(async () => {
		pictures = mkdtempSync(`${KEPT}-`);
		browser = await launchChromium(freshLog('e2e-chromium'));
		sandbox = await startSandbox({ jobSeconds: 1 });
		n8n = await installedN8n('editor');
		await n8n.start();
		sights = await tourEditor(await Editor.open(browser, n8n), sandbox, pictures, async () => {
			const credential = PROVIDERS.fal.sandboxCredential(sandbox);
			const example = readExample('scheduled-product-videos');
			await n8n.importCredential(credential);
			await n8n.importWorkflow(forProvider(example, PROVIDERS.fal, credential));
			return example;
		});
		if (process.env.LUMA_RAY_SCREENSHOTS) {
			for (const name of SHOWN) copyFileSync(join(pictures, `${name}.png`), join(DOCS, `${name}.png`));
		}
	});

	afterAll(async () => {
		await browser?.close();
		await n8n?.dispose();
		await sandbox?.close();
		rmSync(KEPT, { recursive: true, force: true });
		renameSync(pictures, KEPT);
	});

	it.each(SEARCH_WORDS)("is found in the nodes panel by the search '%s'", (word) => {
		expect(sights.found[word].slice(0, 5)).toContain('Luma Ray');
	});

	it("shows the trigger's events and the node's actions in the nodes panel, the main action first", () => {
		expect(sights.actions.filter((action) => /image|video|generation|model/.test(action))).toEqual([
			'On generation succeeded',
			'On generation failed',
			'On generation ended',
			'Animate image',
			'Generate video from text',
			'Edit video',
			'Reframe video',
			'Get generation',
			'Get many generations',
			'Wait for generation',
			'Cancel generation',
			'Estimate cost of videos',
			'Get model description',
		]);
	});

	it.each(['fal', 'oxen'])('has a credential for %s that n8n tests successfully', (provider) => {
		expect(sights.credentials[provider]).toContain('Connection tested successfully');
	});

	it("shows the provider first, then the operation's fields", () => {
		expect(sights.fields['Animate Image']).toEqual([
			'provider',
			'resource',
			'operation',
			'frames',
			'imageSource',
			'imageUrl',
			'prompt',
			'aspectRatio',
			'resolution',
			'duration',
			'loop',
			'waitMode',
			'downloadVideo',
			'outputBinaryField',
			'simplify',
		]);
		expect(sights.fields['Generation: Cancel']).toEqual(['provider', 'resource', 'operation', 'requestId']);
	});

	describe.each(
		MODEL_NAMES.flatMap((model) => Object.values(CATALOGUES).map((catalogue) => ({ model, catalogue }))),
	)('the form for $model at $catalogue.name', ({ model, catalogue }) => {
		const entry = catalogue.models[model];
		const offered = offeredParameters(entry);
		const form = () => sights.forms[`${model}-${catalogue.id}`];

		it('shows the required fields', () => {
			const isShown = (name: ParameterName) => {
				const parameter = offeredParameter(entry, name);
				return parameter?.required && isTaken(parameter, {});
			};
			const needed = offered.filter(isShown);
			expect(form().fields).toEqual(expect.arrayContaining(needed.map((name) => fieldsOf(name)[0])));
		});

		it('shows no field that the provider does not support', () => {
			const others = PARAMETER_NAMES.filter((name) => !offered.includes(name));
			const labels = others.filter(isOption).map((name) => PARAMETERS[name].label);
			expect(form().fields.filter((field) => others.flatMap(fieldsOf).includes(field))).toEqual([]);
			expect(form().options.filter((option) => labels.includes(option as never))).toEqual([]);
		});

		it('shows only the options that the provider accepts', () => {
			for (const [field, choices] of Object.entries(form().choices)) {
				const values = offeredOptions(entry, field as ParameterName);
				expect([field, choices.length]).toEqual([field, values.length]);
				if (['aspectRatio', 'resolution'].includes(field)) expect(choices).toEqual(values);
			}
		});
	});

	it('shows the price and the waiting time before a run', () => {
		expect(sights.hints).toEqual([
			expect.stringContaining('Each video costs $0.15 at fal.ai: 5 seconds at 540p'),
			expect.stringContaining('A video takes 1 to 15 minutes'),
			expect.stringContaining('it uses an n8n worker'),
		]);
	});

	it('runs every operation', () => {
		expect(Object.keys(sights.runs)).toHaveLength(7);
		for (const verdict of Object.values(sights.runs)) expect(verdict).toMatch(/executed successfully/);
	});

	it('shows the output as a table and as JSON, and plays the video', () => {
		expect(sights.table).toMatch(/requestId[^]*succeeded/);
		expect(sights.json).toMatch(/"videoUrl"/);
	});

	it('takes screenshots for the documentation and of each form', () => {
		const names = [...SHOWN, ...FORMS.map(({ id }) => `form-${id}`)];
		expect(readdirSync(pictures)).toEqual(expect.arrayContaining(names.map((name) => `${name}.png`)));
	});

	it('has a readable name on the canvas and an icon for each theme', () => {
		const { light, dark } = sights.canvas;

		expect(light.text).toContain('Luma Ray: Animate image');
		expect(light.icon).toMatch(/lumaRay\.svg$/);
		expect(dark.icon).toMatch(/lumaRay\.dark\.svg$/);
	});
});

/** The fields of a parameter. For a file, the field for its source comes first. */
function fieldsOf(name: ParameterName): string[] {
	if (PARAMETERS[name].kind !== 'file') return [name];
	const { source, binaryField } = fileFieldNames({
		name,
		label: PARAMETERS[name as ParameterOfKind<'file'>].label,
	});
	return [source, name, binaryField];
}
