import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { createFal } from '../../nodes/LumaRay/providers/fal/fal';
import { createOxen } from '../../nodes/LumaRay/providers/oxen/oxen';
import { systemClock } from '../../nodes/LumaRay/transport/clock';
import { startSandbox, type Sandbox } from '../../sandbox';
import { checkFacts, type Finding } from '../../scripts/check-live/facts';
import { falFacts } from '../../scripts/check-live/fal';
import { oxenFacts } from '../../scripts/check-live/oxen';
import { paidFacts, paidPrice } from '../../scripts/check-live/paid';
import { createFetchHttp } from '../../scripts/lib/fetch-http';

const REPOSITORY = join(__dirname, '..', '..');

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ jobSeconds: 0.05, queueSeconds: 0.05 });
});
afterEach(() => sandbox.reset());
afterAll(async () => await sandbox.close());

const fal = () => createFal(createFetchHttp(`Key ${sandbox.fal.key}`), sandbox.fal, systemClock, false);
const oxen = () => createOxen(createFetchHttp(`Bearer ${sandbox.oxen.key}`), sandbox.oxen, systemClock);

async function findings(): Promise<Finding[]> {
	const facts = [
		...falFacts(sandbox.fal.key, sandbox.fal, fal().describe),
		...oxenFacts(sandbox.oxen.key, sandbox.oxen, oxen().describe, 'sandbox/check-live'),
	];
	return await checkFacts(facts, () => undefined);
}

const others = (all: Finding[]) => all.filter(({ verdict }) => verdict !== 'holds');

/** Runs the command with these flags, and with this text as the user's input. */
async function run(flags: string[], typed = ''): Promise<{ code: number | null; output: string }> {
	const cli = join(REPOSITORY, 'node_modules', 'tsx', 'dist', 'cli.mjs');
	const env = { ...process.env, FAL_KEY: '', OXEN_API_KEY: '' };
	const child = spawn(process.execPath, [cli, 'scripts/check-live.ts', ...flags], { cwd: REPOSITORY, env });
	let output = '';
	child.stdout.on('data', (chunk) => (output += chunk));
	child.stderr.on('data', (chunk) => (output += chunk));
	child.stdin.end(typed);
	const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
	return { code, output };
}

test('finds that all facts are true for the sandbox, and submits nothing', async () => {
	expect(others(await findings())).toEqual([]);
	expect(sandbox.jobs).toHaveLength(0);
});

test('reports each changed fact as one difference, with the file to change', async () => {
	sandbox.faults.add({
		service: 'fal',
		endpoint: 'cancel',
		fault: { kind: 'status', code: 404, body: { detail: 'unknown' } },
	});
	const price = {
		endpoint_id: 'luma/agent/ray/v3.2/reframe',
		unit_price: 9.99,
		unit: 'second',
		currency: 'USD',
	};
	sandbox.faults.add({
		service: 'fal',
		endpoint: 'pricing',
		// The two requests of the credential test and the prices of three models come first.
		nth: 6,
		fault: { kind: 'status', code: 200, body: { prices: [price] } },
	});
	sandbox.faults.add({
		service: 'oxen',
		endpoint: 'generations',
		fault: { kind: 'status', code: 200, body: { data: [] } },
	});
	expect(others(await findings())).toEqual([
		{
			says: 'The live unit price of reframe is the cheapest price of an edition',
			where:
				'nodes/LumaRay/providers/fal/catalogue.ts (prices), nodes/LumaRay/providers/fal/prices.ts (units)',
			verdict: 'differs',
			expected: 'unit_price 0.06',
			got: '9.99',
		},
		expect.objectContaining({
			verdict: 'differs',
			where: 'nodes/LumaRay/providers/fal/queue.ts (cancelJob)',
			got: 'HTTP 404 {"detail":"unknown"}',
		}),
		expect.objectContaining({
			verdict: 'differs',
			where: 'nodes/LumaRay/providers/oxen/list.ts',
			expected: 'generations: Required; total_pages: Required',
		}),
	]);
});

test('leaves facts unchecked if a provider is down', async () => {
	sandbox.faults.add({ service: 'oxen', endpoint: 'queueList', fault: { kind: 'status', code: 503 } });
	const down = others(await findings());
	expect(new Set(down.map(({ verdict }) => verdict))).toEqual(new Set(['unchecked']));
	expect(down).toHaveLength(3);
});

test.each([
	['fal', fal],
	['oxen', oxen],
])('checks all facts about a job with one paid generation at %s', async (_, provider) => {
	const usd = await paidPrice(provider());
	expect(usd).toBe(0.5);
	const paid = await checkFacts(
		paidFacts(provider(), usd, () => undefined, 0.05),
		() => undefined,
	);
	expect(others(paid)).toEqual([]);
	expect(paid).toHaveLength(5);
	expect(sandbox.jobs).toHaveLength(1);
});

test('does not send the paid submit again if its answer is lost', async () => {
	sandbox.faults.add({ endpoint: 'submit', fault: { kind: 'resetAfter' } });
	const paid = await checkFacts(
		paidFacts(fal(), 0.5, () => undefined, 0.05),
		() => undefined,
	);
	expect(paid[0]).toMatchObject({ verdict: 'differs', got: expect.stringContaining('open') });
	expect(paid.slice(1).map(({ verdict }) => verdict)).toEqual(Array(4).fill('unchecked'));
	expect(sandbox.jobs).toHaveLength(1);
});

test('asks before it pays, and pays only after "yes" and within --spend', async () => {
	const refused = await run(['--provider', 'fal', '--spend', '0.5'], 'no\n');
	expect(refused.output).toContain('for $0.50? Type yes:');
	expect(refused.output).toContain('Nothing is paid.');
	expect(refused).toMatchObject({ code: 0 });
	const tooLittle = await run(['--provider', 'fal', '--spend', '0.4'], 'yes\n');
	expect(tooLittle.output).toContain('costs $0.50, and --spend allows $0.40');
});

test('refuses an invalid flag before it sends any request', async () => {
	expect(await run(['--spend', 'much'])).toEqual({
		code: 2,
		output: "--spend 'much' is not an amount in USD. --help shows what there is.\n",
	});
});
