import { startSandbox, type Sandbox } from '../../sandbox';
import { LUMA_RAY, PROVIDERS, type N8nInstance } from '../../harness/n8n';
import { installedN8n } from './support';

describe('the package in a real n8n', () => {
	let n8n: N8nInstance;
	let sandbox: Sandbox;

	beforeAll(async () => {
		sandbox = await startSandbox();
		n8n = await installedN8n('package');
		await n8n.start();
	});

	afterAll(async () => {
		await n8n?.dispose();
		await sandbox?.close();
	});

	it('contains the node, the node as a tool for AI agents, and the trigger', async () => {
		const nodeTypes = await n8n.rest.nodeTypes();
		const ours = nodeTypes.filter(({ name }) => name.startsWith(LUMA_RAY));

		expect(ours.map(({ name, displayName }) => [name, displayName]).sort()).toEqual([
			[LUMA_RAY, 'Luma Ray'],
			[`${LUMA_RAY}Tool`, 'Luma Ray Tool'],
			[`${LUMA_RAY}Trigger`, 'Luma Ray Trigger'],
		]);
	});

	it('serves the icons for the light and the dark theme', async () => {
		const description = (await n8n.rest.nodeTypes()).find(({ name }) => name === LUMA_RAY)!;
		const { light, dark } = description.iconUrl as { light: string; dark: string };

		expect(light).not.toBe(dark);
		for (const url of [light, dark]) {
			const response = await n8n.rest.fetch(`/${url}`);
			expect(response.headers.get('content-type')).toContain('image/svg+xml');
			expect(await response.text()).toContain('<svg');
		}
	});

	describe.each(Object.values(PROVIDERS))("the $id credential's test", (provider) => {
		beforeAll(() => n8n.importCredential(provider.sandboxCredential(sandbox)));

		it('succeeds with a valid key', async () => {
			const credential = provider.sandboxCredential(sandbox);

			expect(await n8n.rest.testCredential(credential)).toMatchObject({ status: 'OK' });
		});

		it('fails with an invalid key', async () => {
			const good = provider.sandboxCredential(sandbox);
			const bad = { ...good, data: { ...good.data, apiKey: 'nobody:nothing' } };

			expect(await n8n.rest.testCredential(bad)).toMatchObject({ status: 'Error' });
		});
	});
});
