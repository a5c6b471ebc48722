import { ExecuteContext } from 'n8n-core';
import type { IDataObject, INode } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../../sandbox';
import { runNode, sandboxCredentials, type EngineOptions } from '../../harness/engine/engine';
import { saved, wake } from '../../harness/engine/parked';

/**
 * The work for failed items must grow linearly with their number, not with its square, because it blocks n8n's event
 * loop.
 */

const CONTINUES: Partial<INode> = { onError: 'continueRegularOutput' };

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 600, queueSeconds: 0.05 });
});
afterEach(() => {
	vi.restoreAllMocks();
	sandbox.reset();
});
afterAll(async () => await sandbox.close());

function options(count: number, parameters: IDataObject): EngineOptions {
	return {
		credentials: sandboxCredentials(sandbox),
		node: CONTINUES,
		parameters,
		items: Array.from({ length: count }, (_, number) => ({ json: { number } })),
	};
}

/** How many times the node reads its memory while this work runs. */
async function memoryReads(work: () => Promise<unknown>): Promise<number> {
	const reading = vi.spyOn(ExecuteContext.prototype, 'getContext');
	await work();
	const times = reading.mock.calls.length;
	reading.mockRestore();
	return times;
}

test('reads the memory equally often for 2 and for 20 items when it wakes without a credential', async () => {
	const readsFor = async (count: number) => {
		const run = options(count, { waitMode: 'suspend', prompt: '=Number {{ $json.number }}' });
		const parked = saved(await runNode(run));
		return await memoryReads(async () => {
			const { items } = await wake(parked, { ...run, credentials: {} });
			expect(items.map(({ json }) => (json.details as IDataObject).requestId)).toEqual(
				Array(count).fill(expect.any(String)),
			);
		});
	};

	expect(await readsFor(20)).toBe(await readsFor(2));
});

test('reads the memory equally often for 2 and for 20 items when all of them are invalid', async () => {
	const readsFor = async (count: number) =>
		await memoryReads(async () => {
			const { items } = await runNode(options(count, { prompt: '={{ "" }}' }));
			expect(items).toHaveLength(count);
		});

	expect(await readsFor(20)).toBe(await readsFor(2));
});
