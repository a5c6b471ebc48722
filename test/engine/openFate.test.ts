import type { IDataObject } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../../sandbox';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 0.3, queueSeconds: 0.1 });
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

const submits = () => sandbox.requests.filter(({ endpoint }) => endpoint === 'submit').length;

describe.each(['fal', 'oxen'] as const)('a submit that %s did not answer', (provider) => {
	async function run(parameters: IDataObject = {}, count = 1) {
		return await runNode({
			credentials: sandboxCredentials(sandbox),
			parameters: { provider, prompt: '=Prompt {{ $json.number }}', ...parameters },
			items: Array.from({ length: count }, (_, number) => ({ json: { number } })),
		});
	}

	test('finds the job if the list proves that it is the right one, and never submits again', async () => {
		sandbox.faults.add({ service: provider, endpoint: 'submit', fault: { kind: 'resetAfter' } });
		const { items, error } = await run({}, 3);
		expect(sandbox.jobs).toHaveLength(3);
		expect(submits()).toBe(3);
		if (provider === 'oxen') {
			// Oxen's list shows only the prompt, so a job with another image would look the same.
			expect(error?.message).toContain('may have accepted the generation');
			return;
		}
		expect(error).toBeUndefined();
		expect(items.map(({ json }) => (json.parameters as IDataObject).prompt)).toEqual([
			'Prompt 0',
			'Prompt 1',
			'Prompt 2',
		]);
		expect(items.map(({ json }) => json.status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
	});

	test('reports an unknown outcome if two jobs match', async () => {
		sandbox.faults.add({ service: provider, endpoint: 'submit', fault: { kind: 'resetAfter' } });
		const { error } = await run({ prompt: 'The same' }, 2);
		expect(error?.message).toContain('may have accepted the generation');
		expect(error?.description).toContain('not submitted again');
		expect(submits()).toBe(2);
	});

	test('reports an unknown outcome and how to check it if the provider never accepted the submit', async () => {
		sandbox.faults.add({ service: provider, endpoint: 'submit', fault: { kind: 'resetBefore' } });
		const { error } = await run();
		expect(error?.message).toContain('may have accepted the generation');
		expect(error?.description).toMatch(/https:\/\/\S+/);
		expect(error?.description).not.toMatch(/nothing was/i);
		expect(sandbox.jobs).toHaveLength(0);
		expect(submits()).toBe(1);
	});
});
