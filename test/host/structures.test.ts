import type { SandboxJob } from '../../sandbox';
import { WAIT_NAMES } from './hostCase';
import { pool, POOL_MS } from './pool';
import { ITEMS, playStructure, STRUCTURE_CASES, type StructureCase } from './structures';
import { described, MAX_WAKES, type Played } from './workflow';

/**
 * Luma Ray in a loop, after two branches, twice in a row and in a sub-workflow. Each item must be paid for once and
 * passed on once.
 */

interface Observation extends Played {
	jobs: SandboxJob[];
}

let observations: Map<StructureCase, Observation | Error>;

beforeAll(async () => {
	observations = await pool(STRUCTURE_CASES, 0.1, async (one, sandbox) => ({
		...(await playStructure(one, nameOf(one), sandbox)),
		jobs: structuredClone(sandbox.jobs),
	}));
}, POOL_MS);

afterAll(() => {
	const jobs = [...observations.values()].flatMap((one) => (one instanceof Error ? [] : one.jobs));
	process.stdout.write(`${observations.size} combinations of structures, ${jobs.length} jobs\n`);
});

function nameOf({ structure, operation, provider, order, waitBy, alwaysOutputData }: StructureCase): string {
	const always = alwaysOutputData ? ', Always Output Data' : '';
	return `${structure}: ${operation} at ${provider}, order ${order}, ${WAIT_NAMES[waitBy]}${always}`;
}

/** The prompts of the jobs, and the items that each run of the node Record receives. */
const EXPECTED: { [structure in StructureCase['structure']]: { jobs: string[]; received: string[][] } } = {
	'a loop': { jobs: prompts(), received: [videos()] },
	'two branches': { jobs: [...prompts(), ...prompts(' below')], received: [videos(), videos(' below')] },
	'two in a row': { jobs: [...prompts(), ...prompts(' again')], received: [videos(' again')] },
	'a sub-workflow': { jobs: prompts(), received: [videos()] },
};

function prompts(suffix = ''): string[] {
	return ITEMS.map(({ prompt }) => prompt + suffix);
}

function videos(suffix = ''): string[] {
	return ITEMS.map(({ number, prompt }) => `video of "${prompt}${suffix}" from item ${number}`);
}

function byText(one: string[], other: string[]): number {
	return one.join().localeCompare(other.join());
}

test.each(STRUCTURE_CASES.map((one) => [nameOf(one), one] as const))(
	'pays once per item and passes each video on once: %s',
	(_name, one) => {
		const observation = observations.get(one)!;
		if (observation instanceof Error) throw observation;
		const { run, received, wakes, jobs } = observation;
		const expected = EXPECTED[one.structure];

		expect({
			status: run.status,
			error: run.data.resultData.error?.message,
			jobs: jobs.map(({ input }) => input.prompt).sort(),
			received: received.map(({ items }) => items.map((item) => described(item, { jobs }))).sort(byText),
		}).toEqual({
			status: 'success',
			error: undefined,
			jobs: expected.jobs.sort(),
			// The order of the branches does not matter.
			received: expected.received.sort(byText),
		});
		expect(wakes).toBeLessThan(MAX_WAKES);
		if (one.waitBy !== 'wait') expect(wakes).toBeGreaterThan(0);
	},
);
