import { runNode, sandboxCredentials } from '../../harness/engine/engine';

import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { exampleNames, LUMA_RAY, readExample } from '../../harness/n8n';
import { startSandbox, type Sandbox } from '../../sandbox';

/**
 * What the templates order, in n8n's own engine: at both providers, as their notes say, and with every
 * edition of the models. Whole templates run in test/e2e.
 */

/** What the nodes before a Luma Ray node, a form's page or a chat model would hand it. */
const INPUT: INodeExecutionData = {
	json: {
		imageUrl: 'https://images.example.com/tiger.png',
		videoUrl: 'https://videos.example.com/tiger.mp4',
		prompt: 'The tiger walks',
		channels: { channel: 'TikTok', aspectRatio: '9:16' },
		Prompt: 'The tiger walks',
		Shape: '1:1',
	},
	binary: {
		Image: {
			data: Buffer.from('not read by the sandbox').toString('base64'),
			mimeType: 'image/png',
			fileName: 'tiger.png',
		},
	},
};
const CHOSEN_BY_MODEL: IDataObject = {
	imageUrl: 'https://images.example.com/tiger.png',
	prompt: 'The tiger walks',
	aspectRatio: '9:16',
};

const orders = exampleNames().flatMap((name) =>
	readExample(name)
		.nodes.filter(({ type, parameters }) => type.startsWith(LUMA_RAY) && parameters.resource === 'video')
		.map((node) => ({ name, node: node.name, parameters: inProcess(node.parameters as IDataObject) })),
);
/** A last frame is new at fal.ai, and Oxen.ai does not have it, as the notes say. */
const ONLY_AT: Record<string, { provider: string; edition: string }> = {
	'first-and-last-frame': { provider: 'fal', edition: '2026-10' },
};

describe.each(['launch', '2026-10'] as const)('With the models of edition %s,', (edition) => {
	let sandbox: Sandbox;
	beforeAll(async () => {
		sandbox = await startSandbox({ edition, jobSeconds: 0.05, queueSeconds: 0 });
	});
	afterAll(async () => await sandbox.close());

	describe.each(['fal', 'oxen'])('at %s,', (provider) => {
		const offered = orders.filter(({ name }) => {
			const only = ONLY_AT[name];
			return !only || (only.provider === provider && only.edition === edition);
		});

		it.each(offered)('$name gets a video from $node', async ({ parameters }) => {
			const { error, items, errorItems } = await runNode({
				parameters: { ...parameters, provider },
				items: [INPUT],
				credentials: sandboxCredentials(sandbox),
			});

			expect([error, errorItems]).toEqual([undefined, []]);
			const isOrderedOnly = parameters.waitMode === 'submit';
			expect(items[0].json).toMatchObject({ status: isOrderedOnly ? 'queued' : 'succeeded' });
		});
	});
});

/** The parameters of a template's node, with what a model would choose, waiting in the process. */
function inProcess(parameters: IDataObject): IDataObject {
	const chosen = Object.entries(parameters).filter(([, value]) => String(value).includes('$fromAI('));
	return {
		...parameters,
		...Object.fromEntries(chosen.map(([name]) => [name, CHOSEN_BY_MODEL[name]])),
		waitMode: parameters.waitMode === 'submit' ? 'submit' : 'wait',
	};
}
