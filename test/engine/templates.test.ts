import { runNode, sandboxCredentials } from '../../harness/engine/engine';

import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { exampleNames, LUMA_RAY, readExample } from '../../harness/n8n';
import { startSandbox, type Sandbox } from '../../sandbox';

/**
 * The orders of the templates in n8n's own engine: at both providers if their notes say so, and with every edition of
 * the models. test/e2e runs the whole templates.
 */

/** The input that a Luma Ray node would get from the nodes before it, from a form's page or from a chat model. */
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
/** Only fal.ai has a last frame, and only in the newer edition. Oxen.ai does not have it, as the note says. */
const ONLY_AT: Record<string, { provider: string; edition: string }> = {
	'first-and-last-frame': { provider: 'fal', edition: '2026-10' },
};

describe.each(['launch', '2026-10'] as const)('the templates with the models of edition %s', (edition) => {
	let sandbox: Sandbox;
	beforeAll(async () => {
		sandbox = await startSandbox({ edition, jobSeconds: 0.05, queueSeconds: 0 });
	});
	afterAll(async () => await sandbox.close());

	describe.each(['fal', 'oxen'])('at %s', (provider) => {
		const offered = orders.filter(({ name }) => {
			const only = ONLY_AT[name];
			return !only || (only.provider === provider && only.edition === edition);
		});

		it.each(offered)('$name: $node makes a video', async ({ parameters }) => {
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

/** The parameters of a template's node, with the values that a model would choose. The node waits in the process. */
function inProcess(parameters: IDataObject): IDataObject {
	const chosen = Object.entries(parameters).filter(([, value]) => String(value).includes('$fromAI('));
	return {
		...parameters,
		...Object.fromEntries(chosen.map(([name]) => [name, CHOSEN_BY_MODEL[name]])),
		waitMode: parameters.waitMode === 'submit' ? 'submit' : 'wait',
	};
}
