import type { IDataObject } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../../sandbox';
import { until } from '../sandbox/support';
import { ANIMATE, runNode, sandboxCredentials, type EngineOptions } from '../../harness/engine/engine';

const PROMPT = ANIMATE.prompt as string;
const IMAGE = ANIMATE.imageUrl as string;
const OTHER_IMAGE = 'https://images.example.com/lion.png';
const NEVER_TAKEN = { kind: 'resetBefore' } as const;
const UNANSWERED = { kind: 'resetAfter' } as const;

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 0.2, queueSeconds: 0.1 });
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

async function run(parameters: IDataObject, more: Partial<EngineOptions> = {}) {
	return await runNode({ credentials: sandboxCredentials(sandbox), parameters, ...more });
}

/** Submits a job on the same account without the node, like another program. */
async function submitElsewhere(input: IDataObject): Promise<void> {
	const response = await fetch(`${sandbox.fal.queueUrl}/luma/agent/ray/v3.2/image-to-video`, {
		method: 'POST',
		headers: { authorization: `Key ${sandbox.fal.key}`, 'content-type': 'application/json' },
		body: JSON.stringify({
			prompt: PROMPT,
			image_url: IMAGE,
			aspect_ratio: '16:9',
			resolution: '540p',
			duration: '5s',
			loop: false,
			...input,
		}),
	});
	expect(response.ok).toBe(true);
}

const submits = () => sandbox.requests.filter(({ endpoint }) => endpoint === 'submit');

describe('the search at fal for a job with the same prompt', () => {
	test('does not reuse a job if any other input differs', async () => {
		const differences = [
			{ image_url: OTHER_IMAGE },
			{ aspect_ratio: '1:1' },
			{ resolution: '720p' },
			{ duration: '10s' },
			{ loop: true },
			{ reference_image_urls: [OTHER_IMAGE] },
			{ seed: 7 },
			{ duration: undefined },
		];
		sandbox.faults.add({ service: 'fal', endpoint: 'submit', nth: [1, 8], fault: NEVER_TAKEN });
		const searching = differences.map(
			async (difference) => await run({ prompt: JSON.stringify(difference) }),
		);
		await until(() => submits().length === differences.length);
		for (const difference of differences) {
			await submitElsewhere({ prompt: JSON.stringify(difference), ...difference });
		}
		for (const { error } of await Promise.all(searching)) {
			expect(error?.message).toContain('may have accepted the generation');
		}
		expect(sandbox.jobs).toHaveLength(differences.length);
	});

	test('finds the job of an order whose additional fields override parameters', async () => {
		sandbox.faults.add({ service: 'fal', endpoint: 'submit', nth: 1, fault: UNANSWERED });
		const { items, error } = await run({ options: { additionalFields: '{"resolution":"720p"}' } });
		expect(error).toBeUndefined();
		expect(items[0].json.requestId).toBe(sandbox.jobs[0].id);
	});

	test('does not reuse a job with a different uploaded image', async () => {
		const binary = (content: string) => ({
			json: {},
			binary: { data: { data: Buffer.from(content).toString('base64'), mimeType: 'image/png' } },
		});
		sandbox.faults.add({ service: 'fal', endpoint: 'submit', nth: 1, fault: UNANSWERED });
		const [{ items, error }] = await Promise.all([
			run({ imageSource: 'binary', imageBinaryField: 'data' }, { items: [binary('ours')] }),
			until(() => sandbox.jobs.length > 0).then(async () => await submitElsewhere({})),
		]);
		expect(error).toBeUndefined();
		expect(items[0].json.requestId).toBe(sandbox.jobs[0].id);
	});
});

describe('the search at fal for a job with identical input', () => {
	test('does not reuse a job that is known to belong to another execution', async () => {
		sandbox.faults.add({ service: 'fal', endpoint: 'submit', nth: 1, fault: NEVER_TAKEN });
		const searching = run({});
		await until(() => submits().length > 0);
		const [{ error }, other] = await Promise.all([searching, run({ waitMode: 'submit' })]);
		expect(other.error).toBeUndefined();
		expect(error?.message).toContain('may have accepted the generation');
	});

	test('does not reuse a job while another identical submit is in flight', async () => {
		let stop: (() => void) | undefined;
		const hang = { kind: 'hang', accepted: true } as const;
		sandbox.faults.add({ service: 'fal', endpoint: 'submit', nth: 2, fault: hang });
		sandbox.faults.add({ service: 'fal', endpoint: 'submit', nth: 1, fault: NEVER_TAKEN });
		const searching = run({});
		await until(() => submits().length > 0);
		const onStart = (execution: { cancel(): void }) => (stop = () => execution.cancel());
		const hanging = run({ waitMode: 'submit' }, { onStart });
		const { error } = await searching;
		stop!();
		await hanging;
		expect(sandbox.jobs).toHaveLength(1);
		expect(error?.message).toContain('may have accepted the generation');
	});
});

describe('the search at Oxen, where the list contains only the prompt', () => {
	async function submitElsewhereAtOxen(prompt: string): Promise<void> {
		const response = await fetch(`${sandbox.oxen.baseUrl}/api/ai/queue`, {
			method: 'POST',
			headers: { authorization: `Bearer ${sandbox.oxen.key}`, 'content-type': 'application/json' },
			body: JSON.stringify({
				model: 'luma-ray-v3-2-image-to-video',
				prompt,
				input_image: OTHER_IMAGE,
				aspect_ratio: '1:1',
				resolution: '1080p',
				duration: '10s',
			}),
		});
		expect(response.ok).toBe(true);
	}

	test('does not reuse another program’s job with the same prompt', async () => {
		sandbox.faults.add({ service: 'oxen', endpoint: 'submit', nth: 1, fault: NEVER_TAKEN });
		// A prompt that no other test uses, because the submit of the test above may still be in flight.
		const prompt = 'Another prompt';
		const searching = run({ provider: 'oxen', prompt });
		await until(() => submits().length > 0);
		await submitElsewhereAtOxen(prompt);
		const { error } = await searching;
		expect(error?.message).toContain('may have accepted the generation');
		expect(error?.description).toMatch(/not submitted again.*https:\/\//);
		expect(sandbox.jobs).toHaveLength(1);
	});

	test('reuses a job if the list contains the whole input', async () => {
		sandbox.faults.add({ service: 'oxen', endpoint: 'submit', nth: 1, fault: UNANSWERED });
		const searching = run({ provider: 'oxen', prompt: 'A third prompt' });
		await until(() => sandbox.jobs.length > 0);
		const { id, input, acceptedAt } = sandbox.jobs[0];
		const row = { ...input, model_name: input.model, generation_id: id, status: 'queued' };
		const generations = [{ ...row, enqueued_at: Math.floor(acceptedAt / 1000) }];
		sandbox.faults.add({
			service: 'oxen',
			endpoint: 'generations',
			fault: { kind: 'status', code: 200, body: { generations } },
		});
		const { error, items } = await searching;
		expect(error).toBeUndefined();
		expect(items[0].json.requestId).toBe(id);
	});
});
