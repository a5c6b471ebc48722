import type { IDataObject } from 'n8n-workflow';

import { MODEL_NAMES } from '../../nodes/LumaRay/models/names';
import { startSandbox, type Sandbox } from '../../sandbox';
import { runNode, sandboxCredentials, type EngineOptions, type EngineRun } from '../../harness/engine/engine';
import { saved, wake } from '../../harness/engine/parked';
import { finish } from '../sandbox/support';

/** Every operation of the family at both providers, from the input item to the paid request and the output item. */

const PROMPT = 'The tiger walks through the snow';
/** A job with this prompt runs until the test ends it, so that a suspended run parks. */
const LONG_PROMPT = `${PROMPT}, for a long time`;
const jobSeconds = (_place: number, { prompt }: Record<string, unknown>) =>
	prompt === LONG_PROMPT ? 600 : 0.1;
const IMAGE = 'https://images.example.com/tiger.png';
const END_IMAGE = 'https://images.example.com/tiger-asleep.png';
const VIDEO = 'https://videos.example.com/tiger.mp4';

/** The keys of every output item. */
const OUTPUT = [
	'cost',
	'model',
	'parameters',
	'provider',
	'requestId',
	'status',
	'timing',
	'video',
	'videoUrl',
];

interface Case {
	operation: string;
	/** Parameters of the form in addition to the prompt. */
	parameters: IDataObject;
	/** The parameter that takes a file, and the kind of file. */
	file?: { source: string; url: string; mimeType: string };
	/** The fields that are sent in addition to the prompt. */
	body: { fal: IDataObject; oxen: IDataObject };
	/** The keys of `parameters` in the output. */
	keys: { fal: string[]; oxen: string[] };
}

/** A case that only fal.ai supports, and only since October. */
type OctoberCase = Case & { title: string };

const SIZE = { resolution: '540p', duration: '5s' };
const CASES: Case[] = [
	{
		operation: 'animate',
		parameters: { imageUrl: IMAGE, aspectRatio: '16:9', ...SIZE, loop: true },
		file: { source: 'imageSource', url: 'imageUrl', mimeType: 'image/png' },
		body: {
			fal: { image_url: IMAGE, aspect_ratio: '16:9', ...SIZE, loop: true },
			oxen: { input_image: IMAGE, aspect_ratio: '16:9', ...SIZE, loop: true },
		},
		keys: {
			fal: [
				'frames',
				'imageUrl',
				'prompt',
				'aspectRatio',
				'resolution',
				'duration',
				'loop',
				'referenceImageUrls',
			],
			oxen: ['imageUrl', 'prompt', 'aspectRatio', 'resolution', 'duration', 'loop', 'referenceImageUrls'],
		},
	},
	{
		operation: 'generate',
		parameters: {
			aspectRatio: '9:16',
			resolution: '720p',
			duration: '5s',
			loop: false,
			referenceImageUrls: [IMAGE],
			options: { hdr: true },
		},
		body: {
			fal: { aspect_ratio: '9:16', resolution: '720p', duration: '5s', hdr: true },
			oxen: {
				aspect_ratio: '9:16',
				resolution: '720p',
				duration: '5s',
				loop: false,
				reference_image_urls: [IMAGE],
			},
		},
		keys: {
			fal: ['prompt', 'aspectRatio', 'resolution', 'duration', 'loop', 'hdr'],
			oxen: ['prompt', 'aspectRatio', 'resolution', 'duration', 'loop', 'referenceImageUrls'],
		},
	},
	{
		operation: 'edit',
		parameters: { videoUrl: VIDEO, imageSource: 'none', ...SIZE, editStrength: 'flex_2' },
		file: { source: 'videoSource', url: 'videoUrl', mimeType: 'video/mp4' },
		body: {
			fal: { video_url: VIDEO, ...SIZE, edit_strength: 'flex_2' },
			oxen: { input_video: VIDEO, ...SIZE, edit_strength: 'flex_2' },
		},
		keys: {
			fal: [
				'videoUrl',
				'imageUrl',
				'keyframes',
				'prompt',
				'resolution',
				'duration',
				'editStrength',
				'controls',
			],
			oxen: ['videoUrl', 'imageUrl', 'prompt', 'resolution', 'duration', 'editStrength'],
		},
	},
	{
		operation: 'reframe',
		parameters: { videoUrl: VIDEO, aspectRatio: '1:1', resolution: '540p', duration: 'source' },
		file: { source: 'videoSource', url: 'videoUrl', mimeType: 'video/mp4' },
		body: {
			fal: { video_url: VIDEO, aspect_ratio: '1:1', resolution: '540p' },
			oxen: { input_video: VIDEO, aspect_ratio: '1:1', resolution: '540p' },
		},
		keys: {
			fal: ['videoUrl', 'prompt', 'aspectRatio', 'resolution', 'duration'],
			oxen: ['videoUrl', 'prompt', 'aspectRatio', 'resolution'],
		},
	},
];

const keyframeAt = (imageUrl: string, seconds: number) => ({ imageUrl, seconds });
const OCTOBER_CASES: OctoberCase[] = [
	{
		operation: 'animate',
		title: 'animate with a first and a last image',
		parameters: {
			frames: 'firstAndLast',
			imageUrl: IMAGE,
			endImageUrl: END_IMAGE,
			aspectRatio: '16:9',
			...SIZE,
		},
		file: { source: 'endImageSource', url: 'endImageUrl', mimeType: 'image/png' },
		body: {
			fal: { image_url: IMAGE, end_image_url: END_IMAGE, aspect_ratio: '16:9', ...SIZE },
			oxen: {},
		},
		keys: {
			fal: [
				'frames',
				'imageUrl',
				'endImageUrl',
				'prompt',
				'aspectRatio',
				'resolution',
				'duration',
				'loop',
				'referenceImageUrls',
			],
			oxen: [],
		},
	},
	{
		operation: 'animate',
		title: 'animate with keyframes',
		parameters: {
			frames: 'keyframes',
			keyframes: { keyframe: [keyframeAt(IMAGE, 0), keyframeAt(END_IMAGE, 2.5)] },
			aspectRatio: '16:9',
			...SIZE,
		},
		body: {
			fal: { keyframes: [IMAGE, END_IMAGE], keyframe_indexes: [0, 60], aspect_ratio: '16:9', ...SIZE },
			oxen: {},
		},
		keys: {
			fal: [
				'frames',
				'keyframes',
				'prompt',
				'aspectRatio',
				'resolution',
				'duration',
				'loop',
				'referenceImageUrls',
			],
			oxen: [],
		},
	},
];

/**
 * Lines of the table of all operations. The table is printed if this variable is set: `LUMA_RAY_TABLE=1 npx vitest
 * run …`.
 */
const table: string[] = [];
afterAll(() => {
	if (!process.env.LUMA_RAY_TABLE) return;
	const head = [
		'operation',
		'provider',
		'edition',
		'file',
		'wait mode',
		'request body',
		'output keys',
		'parameters',
	];
	process.stdout.write(['', lineOf(head), lineOf(head.map(() => '---')), ...table, ''].join('\n'));
});

const lineOf = (cells: string[]) => `| ${cells.join(' | ')} |`;

test('the cases cover each operation of the family', () => {
	expect(CASES.map(({ operation }) => operation)).toEqual(MODEL_NAMES);
});

describe.each(['launch', '2026-10'] as const)('edition %s', (edition) => {
	let sandbox: Sandbox;
	beforeAll(async () => {
		sandbox = await startSandbox({ edition, jobSeconds, queueSeconds: 0 });
	});
	afterEach(() => sandbox.reset());
	afterAll(async () => await sandbox.close());

	async function run(provider: string, { operation, parameters }: Case, more: IDataObject = {}) {
		const file = Buffer.from('the bytes of a file');
		const data = file.toString('base64');
		const mimeType = String(more.mimeType ?? '');
		const options: EngineOptions = {
			credentials: sandboxCredentials(sandbox),
			parameters: {
				provider,
				operation,
				options: {},
				prompt: PROMPT,
				imageUrl: '',
				...parameters,
				...(more.parameters as IDataObject),
			},
			items: [{ json: {}, binary: { data: { data, mimeType, fileName: 'file', fileSize: '19' } } }],
		};
		const { run, items, error } = await toEnd(options);
		expect(error?.message).toBeUndefined();
		expect(run.data.resultData.error).toBeUndefined();
		const submitted = sandbox.requests.find(({ endpoint }) => endpoint === 'submit');
		const body = { ...(submitted!.body as IDataObject) };
		delete body.model;
		return { items, body };
	}

	/** Runs the node. A suspended run is parked first, and woken when its job has ended. */
	async function toEnd(options: EngineOptions): Promise<EngineRun> {
		let run = await runNode(options);
		if (options.parameters?.waitMode !== 'suspend') return run;
		expect(run.run.status).toBe('waiting');
		for (const job of sandbox.jobs) await finish(sandbox, job);
		while (run.run.waitTill) run = await wake(saved(run), options);
		return run;
	}

	describe.each(['fal', 'oxen'] as const)('at %s', (provider) => {
		const october = edition === '2026-10' && provider === 'fal' ? OCTOBER_CASES : [];
		const cases = [...CASES.map((one) => ({ ...one, title: one.operation })), ...october];
		const ways = (['wait', 'suspend'] as const).flatMap((waitMode) =>
			(['url', 'binary'] as const).flatMap((from) =>
				cases.filter(({ file }) => from === 'url' || file).map((one) => ({ ...one, waitMode, from })),
			),
		);

		test.each(ways)('runs $title with a file by $from and wait mode $waitMode', async (one) => {
			const { operation, waitMode, from, file } = one;
			const prompt = waitMode === 'suspend' ? LONG_PROMPT : PROMPT;
			const source = file && from === 'binary' ? { [file.source]: 'binary' } : {};
			const { items, body } = await run(provider, one, {
				mimeType: file?.mimeType,
				parameters: { prompt, waitMode, ...source },
			});

			const sent: IDataObject = { prompt, ...one.body[provider] };
			if (file && from === 'binary') {
				const [wire] = Object.entries(sent).find(([, value]) => value === one.parameters[file.url])!;
				sent[wire] = expect.stringMatching(provider === 'fal' ? /^http/ : /^data:/);
			}
			expect(body).toEqual(sent);
			expect(items).toHaveLength(1);
			const { json } = items[0];
			expect(json).toMatchObject({ provider, status: 'succeeded', requestId: expect.any(String) });
			expect(json.videoUrl).toMatch(/^http.*mp4/);
			expect(Object.keys(json).sort()).toEqual(OUTPUT);
			expect(Object.keys(json.parameters as object)).toEqual(one.keys[provider]);
			expect(sandbox.jobs).toHaveLength(1);

			const keys = Object.keys(json.parameters as object).join(' ');
			const shown = JSON.stringify(body, (_name, value: unknown) =>
				typeof value === 'string' ? value.replace(/^(data:|http:\/\/127).*/, '$1…') : value,
			);
			const cells = [operation, provider, edition, file ? from : '', waitMode, shown];
			table.push(lineOf([...cells, Object.keys(json).join(' '), keys]));
		});

		test.each(cases)(
			'estimates the cost of $title and describes its model',
			async ({ operation, parameters }) => {
				const about = async (name: string) =>
					await runNode({
						credentials: sandboxCredentials(sandbox),
						parameters: {
							...parameters,
							provider,
							resource: 'model',
							operation: name,
							modelOperation: operation,
						},
					});
				const { items } = await about('estimateCost');
				expect(items[0].json).toMatchObject({ provider, model: expect.stringMatching(/luma/) });
				const described = await about('get');
				expect(described.items[0].json).toMatchObject({ differences: expect.any(Array) });
			},
		);
	});
});
