import type { RunContext } from '../nodes/LumaRay/jobs/context';
import { MODEL_NAMES, type ModelName, type ProviderId } from '../nodes/LumaRay/models/names';
import { isFileParameter } from '../nodes/LumaRay/models/parameters';
import { CATALOGUES } from '../nodes/LumaRay/providers/catalogues';
import type { Order } from '../nodes/LumaRay/providers/provider';
import { drawHost, type Host } from './host';
import { binaryFile, makeInput } from './inputs';
import { Random } from './random';

/** What a user has set up, and what will happen to it. */
export interface Plan {
	items: number;
	provider: ProviderId;
	/** The models that the items order, in turn. Several models represent several nodes in one process. */
	models: readonly ModelName[];
	/** The seed for the other parameters of the items. */
	inputSeed: number;
	/** All items are identical for the provider, including the prompt and the files. */
	sameItems: boolean;
	/** All items have the same prompt and files; their other parameters differ. */
	samePrompts: boolean;
	generations: number;
	/** Most files come from the workflow's binary data. */
	binaryFiles: boolean;
	setting: Pick<
		RunContext<string>,
		| 'follow'
		| 'timeoutMs'
		| 'cancelOnTimeout'
		| 'cancelOnStop'
		| 'pollIntervalSeconds'
		| 'concurrency'
		| 'failFast'
	>;
	/** The execution is parked while the jobs run. */
	parks: boolean;
	downloads: boolean;
	/** Retry On Fail: the total number of tries, and the milliseconds between them. */
	tries: number;
	waitMs: number;
	/** The number of times that the node runs in one execution, as in a loop. */
	runs: number;
	/** The probability of a fault, for each request. */
	faultProbability: number;
	host: Host;
}

/** The event that interrupts an execution, and the number of steps before it. */
export interface Interruption {
	kind: 'stop' | 'crash';
	afterSteps: number;
}

export function drawPlan(random: Random): Plan {
	const follow = random.pick(['auto', 'auto', 'auto', 'auto', 'poll', 'poll', 'direct', 'none'] as const);
	const parks = follow === 'auto' && random.chance(0.3);
	const host = drawHost(random, parks);
	const generations = follow !== 'direct' && random.chance(0.1) ? random.integer(2, 3) : 1;
	const ordersSeveral = ({ generationsField }: { generationsField?: string }) =>
		generationsField !== undefined;
	const providers = Object.values(CATALOGUES).filter((one) => generations === 1 || ordersSeveral(one));
	return {
		provider: random.pick(providers).id,
		models: random.chance(0.5) ? [random.pick(MODEL_NAMES)] : MODEL_NAMES,
		inputSeed: random.integer(0, 0xffff_ffff),
		items: random.chance(0.2) ? random.integer(8, 20) : random.integer(1, 7),
		sameItems: random.chance(0.15),
		samePrompts: random.chance(0.15),
		generations,
		binaryFiles: random.chance(0.3),
		setting: {
			follow,
			timeoutMs: random.pick([0.2, 1, 5, 30, 30, 30]) * 60_000,
			cancelOnTimeout: random.chance(0.3),
			cancelOnStop: random.chance(0.8),
			pollIntervalSeconds: random.chance(0.2) ? random.integer(1, 30) : undefined,
			concurrency: random.pick([1, 2, 10, 10, 10]),
			failFast: random.chance(0.5),
		},
		parks,
		downloads: random.chance(0.4),
		tries: random.chance(0.4) ? 1 : random.integer(2, 5),
		waitMs: random.integer(0, 5_000),
		runs: random.chance(0.1) && !host.tool ? 2 : 1,
		faultProbability: random.pick([0, 0.02, 0.1, 0.3]),
		host,
	};
}

export function drawInterruption(random: Random, { items }: Plan): Interruption | undefined {
	if (random.chance(0.5)) return undefined;
	return { kind: random.pick(['stop', 'crash']), afterSteps: random.integer(0, items * 25) };
}

/** Live prices: none, free, and high. The price is not part of the order. */
const ESTIMATES: ReadonlyArray<Order['estimate']> = [
	{ usd: null, reason: 'unpublished', source: 'table' },
	{ usd: 0, source: 'live' },
	{ usd: 4, source: 'live' },
];

/** The order as a repeated call of the node makes it: unchanged except for the current price. */
export function priced(order: Order, random: Random): Order {
	return { ...order, estimate: random.pick(ESTIMATES) };
}

/** One item's order. A different `version` changes the item's parameters. */
export function makeOrder(plan: Plan, index: number, version: number): Order {
	const { models, provider, inputSeed, sameItems, samePrompts, binaryFiles, generations } = plan;
	const isAlike = sameItems || samePrompts;
	const kind = sameItems ? 0 : index;
	const model = models[kind % models.length];
	const chance = new Random(inputSeed + kind);
	const input = makeInput(CATALOGUES[provider].models[model], {
		prompt: `${isAlike ? 'all alike' : `item ${index}`}, version ${version}`,
		file: (parameter, place) => {
			const name = `${parameter}-${isAlike ? 'same' : index}${place > 0 ? `-${place}` : ''}`;
			const isBinary = binaryFiles && isFileParameter(parameter) && chance.chance(0.8);
			return isBinary ? binaryFile(name, 'application/octet-stream') : `https://files.example/${name}`;
		},
		pick: (choices) => chance.pick(choices),
		isSet: () => chance.chance(0.5),
	});
	return { model, input, options: generations === 1 ? {} : { generations }, estimate: ESTIMATES[0] };
}
