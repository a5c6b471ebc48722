import type { IDataObject, IRunExecutionData } from 'n8n-workflow';
import { BinaryDataService } from 'n8n-core';
import { Container } from '@n8n/di';

import type { RecordedRequest } from '../../sandbox';
import { until } from '../sandbox/support';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';
import { runToEnd, saved, wake } from '../../harness/engine/parked';
import { items, useSuspending } from './suspending';

/**
 * A suspended run submits only in its first pass. Whatever n8n does at a wake, nothing may be paid for again or lost.
 */

const PROVIDERS = ['fal', 'oxen'] as const;
const NUMBERED: IDataObject = { prompt: '=Number {{ $json.number }}' };
const CONTINUES = { onError: 'continueRegularOutput' } as const;

const { sandbox, jobs, suspended } = useSuspending();

const submits = () => sandbox.requests.filter(({ endpoint }) => endpoint === 'submit');
const isFor =
	(text: string) =>
	({ body }: RecordedRequest) =>
		JSON.stringify(body).includes(text);
const allEnded = async () => await until(() => sandbox.jobs.every(({ completedAt }) => completedAt));

/** The stack entry that runs the node at the wake. */
function wakingEntry(data: IRunExecutionData) {
	return data.executionData!.nodeExecutionStack.find((entry) => 'lumaRayInput' in entry)!;
}

describe.each(PROVIDERS)('a parked run at %s', (provider) => {
	test('is resumed when n8n wakes it with a different run index', async () => {
		const options = suspended({ parameters: { provider, ...NUMBERED }, items: items(2) });
		const parked = await runNode(options);
		await allEnded();
		const data = saved(parked);
		// Simulates an n8n that keeps a run of the parked entry and drops the data that the node stored in the entry.
		data.resultData.runData['Luma Ray'].push(structuredClone(data.resultData.runData['Luma Ray'][0]));
		delete (wakingEntry(data) as { lumaRayRun?: string }).lumaRayRun;
		const { items: output, error } = await wake(data, options);

		expect(error).toBeUndefined();
		expect(output.map(({ json }) => json.status)).toEqual(['succeeded', 'succeeded']);
		expect(submits()).toHaveLength(2);
	});

	test('does not submit an item at a wake if it was invalid in the first pass', async () => {
		jobs.seconds = [0.2];
		// An expression that returns a URL only from the second evaluation on.
		const flaky = '={{ $json.number === 0 || $("Luma Ray").isExecuted ? "https://a.example/1.png" : "" }}';
		const options = suspended({
			node: CONTINUES,
			parameters: { provider, ...NUMBERED, imageUrl: flaky, options: { maxCostUsd: 0.5 } },
			items: items(2),
		});
		const parked = await runNode(options);
		await allEnded();
		const { items: output } = await wake(saved(parked), options);

		expect(output.map(({ json }) => json.status ?? json.error)).toEqual([
			'succeeded',
			expect.stringContaining("'Image URL'"),
		]);
		expect(submits()).toHaveLength(1);
	});

	test('delivers the other videos if a refused item has invalid parameters at the wake', async () => {
		const refused = { kind: 'status', code: 422, body: { detail: 'Refused', error: 'Refused' } } as const;
		sandbox.faults.add({ endpoint: 'submit', match: isFor('Number 1'), fault: refused });
		const options = suspended({
			node: CONTINUES,
			parameters: { provider, ...NUMBERED },
			items: items(3),
		});
		const parked = await runNode(options);
		await allEnded();
		const data = saved(parked);
		wakingEntry(data).node.parameters.imageUrl = '={{ undefined }}';
		const { items: output, error } = await wake(data, options);

		expect(error).toBeUndefined();
		expect(output.map(({ json }) => json.status ?? json.error)).toEqual([
			'succeeded',
			expect.stringContaining('Refused'),
			'succeeded',
		]);
	});

	test.each(['wait', 'submit'])(
		'submits nothing if Wait Mode is an expression that now returns %s',
		async (mode) => {
			const body = { detail: 'Refused', error: 'Refused' };
			sandbox.faults.add({
				endpoint: 'submit',
				match: isFor('Number 1'),
				nth: 1,
				fault: { kind: 'status', code: 422, body },
			});
			const isAwake = '$("Luma Ray").isExecuted';
			const options = suspended({
				node: CONTINUES,
				parameters: {
					provider,
					...NUMBERED,
					imageUrl: '={{ $json.number === 0 ? "" : "https://a.example/1.png" }}',
					waitMode: `={{ ${isAwake} ? "${mode}" : "suspend" }}`,
				},
				items: items(3),
			});
			const parked = await runNode(options);
			await allEnded();
			const { items: output, data } = await wake(saved(parked), options);

			expect(output.map(({ json }) => json.status ?? json.error)).toEqual([
				expect.stringContaining("'Image URL'"),
				expect.stringContaining('Refused'),
				'succeeded',
			]);
			expect(submits()).toHaveLength(2);
			// Otherwise, the next iteration of a loop would resume the parked run.
			expect(JSON.stringify(data.executionData!.contextData)).not.toContain('"parking"');
		},
	);

	test('delivers the video even if n8n’s store no longer has the image', async () => {
		const image = await storedImage();
		const options = suspended({
			node: CONTINUES,
			parameters: { provider, imageSource: 'binary' },
			items: [{ json: {}, binary: { data: image } }],
		});
		const parked = await runNode(options);
		await allEnded();
		const store = Container.get(BinaryDataService);
		vi.spyOn(store, 'getMetadata').mockRejectedValue(new Error('The store is not available'));
		vi.spyOn(store, 'getAsStream').mockRejectedValue(new Error('The store is not available'));
		const { items: output } = await wake(saved(parked), options);

		expect(output[0].json).toMatchObject({ status: 'succeeded' });
		expect(submits()).toHaveLength(1);
	});

	test('parks immediately if the outcome of one submit is unknown, and does not search for its job yet', async () => {
		sandbox.faults.add({
			endpoint: 'submit',
			match: isFor('Number 1'),
			fault: { kind: 'resetAfter' },
		});
		const options = suspended({ node: CONTINUES, parameters: { provider, ...NUMBERED }, items: items(2) });
		const parked = await runNode(options);

		expect(parked.run.status).toBe('waiting');
		expect(parked.items.map(({ json }) => json.status)).toContain('unknown');
		expect(sandbox.requests.some(({ endpoint }) => /list|requests|generations/i.test(endpoint))).toBe(false);
	});

	test('does not submit again if a job was cancelled at the provider during the first pass', async () => {
		jobs.seconds = [600];
		// Delays the first status check until the job has been cancelled.
		sandbox.faults.add({ endpoint: 'status', fault: { kind: 'delay', ms: 500 } });
		const options = suspended({ parameters: { provider }, node: CONTINUES });
		const running = runNode(options);
		await until(() => sandbox.jobs[0]);
		await cancelAtProvider(provider, sandbox.jobs[0].id);
		const { items: output } = await running;

		expect(submits()).toHaveLength(1);
		expect(output[0].json).toMatchObject({ details: { status: 'cancelled' } });
	});
});

test('a suspended run finds the job of an unanswered submit at a wake and delivers its video in its place', async () => {
	sandbox.faults.add({ endpoint: 'submit', match: isFor('Number 0'), fault: { kind: 'resetAfter' } });
	const options = suspended({ node: CONTINUES, parameters: NUMBERED, items: items(2) });
	const { items: output } = await runToEnd(options);

	expect(output.map(({ json }) => (json.parameters as IDataObject)?.prompt)).toEqual([
		'Number 0',
		'Number 1',
	]);
	expect(submits()).toHaveLength(2);
});

async function cancelAtProvider(provider: 'fal' | 'oxen', id: string): Promise<void> {
	const { fal, oxen } = sandbox;
	if (provider === 'fal') {
		const url = `${fal.queueUrl}/luma/agent/requests/${id}/cancel`;
		await fetch(url, { method: 'PUT', headers: { authorization: `Key ${fal.key}` } });
		return;
	}
	const headers = { authorization: `Bearer ${oxen.key}` };
	await fetch(`${oxen.baseUrl}/api/ai/queue/${id}`, { method: 'DELETE', headers });
}

async function storedImage() {
	await Container.get(BinaryDataService).init();
	const png = Buffer.from('iVBORw0KGgo=', 'base64');
	return await Container.get(BinaryDataService).store(
		{ type: 'execution', workflowId: 'workflow', executionId: '1' } as never,
		png,
		{ mimeType: 'image/png', fileName: 'image.png', data: '' },
	);
}

test('refuses an undefined budget before anything is paid', async () => {
	const { error } = await runNode({
		credentials: sandboxCredentials(sandbox),
		parameters: { options: { maxCostUsd: '={{ $json.nothing }}' } },
	});

	expect(error?.message).toContain("'Maximum Cost (USD)' must be a number");
	expect(submits()).toEqual([]);
});

test.each(['model', 'target_namespace', 'hdr', 'exr_export'])(
	'refuses additional fields that change %s if there is a budget',
	async (name) => {
		const provider = ['model', 'target_namespace'].includes(name) ? 'oxen' : 'fal';
		const { error } = await runNode({
			credentials: sandboxCredentials(sandbox),
			parameters: { provider, options: { maxCostUsd: 5, additionalFields: { [name]: 'other' } } },
		});

		expect(error?.message).toContain("'Additional Fields (JSON)' changes the price");
		expect(submits()).toEqual([]);
	},
);

test('refuses num_generations in additional fields, because a retry must know how many videos to order', async () => {
	const { error } = await runNode({
		credentials: sandboxCredentials(sandbox),
		parameters: { provider: 'oxen', options: { additionalFields: { num_generations: 3 } } },
	});

	expect(error?.message).toContain("'Additional Fields (JSON)' contains num_generations");
	expect(error?.description).toContain("'Number of Generations'");
	expect(submits()).toEqual([]);
});
