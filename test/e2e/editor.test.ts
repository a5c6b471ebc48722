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
import { chatModelCredential, startChatModel, withChatModel, type ChatModel } from './chat-model';
import { FORMS, PROMPT, SEARCH_WORDS, tourEditor, type Examples, type Sights } from './tour';
import {
	cacheFolder,
	forProvider,
	freshLog,
	lumaRayNode,
	LUMA_RAY,
	PROVIDERS,
	readExample,
	REPOSITORY,
	type N8nInstance,
	type Workflow,
} from '../../harness/n8n';
import { falClient } from '../sandbox/support';
import { installedN8n } from './support';

/** The folder with the screenshots of the last tour. */
const KEPT = join(cacheFolder(), 'screenshots');
/** The screenshots in the documentation. `npm run screenshots` takes them again. */
const SHOWN = ['nodes-panel', 'credential', 'node', 'output', 'video', 'canvas'];
const DOCS = join(REPOSITORY, 'docs', 'images');
/** The pictures that only the last tour keeps. */
const KEPT_ONLY = ['locator-list', 'trigger-fal', 'trigger-oxen', 'agent', 'parked-canvas', 'parked'];

/** Generations that are at the provider before the tour. */
const EARLIER = { running: 'Lanterns rise over the lake', succeeded: 'Waves roll onto the beach at dusk' };
const PARKED_PROMPT = 'Paper boats drift down a flooded street';
const AGENT_PROMPT = 'The clouds drift by';
/** Longer than the tour takes on any machine, in seconds. */
const HELD_SECONDS = 7_200;
/** Milliseconds for the whole tour; on a busy machine, one step can take minutes. */
const TOUR_MS = 1_500_000;

describe("the node in n8n's editor", () => {
	let browser: Browser;
	let n8n: N8nInstance;
	let sandbox: Sandbox;
	let model: ChatModel;
	let sights: Sights;
	/** The screenshots of this tour. Another test run may take a tour at the same time. */
	let pictures: string;

	beforeAll(async () => {
		pictures = mkdtempSync(`${KEPT}-`);
		browser = await launchChromium(freshLog('e2e-chromium'));
		const isHeld = (prompt: unknown) => [EARLIER.running, PARKED_PROMPT].includes(String(prompt));
		sandbox = await startSandbox({ jobSeconds: (_, { prompt }) => (isHeld(prompt) ? HELD_SECONDS : 1) });
		for (const prompt of Object.values(EARLIER)) {
			await falClient(sandbox).submit({ prompt, image_url: 'https://example.com/a.png' });
		}
		model = await startChatModel();
		model.toolArguments = { image_url: 'https://example.com/clouds.png', prompt: AGENT_PROMPT };
		model.answer = (returned) => {
			const [{ status, videoUrl }] = JSON.parse(returned) as [{ status: string; videoUrl: string }];
			return status === 'succeeded' ? `Your video is ready: ${videoUrl}` : returned;
		};
		n8n = await installedN8n('editor');
		await n8n.start();
		const editor = await Editor.open(browser, n8n);
		sights = await tourEditor(editor, sandbox, pictures, async () => {
			const credential = PROVIDERS.fal.sandboxCredential(sandbox);
			const examples = examplesFor((workflow) => forProvider(workflow, PROVIDERS.fal, credential));
			await n8n.importCredential(credential);
			await n8n.importCredential(chatModelCredential(model));
			await n8n.importWorkflow(...Object.values<Workflow>({ ...examples }));
			return examples;
		});
		if (process.env.LUMA_RAY_SCREENSHOTS) {
			for (const name of SHOWN) copyFileSync(join(pictures, `${name}.png`), join(DOCS, `${name}.png`));
		}
	}, TOUR_MS);

	afterAll(async () => {
		await browser?.close();
		await n8n?.dispose();
		await model?.close();
		await sandbox?.close();
		rmSync(KEPT, { recursive: true, force: true });
		renameSync(pictures, KEPT);
	});

	it.each(SEARCH_WORDS)("appears in the nodes panel for the search '%s'", (word) => {
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

	it('lists the generations of the account for Request ID, each with its prompt, status and age in full', () => {
		const entry = (prompt: string, status: string) => ({
			text: expect.stringMatching(
				new RegExp(`^${prompt.slice(0, 20)}.* \\(${status}, (just now|\\d+ (minute|hour)s? ago)\\)$`),
			) as string,
			isCutOff: false,
		});

		expect(sights.generations).toHaveLength(3);
		expect(sights.generations).toEqual(
			expect.arrayContaining([
				entry(PROMPT, 'succeeded'),
				entry(EARLIER.succeeded, 'succeeded'),
				entry(EARLIER.running, 'running'),
			]),
		);
	});

	describe('has a trigger', () => {
		it.each(['fal', 'oxen'])('that asks at %s for the provider and the event', (provider) => {
			const { fields, choices } = sights.triggers[provider];

			expect(fields).toEqual(expect.arrayContaining(['provider', 'event', 'downloadVideo', 'simplify']));
			expect(choices.event).toEqual(['Generation Succeeded', 'Generation Failed', 'Generation Ended']);
		});

		it('that offers the namespace at Oxen.ai only', () => {
			expect(sights.triggers.fal.options).toEqual(['Limit']);
			expect(sights.triggers.oxen.options).toEqual(['Limit', 'Target Namespace']);
		});
	});

	it('makes a video as the tool of an AI Agent, which answers with its address', () => {
		const { answer, succeeded } = sights.agent;

		expect(succeeded).toEqual(expect.arrayContaining(['Chat', 'Agent', 'animate_image']));
		expect(answer).toMatch(/Your video is ready: http\S+\.mp4/);
		expect(sandbox.jobs.filter(({ input }) => input.prompt === AGENT_PROMPT)).toHaveLength(1);
	});

	it('names the generations that it waits for while it is parked', () => {
		const jobs = sandbox.jobs.filter(({ input }) => input.prompt === PARKED_PROMPT);

		expect(jobs).toHaveLength(1);
		expect(sights.parked.output).toContain('Suspended until the videos are ready');
		expect(sights.parked.hints).toEqual([
			expect.stringMatching(
				new RegExp(`^Suspended until these generations end: ${jobs[0].id} \\((queued|running)\\)`),
			),
		]);
	});

	it('appears in a screenshot at every step of the tour', () => {
		const names = [...SHOWN, ...KEPT_ONLY, ...FORMS.map(({ id }) => `form-${id}`)];
		expect(readdirSync(pictures)).toEqual(expect.arrayContaining(names.map((name) => `${name}.png`)));
	});

	it('has a readable name on the canvas and an icon for each theme', () => {
		const { light, dark } = sights.canvas;

		expect(light.text).toContain('Luma Ray: Animate image');
		expect(light.icon).toMatch(/lumaRay\.svg$/);
		expect(dark.icon).toMatch(/lumaRay\.dark\.svg$/);
	});
});

/**
 * The workflows that the tour shows.
 * @param complete gives the nodes of a workflow their credential
 */
function examplesFor(complete: (workflow: Workflow) => Workflow): Examples {
	const trigger: Workflow = {
		id: 'lumaRayTriggerTour',
		name: 'On generation succeeded',
		nodes: [
			{
				id: 'trigger',
				name: 'Luma Ray Trigger',
				type: `${LUMA_RAY}Trigger`,
				typeVersion: 1,
				position: [0, 0],
				parameters: {},
			},
		],
		connections: {},
	};
	const parked = { ...readExample('animate-one-image'), id: 'lumaRayParkedTour' };
	Object.assign(lumaRayNode(parked).parameters, {
		prompt: PARKED_PROMPT,
		waitMode: 'suspend',
		// Without a wake during the tour, the editor shows the same state all the time.
		options: { pollIntervalSeconds: HELD_SECONDS },
	});
	return {
		scheduled: complete(readExample('scheduled-product-videos')),
		trigger: complete(trigger),
		agent: complete(withChatModel(readExample('agent-with-luma-ray'))),
		parked: complete(parked),
	};
}

/** The fields of a parameter; of a file, the field for its source comes first. */
function fieldsOf(name: ParameterName): string[] {
	if (PARAMETERS[name].kind !== 'file') return [name];
	const { source, binaryField } = fileFieldNames({
		name,
		label: PARAMETERS[name as ParameterOfKind<'file'>].label,
	});
	return [source, name, binaryField];
}
