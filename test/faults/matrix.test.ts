import { inspect } from 'node:util';

import { MODEL_NAMES } from '../../nodes/LumaRay/models/names';
import { startSandbox, type Host, type Sandbox } from '../../sandbox';
import { nameOf, type FaultCase } from './faultCase';
import { MATRIX } from './matrix';
import { observe, SANDBOX, type Observation } from './observe';

vi.mock('../../nodes/LumaRay/transport/alarms', async (load) => ({
	...(await load<object>()),
	setTimeLimit: (await import('./soonerLimit')).setSoonerLimit,
}));

/** Cases run at the same time, each with its own sandbox, because they spend most of their time waiting. */
const SIDE_BY_SIDE = 80;
/** Milliseconds after which a case counts as hanging. This is far more than it needs on a shared machine. */
const HANGS_AFTER_MS = 1_200_000;
/** The hosts that may receive the key of each provider. */
const KEY_HOSTS: { [provider: string]: Host[] } = {
	fal: ['queue', 'run', 'rest', 'api'],
	oxen: ['oxen'],
};

const observations = new Map<FaultCase, Observation>();

beforeAll(async () => {
	// The cases that wait longest start first.
	const waiting = [...MATRIX].sort((one, other) => patience(other) - patience(one));
	await Promise.all(
		Array.from({ length: SIDE_BY_SIDE }, async () => {
			const sandbox: Sandbox = await startSandbox(SANDBOX);
			for (let next = waiting.shift(); next; next = waiting.shift()) {
				observations.set(next, await observe(next, sandbox));
			}
			await sandbox.close();
		}),
	);
}, 1_800_000);

afterAll(() => {
	const jobs = [...observations.values()].reduce((sum, observation) => sum + observation.jobs.length, 0);
	process.stdout.write(
		`${observations.size} cases (fault × endpoint × provider × follow), ${jobs} jobs accepted\n`,
	);
});

/** The search for the job of an unanswered submit takes 15 seconds. */
function patience({ ending }: FaultCase): number {
	return ending.end === 'open' ? 15 : 1;
}

test('the matrix has at least 150 cases, each only once', () => {
	const names = MATRIX.map(nameOf);
	expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
	expect(names.length).toBeGreaterThanOrEqual(150);
});

test('every operation is tested with every fault that can occur in it', () => {
	const met = new Map<string, { operations: Set<string>; all: readonly string[] }>();
	for (const { what, operation, operations: all = MODEL_NAMES } of MATRIX) {
		const known = met.get(`${what} ${all.join()}`) ?? { operations: new Set(), all };
		known.operations.add(operation);
		met.set(`${what} ${all.join()}`, known);
	}
	for (const [what, { operations, all }] of met)
		expect([what, [...operations].sort()]).toEqual([what, [...all].sort()]);
});

test.each(MATRIX.map((faultCase) => [nameOf(faultCase), faultCase] as const))(
	'ends as specified and pays at most once: %s',
	(_name, faultCase) => {
		const observation = observations.get(faultCase)!;
		judgeEnding(faultCase, observation);
		judgeKeys(observation);
		judgeWords(observation);
		const { jobs, requests } = observation;
		expect(jobs.length).toBeLessThanOrEqual(1);
		const paidRequests = requests.filter(({ endpoint }) => endpoint === 'submit' || endpoint === 'run');
		expect(paidRequests.length).toBeLessThanOrEqual(faultCase.paidRequests ?? 1);
		expect(observation.ms).toBeLessThan(HANGS_AFTER_MS);
	},
);

function judgeEnding({ ending, provider, follow }: FaultCase, { items, error, jobs }: Observation): void {
	const said = `${error?.message} ${error?.description}`;
	switch (ending.end) {
		case 'succeeds':
			expect(error?.message).toBeUndefined();
			expect(jobs.map(({ status }) => status)).toEqual(['succeeded']);
			expect(items).toEqual([expect.objectContaining(ending.output ?? {})]);
			expect(items[0].json).toMatchObject({ status: 'succeeded' });
			// The answer to Oxen's blocking call contains no request ID.
			if (provider === 'fal' || follow !== 'direct') expect(items[0].json.requestId).toBe(jobs[0].id);
			return;
		case 'refused':
			expect(error?.message).toMatch(ending.message);
			expect(jobs).toHaveLength(0);
			return;
		case 'open':
			expect(error?.message).toContain('may have accepted the generation');
			expect(error?.description).toMatch(/not submitted again.*https:\/\//);
			expect(jobs).toHaveLength(ending.jobs);
			return;
		case 'fails':
			expect(said).toMatch(ending.message);
			expect(jobs).toHaveLength(1);
			expect(said).toContain(ending.id ?? jobs[0].id);
			if (ending.job) expect(jobs[0].status).toBe(ending.job);
			return;
		case 'failsUnnamed':
			expect(said).toMatch(ending.message);
			expect(jobs.map(({ status }) => status)).toEqual(['failed']);
	}
}

/** An error must name the item, say what happened and how to fix it, and must not contain an HTML page. */
function judgeWords({ error }: Observation): void {
	if (!error) return;
	expect(error.message).toMatch(/ \[item 0\]$/);
	expect(error.description).toBeTruthy();
	expect(`${error.message} ${error.description}`).not.toMatch(/<html|<body|undefined|\[object/);
}

/**
 * Each key may go only to the hosts in its credential, and must appear nowhere else. Some requests seen here may be
 * late requests of the sandbox's previous case, so the key in a request decides which hosts are allowed.
 */
function judgeKeys({ items, error, requests, keys }: Observation): void {
	const secrets = Object.values(keys).flatMap((key) => [key, key.split(':').pop()!]);
	const holdsKey = (text: string) => secrets.some((secret) => text.includes(secret));
	for (const { host, headers, url, body } of requests) {
		const { authorization = '', ...others } = headers;
		for (const [provider, key] of Object.entries(keys)) {
			if (authorization.includes(key)) expect(KEY_HOSTS[provider]).toContain(host);
		}
		expect(holdsKey(inspect([url, others, body], { depth: 5 }))).toBe(false);
	}
	expect(holdsKey(JSON.stringify([items, error, error?.message, error?.description]))).toBe(false);
}
