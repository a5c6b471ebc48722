import { join } from 'node:path';
import type { Sandbox } from '../../sandbox';
import { lumaRayNode, PROVIDERS, type Workflow } from '../../harness/n8n';
import type { Editor, ListEntry } from '../../harness/editor/editor';
import { videoOperations } from '../../nodes/LumaRay/resources/video/operations';
import { CATALOGUES } from '../../nodes/LumaRay/providers/catalogues';

/** The search words of a user who looks for the node. */
export const SEARCH_WORDS = ['luma', 'video', 'image to video', 'fal', 'oxen'];

/** What the node is for. n8n uses this as the node's name. */
const ACTION = 'Animate image';

/** The values of the node's fields during the tour. */
const IMAGE_URL = 'https://storage.googleapis.com/falserverless/gallery/example_inputs_liuyifei.png';
export const PROMPT = 'The tiger prowls through the snow and leaves paw prints behind';

/** Text in the hint next to a parked node. */
const PARKED = 'Suspended until these generations end';

/** All operations except Animate Image, by their names in the editor, and whether they need a request ID. */
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
/** Pixels that leave room for an agent's nodes above the open chat. */
const CHAT_HEIGHT = 1_200;

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

/** Fields whose lists are read: those that differ from provider to provider, and the events of the trigger. */
const LISTS = ['aspectRatio', 'resolution', 'duration', 'editStrength', 'event'];

/** Workflows to show, each with its credential. */
export interface Examples {
	/** Shown as a whole. */
	scheduled: Workflow;
	/** Only the trigger. */
	trigger: Workflow;
	/** An agent with the node as its tool and a chat model. */
	agent: Workflow;
	/** Suspends, for longer than the tour takes. */
	parked: Workflow;
}

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
	/** The list of the Request ID field. */
	generations: ListEntry[];
	/** The trigger's forms, by provider. */
	triggers: { [provider: string]: Form };
	/** What the node says about its price and about waiting. */
	hints: string[];
	/** n8n's message after the run of each operation. */
	runs: Record<string, string>;
	table: string;
	json: string;
	/** The text below the node on the canvas and its icon, in both themes. */
	canvas: Record<'light' | 'dark', { text: string; icon: string }>;
	/** What the agent answers in the chat, and which nodes succeeded. */
	agent: { answer: string; succeeded: string[] };
	/** What the output panel of a parked node shows. */
	parked: { output: string; hints: string[] };
}

/** What a user sees after the tour of the node itself. */
type WorkflowSights = Pick<Sights, 'canvas' | 'triggers' | 'agent' | 'parked'>;

/**
 * The tour; if it cannot go on, `stuck.png` shows why.
 * @param folder where all pictures go
 * @param importExamples brings in the workflows to show. It is called after the node's own credentials have been created:
 * n8n offers another way to do that if one already exists.
 */
export async function tourEditor(
	editor: Editor,
	sandbox: Sandbox,
	folder: string,
	importExamples: () => Promise<Examples>,
): Promise<Sights> {
	const take = async (name: string) => await editor.screenshot(join(folder, `${name}.png`));
	try {
		const sights = await tour(editor, sandbox, take);
		return { ...sights, ...(await visitWorkflows(editor, await importExamples(), take)) };
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
	take: (name: string) => Promise<void>,
): Promise<Omit<Sights, keyof WorkflowSights>> {
	const sights: Omit<Sights, keyof WorkflowSights> = {
		found: {},
		actions: [],
		credentials: {},
		fields: {},
		forms: {},
		generations: [],
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
		if (wantsRequestId) {
			const beginning = PROMPT.slice(0, 30);
			const listed = await editor.openList('requestId', beginning);
			if (operation === 'Get') {
				sights.generations = listed;
				await take('locator-list');
			}
			await editor.pickFromList(beginning);
		}
		sights.fields[name] = await editor.fields();
		sights.runs[name] = await editor.executeNode();
		await take(`run-${name.toLowerCase().replaceAll(/\W+/g, '-')}`);
	}
	sights.forms = await visitForms(editor, take);
	await editor.closeNode();
	return sights;
}

/** Looks at whole workflows: on the canvas, with the trigger, parked, and with an agent. */
async function visitWorkflows(
	editor: Editor,
	{ scheduled, trigger, agent, parked }: Examples,
	take: (name: string) => Promise<void>,
): Promise<WorkflowSights> {
	await editor.openWorkflow(scheduled.id);
	const light = await editor.nodeOnCanvas(lumaRayNode(scheduled).name);
	await take('canvas');
	await editor.setTheme('dark');
	const dark = await editor.nodeOnCanvas(lumaRayNode(scheduled).name);
	await take('canvas-dark');
	await editor.setTheme('light');

	const triggers: Sights['triggers'] = {};
	await editor.openWorkflow(trigger.id);
	await editor.openNode(trigger.nodes[0].name);
	for (const { id, name } of Object.values(CATALOGUES)) {
		await editor.choose('provider', name);
		await take(`trigger-${id}`);
		triggers[id] = await readForm(editor);
	}
	await editor.closeNode();

	const { name } = lumaRayNode(parked);
	await editor.openWorkflow(parked.id);
	await editor.runUntilParked(name);
	await take('parked-canvas');
	await editor.openNode(name);
	const hints = await editor.hints(PARKED);
	const output = await editor.outputText();
	await take('parked');

	await editor.setHeight(CHAT_HEIGHT);
	await editor.openWorkflow(agent.id);
	const answer = await editor.chat(`Animate ${IMAGE_URL} so that the clouds drift by`);
	const succeeded = await editor.succeededNodes('animate_image');
	await take('agent');
	await editor.setHeight();
	return { canvas: { light, dark }, triggers, agent: { answer, succeeded }, parked: { output, hints } };
}

/** Opens the form of each operation at each provider, and takes a screenshot of the whole form. */
async function visitForms(editor: Editor, take: (name: string) => Promise<void>): Promise<Sights['forms']> {
	const forms: Sights['forms'] = {};
	await editor.setHeight(FORM_HEIGHT);
	await editor.choose('resource', 'Video');
	for (const { id, operation, provider } of FORMS) {
		await editor.choose('provider', provider);
		await editor.choose('operation', operation);
		await take(`form-${id}`);
		forms[id] = await readForm(editor);
	}
	await editor.setHeight();
	return forms;
}

/** Reads the form of the opened node, with its lists. */
async function readForm(editor: Editor): Promise<Form> {
	const fields = await editor.fields();
	const choices: Form['choices'] = {};
	for (const field of LISTS.filter((list) => fields.includes(list))) {
		choices[field] = await editor.optionsOf(field);
	}
	return { fields, choices, options: await editor.addableOptions() };
}
