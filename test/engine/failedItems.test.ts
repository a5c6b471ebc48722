import { ExecuteContext } from 'n8n-core';
import type { IDataObject, INode } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../../sandbox';
import { runNode, sandboxCredentials, type EngineOptions } from '../../harness/engine/engine';
import { saved, wake } from '../../harness/engine/parked';

/** The work for failed items grows with their number and not with its square: n8n's event loop has others to serve. */

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

/** How often the node reads its memory during this work. */
async function memoryReads(work: () => Promise<unknown>): Promise<number> {
	const reading = vi.spyOn(ExecuteContext.prototype, 'getContext');
	await work();
	const times = reading.mock.calls.length;
	reading.mockRestore();
	return times;
}

test('a wake without a credential reads the memory as often for many items as for few', async () => {
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

test('items that fail their check read the memory as often for many as for few', async () => {
	const readsFor = async (count: number) =>
		await memoryReads(async () => {
			const { items } = await runNode(options(count, { prompt: '={{ "" }}' }));
			expect(items).toHaveLength(count);
		});

	expect(await readsFor(20)).toBe(await readsFor(2));
});
