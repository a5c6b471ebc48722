import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshLog, REPOSITORY, runProcess } from '../../harness/n8n';
import { probeVideo } from '../../harness/video';

const TSX = join(REPOSITORY, 'node_modules', '.bin', 'tsx');

describe('npm run demo', () => {
	const logFile = freshLog('e2e-demo');
	let folder: string;

	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), 'luma-ray-demo-'));
	});

	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	it.each([
		['fal', []],
		['oxen', ['--provider', 'oxen']],
	])('prints the item and the path of a playable video (provider: %s)', async (provider, flags) => {
		const output = await demo(...flags);

		const [json, path] = output.split(/\nVideo \(\d+ bytes\): /);
		expect(JSON.parse(json)).toMatchObject({ provider, status: 'succeeded' });
		expect(await probeVideo(readFileSync(path.trim()))).toEqual({
			codec: 'avc',
			width: 960,
			height: 540,
			seconds: 5,
		});
	});

	it('refuses a provider that does not exist', async () => {
		await expect(demo('--provider', 'nobody')).rejects.toThrow(
			/ended with code 2[^]*--provider 'nobody' is not one of: fal/,
		);
	});

	/** Runs the demo without a key, even if the environment contains one, because tests must not cost anything. */
	async function demo(...flags: string[]): Promise<string> {
		const env: NodeJS.ProcessEnv = { ...process.env, FAL_KEY: '', OXEN_API_KEY: '' };
		return await runProcess(TSX, [join(REPOSITORY, 'scripts', 'demo.ts'), ...flags], {
			cwd: folder,
			env,
			logFile,
		});
	}
});
