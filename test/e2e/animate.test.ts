import { startSandbox, type Sandbox } from '../../sandbox';
import {
	chain,
	forProvider,
	LUMA_RAY,
	lumaRayNode,
	mustSucceed,
	outputItems,
	PROVIDERS,
	readExample,
	type Credential,
	type N8nInstance,
	type Workflow,
	type WorkflowNode,
} from '../../harness/n8n';
import { probeVideo } from '../../harness/video';
import { installedN8n } from './support';

const RUN_TIMEOUT_MS = 300_000;
const CLIP = { codec: 'avc', width: 960, height: 540, seconds: 5 };
/** An image of one pixel. */
const PNG =
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe.each(Object.values(PROVIDERS))('Animate Image in a real n8n, at $id', (provider) => {
	let n8n: N8nInstance;
	let sandbox: Sandbox;
	let credential: Credential;

	beforeAll(async () => {
		sandbox = await startSandbox({ jobSeconds: 1 });
		credential = provider.sandboxCredential(sandbox);
		n8n = await installedN8n(`animate-${provider.id}`);
		await n8n.start();
		await n8n.importCredential(credential);
	});

	afterAll(async () => {
		await n8n?.dispose();
		await sandbox?.close();
	});

	it('makes a video from an image URL and stores it in the binary store', async () => {
		const workflow = forProvider(readExample('animate-one-image'), provider, credential);

		const [item] = await runLumaRay(workflow);

		expect(item.json).toMatchObject({
			provider: provider.id,
			status: 'succeeded',
			requestId: expect.any(String),
			videoUrl: expect.stringMatching(/^http.*\.mp4/),
			cost: { estimatedUsd: 0.5 },
		});
		const video = item.binary!.data;
		expect(video.mimeType).toBe('video/mp4');
		expect(await probeVideo(await n8n.rest.download(video))).toEqual(CLIP);
	});

	it('uploads an image from binary data and makes a video from it', async () => {
		const makeImage: WorkflowNode = {
			...node('Make image', 'n8n-nodes-base.set', 3.4),
			parameters: { mode: 'raw', jsonOutput: JSON.stringify({ image: PNG }), options: {} },
		};
		const toFile: WorkflowNode = {
			...node('To file', 'n8n-nodes-base.convertToFile', 1.1),
			parameters: {
				operation: 'toBinary',
				sourceProperty: 'image',
				binaryPropertyName: 'picture',
				options: { fileName: 'picture.png', mimeType: 'image/png' },
			},
		};
		const lumaRay = animate({ imageSource: 'binary', imageBinaryField: 'picture' });
		const workflow = makeWorkflow('lumaRayBinaryImage', start(), makeImage, toFile, lumaRay);

		const [item] = await runLumaRay(workflow);

		const { image_url: atFal, input_image: atOxen } = sandbox.jobs.at(-1)!.input;
		const imageUrl = (atFal ?? atOxen) as string;
		const uploaded = Buffer.from(await (await fetch(imageUrl)).arrayBuffer());
		expect(uploaded.toString('base64')).toBe(PNG);
		expect(await probeVideo(await n8n.rest.download(item.binary!.data))).toEqual(CLIP);
	});

	it('runs in an active workflow that is started by a webhook', async () => {
		const webhook: WorkflowNode = {
			...node('Webhook', 'n8n-nodes-base.webhook', 2),
			webhookId: 'luma-ray-webhook',
			parameters: { httpMethod: 'POST', path: 'animate', responseMode: 'lastNode', options: {} },
		};
		const lumaRay = animate({
			prompt: '={{ $json.body.prompt }}',
			imageUrl: '={{ $json.body.imageUrl }}',
			downloadVideo: false,
		});
		const workflow = makeWorkflow('lumaRayWebhook', webhook, lumaRay);
		await n8n.importWorkflow(workflow);
		await n8n.rest.activateWorkflow(workflow.id);

		const response = await n8n.callWebhook('animate', {
			prompt: 'A tiger in the snow',
			imageUrl: 'https://example.com/tiger.png',
		});

		expect(await response.json()).toMatchObject({
			status: 'succeeded',
			parameters: { prompt: 'A tiger in the snow', imageUrl: 'https://example.com/tiger.png' },
		});
	});

	async function runLumaRay(workflow: Workflow) {
		await n8n.importWorkflow(workflow);
		const execution = mustSucceed(await n8n.run(workflow.id, workflow.nodes[0].name, RUN_TIMEOUT_MS));
		return outputItems(execution, lumaRayNode(workflow).name);
	}

	function makeWorkflow(id: string, ...nodes: WorkflowNode[]): Workflow {
		const workflow = {
			id,
			name: id,
			nodes,
			connections: chain(...nodes),
			settings: { executionOrder: 'v1' },
		};
		return forProvider(workflow, provider, credential);
	}
});

function start(): WorkflowNode {
	return node('Start', 'n8n-nodes-base.manualTrigger', 1);
}

/** The Luma Ray node of the example, with different values for some parameters. */
function animate(parameters: Record<string, unknown>): WorkflowNode {
	const { parameters: ofExample } = lumaRayNode(readExample('animate-one-image'));
	return { ...node('Luma Ray', LUMA_RAY, 1), parameters: { ...ofExample, ...parameters } };
}

function node(name: string, type: string, typeVersion: number): WorkflowNode {
	return { id: name, name, type, typeVersion, position: [0, 0], parameters: {} };
}
