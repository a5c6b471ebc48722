import { startSandbox, type Sandbox } from '../../sandbox';
import { createPool } from '../../nodes/LumaRay/jobs/pool';
import { runNode, sandboxCredentials, type EngineRun } from '../support/engine';
import { MATRIX, nameOf, type FaultCase } from './matrix';

/** Rows that run side by side: they mostly wait. */
const AT_ONCE = 24;
/** The hosts that may see the key: those that the credentials name. */
const KEY_HOSTS = ['queue', 'run', 'rest', 'api', 'oxen'];

interface Played {
	run: EngineRun;
	jobs: Sandbox['jobs'];
	requests: Sandbox['requests'];
	key: string;
}

async function play(row: FaultCase): Promise<Played> {
	const sandbox = await startSandbox({ jobSeconds: 0.2, queueSeconds: 0 });
	try {
		const { provider, follow, endpoint, fault, nth, parameters, options } = row;
		sandbox.faults.add({ service: provider, endpoint, fault, nth });
		const run = await runNode({
			credentials: sandboxCredentials(sandbox),
			parameters: { provider, options: { follow, ...options }, ...parameters },
		});
		const key = provider === 'fal' ? sandbox.fal.key : sandbox.oxen.key;
		return { run, jobs: [...sandbox.jobs], requests: [...sandbox.requests], key };
	} finally {
		await sandbox.close();
	}
}

const played = new Map<string, Promise<Played>>();

beforeAll(() => {
	const pool = createPool(AT_ONCE);
	for (const row of MATRIX)
		played.set(
			nameOf(row),
			pool(async () => await play(row)),
		);
	for (const one of played.values()) one.catch(() => undefined);
});

afterAll(() => {
	process.stdout.write(`${MATRIX.length} cases: fault × endpoint × provider × way to follow\n`);
});

test('no row is there twice', () => {
	expect(new Set(MATRIX.map(nameOf)).size).toBe(MATRIX.length);
});

test.each(MATRIX.map((row) => [nameOf(row), row] as const))(
	'%s',
	async (name, { outcome, submits }) => {
		const { run, jobs, requests, key } = await played.get(name)!;
		const { items, error } = run;
		const said = `${error?.message} ${error?.description}`;

		expect(jobs.length).toBeLessThanOrEqual(1);
		const paid = requests.filter(({ endpoint }) => endpoint === 'submit' || endpoint === 'run');
		expect(paid).toHaveLength(submits);

		if (outcome === 'succeeds') {
			expect(error).toBeUndefined();
			expect(items[0].json).toMatchObject({ status: 'succeeded' });
			expect(jobs).toHaveLength(1);
		} else {
			expect(error?.message).toMatch(/\[item 0\]$/);
			expect(error?.description).toBeTruthy();
		}
		if (outcome === 'is refused') expect(jobs).toHaveLength(0);
		if (outcome === 'stays open') expect(said).toMatch(/may have accepted the job.*https:\/\//s);
		if (outcome === 'ends badly') expect(said).toContain(jobs[0].id);

		for (const { host, headers } of requests) {
			if (headers.authorization !== undefined) expect(KEY_HOSTS).toContain(host);
		}
		expect(`${JSON.stringify(items)} ${said}`).not.toContain(key);
		expect(said).not.toMatch(/<html|<body/);
		for (const { fileName, mimeType } of Object.values(items[0]?.binary ?? {})) {
			expect(fileName).not.toMatch(/[\\/]/);
			expect(mimeType).toBe('video/mp4');
		}
	},
	180_000,
);
