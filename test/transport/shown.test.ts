import { startSandbox, type Fault, type Sandbox } from '../../sandbox';
import { runNode, sandboxCredentials } from '../../harness/engine/engine';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 0.1, queueSeconds: 0.05 });
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

const ESSAY = `The prompt is refused because ${'x'.repeat(1_000_000)}`;
const REFUSED: Fault = { kind: 'status', code: 422, body: { detail: ESSAY } };
const FAILED: Fault = { kind: 'jobFails', message: ESSAY, status: 422, body: { detail: ESSAY } };

/** The maximum number of characters that are shown, including the node's own text around the reason. */
const MOST = 2_100;

async function run(fault: Fault, onError: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput') {
	sandbox.faults.add({ service: 'fal', endpoint: 'submit', nth: [1, 100], fault });
	return await runNode({
		credentials: sandboxCredentials(sandbox),
		parameters: { options: { follow: 'poll' } },
		node: { onError },
	});
}

describe('a reason of a million characters is shortened', () => {
	test.each([
		['a refused submit', REFUSED],
		['a failed job', FAILED],
	])('in the error of %s', async (_what, fault) => {
		const { error } = await run(fault, 'stopWorkflow');
		expect(error?.message).toContain('The prompt is refused because');
		expect(error?.message).toMatch(/x… \[item 0\]$/);
		expect(error!.message.length).toBeLessThan(MOST);
		expect(String(error?.description).length).toBeLessThan(MOST);
		expect(JSON.stringify(error).length).toBeLessThan(10 * MOST);
	});

	test.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'in the item under %s',
		async (onError) => {
			const { items, errorItems } = await run(FAILED, onError);
			const [item] = [...items, ...errorItems];
			expect(item.json.error).toMatch(/^fal.ai: The prompt is refused because x+…$/);
			expect(JSON.stringify(item).length).toBeLessThan(3 * MOST);
		},
	);

	test('in the errorMessage of a failed generation', async () => {
		await run(FAILED, 'continueRegularOutput');
		const { items } = await runNode({
			credentials: sandboxCredentials(sandbox),
			parameters: { resource: 'generation', operation: 'get', requestId: sandbox.jobs[0].id },
		});
		expect(items[0].json.status).toBe('failed');
		expect(items[0].json.errorMessage).toMatch(/^fal.ai: The prompt is refused because x+…$/);
		expect(String(items[0].json.errorMessage)).toHaveLength(2_000);
	});
});
