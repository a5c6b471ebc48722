import { join } from 'node:path';
import type { Sandbox } from '../../sandbox';
import { lumaRayNode, PROVIDERS, type Workflow } from '../../harness/n8n';
import type { Editor } from '../../harness/editor/editor';
import { videoOperations } from '../../nodes/LumaRay/resources/video/operations';
import { CATALOGUES } from '../../nodes/LumaRay/providers/catalogues';

/** The search words of a user who looks for the node. */
export const SEARCH_WORDS = ['luma', 'video', 'image to video', 'fal', 'oxen'];

/** What the node is for. n8n uses this as the node's name. */
const ACTION = 'Animate image';

/** The values of the node's fields during the tour. */
const IMAGE_URL = 'https://storage.googleapis.com/falserverless/gallery/example_inputs_liuyifei.png';
const PROMPT = 'The tiger prowls through the snow and leaves paw prints behind';

/** All operations besides Animate Image, by their names in the editor, and whether they need a request ID. */
const OTHER_OPERATIONS: Array<[resource: string, operation: string, wantsRequestId: boolean]> = [
	['Generation', 'Get', true],
	['Generation', 'Get Many', false],
	['Generation', 'Wait', true],
	['Generation', 'Cancel', true],
	['Model', 'Get', false],
	['Model', 'Estimate Cost', false],
];

/** Window height in pixels that shows the longest form completely. */
const FORM_HEIGHT = 1_700;

/** The forms of the operations that order videos, at each provider. */
export const FORMS = videoOperations.flatMap(({ value: model, name: operation }) =>
	Object.values(CATALOGUES).map(({ id, name: provider }) => ({ id: `${model}-${id}`, operation, provider })),
);

/** The content of an opened form. */
export interface Form {
	fields: string[];
	/** The options of each field that has a list. */
	choices: { [field: string]: string[] };
	/** The entries that can be added to the options. */
	options: string[];
}

/** Fields with lists that differ between providers. */
const LISTS = ['aspectRatio', 'resolution', 'duration', 'editStrength'];

/** What a user sees on the tour. */
export interface Sights {
	/** The nodes that the nodes panel finds, by search word. */
	found: Record<string, string[]>;
	actions: string[];
	/** n8n's message about each provider's credential. */
	credentials: Record<string, string>;
	/** The fields of each operation, in the order of the form. */
	fields: Record<string, string[]>;
	/** The forms of `FORMS`, by ID. */
	forms: { [id: string]: Form };
	/** The node's hints about its price and about waiting. */
	hints: string[];
	/** n8n's message after the run of each operation. */
	runs: Record<string, string>;
	table: string;
	json: string;
	/** The text below the node on the canvas and its icon, in both themes. */
	canvas: Record<'light' | 'dark', { text: string; icon: string }>;
}

/**
 * The tour. If it cannot continue, `stuck.png` shows why.
 * @param folder the folder for all screenshots
 * @param importExample imports a workflow with its credential, to show all of it. It is called after the node's own
 * credentials have been created, because n8n creates credentials in a different way if one already exists.
 */
export async function tourEditor(
	editor: Editor,
	sandbox: Sandbox,
	folder: string,
	importExample: () => Promise<Workflow>,
): Promise<Sights> {
	const take = async (name: string) => await editor.screenshot(join(folder, `${name}.png`));
	try {
		return await tour(editor, sandbox, importExample, take);
	} catch (error) {
		await take('stuck');
		throw error;
	}
}

/**
 * Uses n8n's editor like a user who sees the node for the first time: finds and adds it, creates both credentials,
 * fills in and runs the form of every operation, and looks at the output in every view.
 */
async function tour(
	editor: Editor,
	sandbox: Sandbox,
	importExample: () => Promise<Workflow>,
	take: (name: string) => Promise<void>,
): Promise<Sights> {
	const sights: Omit<Sights, 'canvas'> = {
		found: {},
		actions: [],
		credentials: {},
		fields: {},
		forms: {},
		hints: [],
		runs: {},
		table: '',
		json: '',
	};

	await editor.newWorkflow();
	for (const word of [...SEARCH_WORDS].reverse())
		sights.found[word] = await editor.searchNodes(word, 'Luma Ray');
	sights.actions = await editor.listActions('Luma Ray', ACTION);
	await take('nodes-panel');
	await editor.addAction(ACTION);

	for (const [name, { id, sandboxCredential }] of [
		['Oxen.ai', PROVIDERS.oxen],
		['fal.ai', PROVIDERS.fal],
	] as const) {
		await editor.choose('provider', name);
		sights.credentials[id] = await editor.createCredential(sandboxCredential(sandbox).data);
		await take(id === 'fal' ? 'credential' : `credential-${id}`);
		await editor.closeCredential();
	}

	sights.fields['Animate Image'] = await editor.fields();
	await editor.fill('imageUrl', IMAGE_URL);
	await editor.fill('prompt', PROMPT);
	sights.hints = await editor.hints();
	// Opened again, the form looks the way users find it: no field has the focus, and the key icon is next to the
	// credential's name.
	await editor.closeNode();
	await editor.openNode(ACTION);
	await take('node');
	sights.runs['Animate Image'] = await editor.executeNode();
	await editor.showOutputAs('table');
	sights.table = await editor.outputText();
	await take('output-table');
	await editor.showOutputAs('json');
	sights.json = await editor.outputText();
	await take('output');
	await editor.viewBinary();
	await take('video');

	for (const [resource, operation, wantsRequestId] of OTHER_OPERATIONS) {
		const name = `${resource}: ${operation}`;
		await editor.choose('resource', resource);
		await editor.choose('operation', operation);
		if (wantsRequestId) await editor.pick('requestId', PROMPT.slice(0, 30));
		sights.fields[name] = await editor.fields();
		sights.runs[name] = await editor.executeNode();
		await take(`run-${name.toLowerCase().replaceAll(/\W+/g, '-')}`);
	}
	sights.forms = await visitForms(editor, take);
	await editor.closeNode();

	const example = await importExample();
	await editor.openWorkflow(example.id);
	const light = await editor.nodeOnCanvas(lumaRayNode(example).name);
	await take('canvas');
	await editor.setTheme('dark');
	const dark = await editor.nodeOnCanvas(lumaRayNode(example).name);
	await take('canvas-dark');
	await editor.setTheme('light');
	return { ...sights, canvas: { light, dark } };
}

/** Opens the form of each operation at each provider, and takes a screenshot of the whole form. */
async function visitForms(editor: Editor, take: (name: string) => Promise<void>): Promise<Sights['forms']> {
	const forms: Sights['forms'] = {};
	await editor.setHeight(FORM_HEIGHT);
	await editor.choose('resource', 'Video');
	for (const { id, operation, provider } of FORMS) {
		await editor.choose('provider', provider);
		await editor.choose('operation', operation);
		const fields = await editor.fields();
		await take(`form-${id}`);
		const choices: Form['choices'] = {};
		for (const field of LISTS.filter((list) => fields.includes(list))) {
			choices[field] = await editor.optionsOf(field);
		}
		forms[id] = { fields, choices, options: await editor.addableOptions() };
	}
	await editor.setHeight();
	return forms;
}
