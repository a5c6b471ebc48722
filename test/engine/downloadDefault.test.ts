import type { IDataObject } from 'n8n-workflow';

import { runNode, sandboxCredentials } from '../../harness/engine/engine';
import { startSandbox, type Sandbox } from '../../sandbox';

/** The default of Download Video in a new node. */

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 0.1, queueSeconds: 0.01 });
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

async function run(parameters: IDataObject, node = {}) {
	const untouched = { downloadVideo: undefined, ...parameters } as IDataObject;
	const { items, error } = await runNode({
		credentials: sandboxCredentials(sandbox),
		parameters: untouched,
		node,
	});
	expect(error).toBeUndefined();
	return items[0];
}

const videos = () => sandbox.requests.filter(({ url }) => url.includes('.mp4'));

describe.each(['fal', 'oxen'])('a new node at %s', (provider) => {
	test('returns the video in the output', async () => {
		const { json, binary } = await run({ provider });
		expect(binary?.data).toMatchObject({ mimeType: 'video/mp4' });
		for (const operation of ['get', 'wait']) {
			const collect = { resource: 'generation', operation, provider, requestId: json.requestId };
			expect((await run(collect)).binary?.data).toMatchObject({ mimeType: 'video/mp4' });
		}
	});

	test('downloads nothing with Submit Only or with Download Video off', async () => {
		expect((await run({ provider, waitMode: 'submit' })).binary).toBeUndefined();
		expect((await run({ provider, downloadVideo: false })).binary).toBeUndefined();
		expect(videos()).toEqual([]);
	});

	test('downloads nothing when it is an AI tool', async () => {
		expect((await run({ provider }, { type: 'lumaRayTool' })).binary).toBeUndefined();
		expect(videos()).toEqual([]);
	});
});
