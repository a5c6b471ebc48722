import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { startSandbox, type Sandbox } from '../../sandbox';

const REPOSITORY = join(__dirname, '..', '..');

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox();
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

/** Runs `npm run schema:check` against the sandbox, which describes the models like the providers' pages. */
async function check(
	env: NodeJS.ProcessEnv = { FAL_KEY: sandbox.fal.key },
): Promise<{ code: number | null; output: string }> {
	const child = spawn(
		process.execPath,
		[
			join(REPOSITORY, 'node_modules', 'tsx', 'dist', 'cli.mjs'),
			'scripts/schema-check.ts',
			...['--fal-url', sandbox.fal.apiUrl, '--oxen-url', sandbox.oxen.baseUrl],
		],
		{ cwd: REPOSITORY, env: { ...process.env, FAL_KEY: '', ...env } },
	);
	let output = '';
	child.stdout.on('data', (chunk) => (output += chunk));
	child.stderr.on('data', (chunk) => (output += chunk));
	const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
	return { code, output };
}

test('finds no difference between the catalogues and the providers’ pages', async () => {
	const { code, output } = await check();
	expect(output).toContain('✓ fal.ai, animate: the catalogue says what the provider says (edition launch)');
	for (const model of ['animate', 'generate', 'edit', 'reframe']) {
		expect(output).toContain(`✓ Oxen.ai, ${model}: the catalogue says what the provider says`);
		expect(output).toContain(`✓ fal.ai, ${model}: the prices are those of the catalogue`);
	}
	expect(output).toContain('✓ Oxen.ai, animate: the prices are those of the catalogue');
	expect(output).toContain('– Oxen.ai, edit: the catalogue has no price');
	expect(code).toBe(0);
});

test('reports a changed price for each clip', async () => {
	const endpoint_id = 'luma/agent/ray/v3.2/image-to-video';
	const body = { prices: [{ endpoint_id, unit_price: 0.6, unit: 'video', currency: 'USD' }] };
	sandbox.faults.add({
		service: 'fal',
		endpoint: 'pricing',
		nth: 1,
		fault: { kind: 'status', code: 200, body },
	});
	const { code, output } = await check();
	expect(code).toBe(1);
	expect(output).toContain('✗ fal.ai, animate: 6 prices differ from the catalogue');
	expect(output).toContain('  1080p, 10s: $4 in the list, $4.80 now');
	expect(output).toContain('✓ fal.ai, generate: the prices are those of the catalogue');
});

test('skips only fal’s prices without a key', async () => {
	const { code, output } = await check({});
	expect(output).toContain('– fal.ai, reframe: the price was not compared, since FAL_KEY is not set');
	expect(output).toContain('✓ Oxen.ai, animate: the prices are those of the catalogue');
	expect(code).toBe(0);
});

test('reports each change of a model', async () => {
	const body = JSON.parse(readFileSync(join(__dirname, 'drifted', 'fal.json'), 'utf8'));
	sandbox.faults.add({
		service: 'fal',
		endpoint: 'models',
		nth: 1,
		fault: { kind: 'status', code: 200, body },
	});
	const { code, output } = await check();
	expect(code).toBe(1);
	expect(output).toContain('hdr: removed');
	expect(output).toContain('keyframes: nowRequired');
	expect(output).toContain('resolution: optionsAdded (4k)');
	expect(output).toContain('✓ Oxen.ai');
});

test('reports a provider that does not answer, but not as a difference', async () => {
	sandbox.faults.add({
		service: 'oxen',
		endpoint: 'model',
		fault: { kind: 'status', code: 502, body: '<html>' },
	});
	const { code, output } = await check();
	expect(code).toBe(2);
	expect(output).toContain('✗ Oxen.ai, animate: Oxen.ai is not available right now (HTTP 502)');
});
