import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
	exampleNames,
	freePorts,
	freshLog,
	installHost,
	NEWEST_N8N,
	outputItems,
	PROVIDERS,
	readExample,
	REPOSITORY,
	RestClient,
	startProcess,
	type RunningProcess,
} from '../../harness/n8n';

const TSX = join(REPOSITORY, 'node_modules', '.bin', 'tsx');
const SOURCE = join(REPOSITORY, 'nodes', 'LumaRay', 'LumaRay.node.ts');
const POLL_MS = 200;
const RUN_MS = 300_000;

describe('npm run dev (npm start with --watch)', () => {
	const logFile = freshLog('e2e-start');
	let folder: string;
	let command: RunningProcess;
	let editor: RestClient;

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), 'luma-ray-start-'));
		const [port] = await freePorts(1);
		const sandbox = ['--job-seconds', '0.4', '--edition', '2026-10'];
		const flags = ['--watch', '--port', String(port), '--data', folder, ...sandbox];
		command = startProcess(TSX, [join(REPOSITORY, 'scripts', 'start.ts'), ...flags], {
			// Tests must not cost anything.
			env: { ...process.env, FAL_KEY: '', OXEN_API_KEY: '' },
			logFile,
		});
		await printed('Ctrl+C ends it.');
		// The port differs if another process has taken the requested one.
		const [, url] = /n8n with Luma Ray: +(http:\/\/[^/]+)/.exec(readFileSync(logFile, 'utf8'))!;
		editor = new RestClient(url, await installHost(NEWEST_N8N));
	});

	afterAll(async () => {
		await command?.stop();
		rmSync(folder, { recursive: true, force: true });
	});

	it('starts an editor that contains every example', async () => {
		await editor.signIn();

		for (const name of exampleNames()) expect(await editor.hasWorkflow(readExample(name).id)).toBe(true);
	});

	it('runs an example without a key', async () => {
		const id = await editor.runWorkflow(readExample('animate-one-image').id, 'Start');

		expect(await editor.waitForExecution(id, RUN_MS)).toMatchObject({ status: 'success' });
	});

	it('prints the sandbox addresses of each provider and creates a credential for each', async () => {
		const printedText = readFileSync(logFile, 'utf8');
		const read = (label: string) => new RegExp(`${label} +(\\S+)`).exec(printedText)?.[1];

		expect(printedText).toContain('Luma Ray Fal API');
		for (const label of ['Queue URL', 'Run URL', 'REST URL', 'API URL', 'Base URL']) {
			expect((await fetch(String(read(label)))).status).toBeLessThan(500);
		}
		const { fal, oxen } = PROVIDERS;
		for (const { realCredential } of [fal, oxen]) {
			const { id, type } = realCredential('');
			expect(await editor.credentials()).toContainEqual(expect.objectContaining({ id, type }));
		}
	});

	it('uses --job-seconds as the duration of a generation', async () => {
		const id = await editor.runWorkflow(readExample('text-to-video').id, 'Start');

		const [item] = outputItems(await editor.waitForExecution(id, RUN_MS), 'Luma Ray');
		const { runSeconds } = item.json.timing as { runSeconds: number };
		// Without the flag it would take 3 seconds.
		expect(runSeconds).toBeLessThan(3);
	});

	it('runs the example that needs a newer edition if --edition selects it', async () => {
		const id = await editor.runWorkflow(readExample('first-and-last-frame').id, 'Start');

		expect(await editor.waitForExecution(id, RUN_MS)).toMatchObject({ status: 'success' });
	});

	it('runs the scheduled example, which saves its videos in the folder that is printed', async () => {
		const id = await editor.runWorkflow(readExample('scheduled-product-videos').id, 'Every Monday');

		expect(await editor.waitForExecution(id, RUN_MS)).toMatchObject({ status: 'success' });
		const [, saved] = /Saved files: +(.+)/.exec(readFileSync(logFile, 'utf8'))!;
		expect(readdirSync(saved)).toEqual([
			expect.stringMatching(/\.mp4$/),
			expect.stringMatching(/\.mp4$/),
			expect.stringMatching(/\.mp4$/),
		]);
	});

	it('rebuilds the package after a change and reloads n8n on the same port', async () => {
		const now = new Date();
		utimesSync(SOURCE, now, now);
		await printed('n8n runs with the change.');

		await editor.signIn();
		expect(await editor.hasWorkflow(readExample('animate-one-image').id)).toBe(true);
	});

	it('stops itself and n8n on Ctrl+C', async () => {
		command.signal('SIGINT');

		expect(await command.ended).toMatchObject({ code: 130 });
		await expect(editor.signIn()).rejects.toThrow('fetch failed');
	});

	/** Waits until the command has printed something. */
	async function printed(text: string): Promise<void> {
		while (!readFileSync(logFile, 'utf8').includes(text)) {
			if (!command.isRunning) throw new Error(`npm start has ended; see ${logFile}`);
			await sleep(POLL_MS);
		}
	}
});
