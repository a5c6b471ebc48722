import { MODEL_NAMES } from '../../nodes/LumaRay/models/names';
import { startSandbox, type RecordedRequest, type SandboxJob } from '../../sandbox';
import { sandboxCredentials } from '../../harness/engine/engine';
import {
	chanceOf,
	drawItems,
	endingOf,
	faultsFor,
	HOST_CASES,
	jobSeconds,
	nameOf,
	orderedOf,
	type DrawnItem,
	type HostCase,
} from './hostCase';
import { formOrder } from '../support/family';
import { pool, POOL_MS } from './pool';
import {
	described,
	linked,
	lumaRayOf,
	MAX_WAKES,
	nodeOf,
	play,
	recordOf,
	settingsOf,
	type Played,
} from './workflow';

/**
 * Every combination of the node's settings in n8n's own engine. In each of them, every item must be paid for once and
 * every video must be returned once.
 */

/** n8n's maximum number of tries. It is enough for three items that each need an additional try. */
const MAX_TRIES = 5;

interface Observation extends Played {
	items: DrawnItem[];
	wakesEarly: boolean;
	/** A copy, because the sandbox is used again. */
	jobs: SandboxJob[];
	submits: RecordedRequest[];
}

let observations: Map<HostCase, Observation | Error>;

beforeAll(async () => {
	observations = await pool(HOST_CASES, jobSeconds, observe);
}, POOL_MS);

afterAll(() => {
	const all = [...observations.values()].filter((one): one is Observation => !(one instanceof Error));
	const sum = (count: (one: Observation) => number) => all.reduce((total, one) => total + count(one), 0);
	process.stdout.write(
		`${observations.size} combinations, ${sum(({ jobs }) => jobs.length)} jobs, ${sum(({ wakes }) => wakes)} wakes\n`,
	);
});

async function observe(
	hostCase: HostCase,
	sandbox: Awaited<ReturnType<typeof startSandbox>>,
): Promise<Observation> {
	const { operation, provider, order, waitBy, onError, alwaysOutputData, executeOnce, retryOnFail } =
		hostCase;
	const chance = chanceOf(nameOf(hostCase));
	const items = drawItems(hostCase, chance);
	for (const item of items) {
		for (const rule of faultsFor(item, provider, sandbox)) sandbox.faults.add(rule);
	}
	const wakesEarly = chance.chance(0.5);
	const form = formOrder(provider, operation, { binary: chance.chance(0.3) });
	const played = await play({
		nodes: [
			nodeOf('Start', 'pass'),
			lumaRayOf(
				form.parameters,
				waitBy,
				{ downloadVideo: downloadsIn(items) },
				{
					onError,
					alwaysOutputData,
					executeOnce,
					retryOnFail,
					...(retryOnFail ? { maxTries: MAX_TRIES, waitBetweenTries: 1 } : {}),
				},
			),
			recordOf(),
			recordOf('Record Errors', 1),
		],
		connections: linked({
			Start: [['Luma Ray']],
			'Luma Ray': [['Record'], ...(onError === 'continueErrorOutput' ? [['Record Errors']] : [])],
		}),
		settings: settingsOf(order),
		credentials: sandboxCredentials(sandbox),
		sandbox,
		executionId: nameOf(hostCase),
		waitBy,
		wakesEarly,
		items: items.map(({ number, prompt }) => ({ json: { number, prompt }, binary: form.binary })),
		received: [],
	});
	return {
		...played,
		items,
		wakesEarly,
		jobs: structuredClone(sandbox.jobs),
		submits: sandbox.requests.filter(({ endpoint }) => endpoint === 'submit'),
	};
}

function downloadsIn(items: DrawnItem[]): boolean {
	return items.some(({ situation }) => situation === 'download breaks');
}

test('there are 432 combinations, each only once', () => {
	expect(new Set(HOST_CASES.map((one) => nameOf({ ...one, operation: 'animate' }))).size).toBe(432);
});

test('every operation is tested with every setting and with every pair of settings', () => {
	const pairs = HOST_CASES.flatMap((hostCase) => {
		const { operation, ...settings } = hostCase;
		const named = Object.entries(settings).map(([name, value]) => `${name}=${String(value)}`);
		return named.flatMap((one, place) =>
			named.slice(place).map((other) => ({ operation, pair: `${one} ${other}` })),
		);
	});
	const met = new Map<string, Set<string>>();
	for (const { operation, pair } of pairs) met.set(pair, (met.get(pair) ?? new Set()).add(operation));
	for (const [pair, operations] of met)
		expect([pair, [...operations].sort()]).toEqual([pair, [...MODEL_NAMES].sort()]);
});

test.each(HOST_CASES.map((hostCase) => [nameOf(hostCase), hostCase] as const))(
	'pays once per item and returns each video once: %s',
	(_name, hostCase) => {
		const observation = observations.get(hostCase)!;
		if (observation instanceof Error) throw observation;
		const { run, wakes, wakesEarly, received, jobs, items, submits } = observation;
		const ending = endingOf(hostCase, items);
		const seen = {
			status: run.status,
			jobs: countByPrompt(items, jobs),
			received: receivedBy(observation),
			error: run.data.resultData.error?.message,
		};

		// One assertion for everything, so that a failure shows all differences.
		expect({ situations: items.map(({ situation }) => situation), wakes, ...seen }).toEqual({
			situations: items.map(({ situation }) => situation),
			wakes: hostCase.waitBy === 'wait' ? 0 : expect.any(Number),
			status: ending.status,
			jobs: ending.status === 'error' ? expect.anything() : expectedJobs(hostCase, items),
			received: expectedReceived(hostCase, items),
			error: ending.status === 'error' ? expect.any(String) : undefined,
		});
		expect(wakes).toBeLessThan(MAX_WAKES);
		if (hostCase.waitBy !== 'wait' && ending.videos.length > 0) {
			expect(wakes).toBeGreaterThanOrEqual(wakesEarly ? 2 : 1);
		}
		expect(run.data.resultData.runData['Luma Ray'].length).toBeLessThanOrEqual(wakes + 1);
		expect(received.length).toBeLessThanOrEqual(2);
		judgeRefusals(hostCase, items, submits);
		if (ending.status === 'error') judgeError(observation);
	},
);

/** Accepted jobs by the number of their item. */
function countByPrompt(items: DrawnItem[], jobs: SandboxJob[]): number[] {
	return items.map(({ prompt }) => jobs.filter(({ input }) => input.prompt === prompt).length);
}

function expectedJobs(hostCase: HostCase, items: DrawnItem[]): number[] {
	const { videos } = endingOf(hostCase, items);
	return items.map(({ number }) => (videos.includes(number) ? 1 : 0));
}

/** What each node behind Luma Ray received, run by run. */
function receivedBy({ received, jobs }: Observation): { [node: string]: string[][] } {
	const byNode: { [node: string]: string[][] } = {};
	for (const { node, items } of received) {
		(byNode[node] ??= []).push(items.map((item) => described(item, { jobs })));
	}
	return byNode;
}

function expectedReceived(hostCase: HostCase, items: DrawnItem[]): { [node: string]: string[][] } {
	const { status, videos, failed } = endingOf(hostCase, items);
	if (status === 'error') return {};
	const file = downloadsIn(items) ? ' with its file' : '';
	const video = (number: number) => `video of "${items[number].prompt}"${file} from item ${number}`;
	const error = (number: number) => `error from item ${number}`;
	if (hostCase.onError !== 'continueErrorOutput') {
		const all = [...videos, ...failed].sort();
		return { Record: [all.map((number) => (videos.includes(number) ? video(number) : error(number)))] };
	}
	// With Always Output Data, n8n itself returns an empty item if the first output has none.
	const nothing: string[][] = hostCase.alwaysOutputData ? [['nothing']] : [];
	const first = videos.length > 0 ? [videos.map(video)] : nothing;
	return {
		...(first.length > 0 ? { Record: first } : {}),
		...(failed.length > 0 ? { 'Record Errors': [failed.map(error)] } : {}),
	};
}

/** A refused item may be submitted once in each try, and never again at a wake. */
function judgeRefusals(hostCase: HostCase, items: DrawnItem[], submits: RecordedRequest[]): void {
	for (const { prompt, situation } of orderedOf(hostCase, items)) {
		const sent = submits.filter(({ body }) => JSON.stringify(body).includes(prompt)).length;
		const most = hostCase.retryOnFail ? MAX_TRIES : 1;
		if (situation === 'refused') expect(sent).toBeLessThanOrEqual(most);
		else expect(sent).toBeLessThanOrEqual(situation === 'refused once' ? 2 : 1);
	}
}

/** An execution that ends with an error must not have paid twice for an item, and must name every paid job. */
function judgeError({ run, jobs, items }: Observation): void {
	const { error } = run.data.resultData;
	const said = `${error?.message} ${(error as { description?: string } | undefined)?.description}`;
	expect(error?.message).toContain('[item ');
	for (const { prompt, situation } of items) {
		const own = jobs.filter(({ input }) => input.prompt === prompt);
		expect(own.length).toBeLessThanOrEqual(situation === 'refused' ? 0 : 1);
		for (const { id } of own) expect(said).toContain(id);
	}
}
