import type { IDataObject } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../../sandbox';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';

/** Every operation of the family at both providers, from the item to the paid request and back. */

const PROMPT = 'The tiger walks through the snow';
const IMAGE = 'https://images.example.com/tiger.png';
const VIDEO = 'https://videos.example.com/tiger.mp4';

interface Case {
	operation: string;
	/** Parameters of the form beside the prompt. */
	parameters: IDataObject;
	/** The parameter that is a file, and its kind. */
	file?: { source: string; url: string; mimeType: string };
	/** What goes out beside the prompt. */
	body: { fal: IDataObject; oxen: IDataObject };
	/** Keys of `parameters` in the output. */
	keys: { fal: string[]; oxen: string[] };
}

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
			options: { hdr: true },
		},
		body: {
			fal: { aspect_ratio: '9:16', resolution: '720p', duration: '5s', hdr: true },
			oxen: { aspect_ratio: '9:16', resolution: '720p', duration: '5s', loop: false },
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

describe.each(['launch', '2026-10'] as const)('edition %s', (edition) => {
	let sandbox: Sandbox;
	beforeAll(async () => {
		sandbox = await startSandbox({ edition, jobSeconds: 0.1, queueSeconds: 0 });
	});
	afterEach(() => sandbox.reset());
	afterAll(async () => await sandbox.close());

	async function run(provider: string, { operation, parameters }: Case, more: IDataObject = {}) {
		const file = Buffer.from('the bytes of a file');
		const data = file.toString('base64');
		const mimeType = String(more.mimeType ?? '');
		const { run, items, error } = await runNode({
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
		});
		expect(error?.message).toBeUndefined();
		expect(run.data.resultData.error).toBeUndefined();
		const submitted = sandbox.requests.find(({ endpoint }) => endpoint === 'submit');
		const body = { ...(submitted!.body as IDataObject) };
		delete body.model;
		return { items, body };
	}

	describe.each(['fal', 'oxen'] as const)('at %s', (provider) => {
		test.each(CASES)('$operation sends what the form says, and nothing else', async (one) => {
			const { items, body } = await run(provider, one);
			expect(body).toEqual({ prompt: PROMPT, ...one.body[provider] });
			expect(items).toHaveLength(1);
			const { json } = items[0];
			expect(json).toMatchObject({ provider, status: 'succeeded', requestId: expect.any(String) });
			expect(json.videoUrl).toMatch(/^http.*mp4/);
			expect(Object.keys(json.parameters as object)).toEqual(one.keys[provider]);
		});

		test.each(CASES.filter(({ file }) => file))('$operation takes its file from the item', async (one) => {
			const { source, url, mimeType } = one.file!;
			const { body } = await run(provider, one, { mimeType, parameters: { [source]: 'binary' } });
			const wire = Object.keys(one.body[provider]).find(
				(name) => one.body[provider][name] === one.parameters[url],
			)!;
			expect(body[wire]).toMatch(provider === 'fal' ? /^http/ : /^data:/);
		});

		test.each(CASES)('$operation can be estimated, and is described', async ({ operation, parameters }) => {
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
		});
	});
});
