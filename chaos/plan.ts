import type { RunSetting } from '../nodes/LumaRay/jobs/setting';
import type { FileSource } from '../nodes/LumaRay/models/files';
import type { Order } from '../nodes/LumaRay/providers/provider';
import { drawHost, type Host } from './host';
import type { Random } from './random';

/** What a person has set up, and what will happen to it. */
export interface Plan {
	items: number;
	/** All items are the same to the provider: prompt, image and all. */
	sameItems: boolean;
	/** All items have the same prompt and image; their resolution and duration differ. */
	samePrompts: boolean;
	generations: number;
	binaryImages: boolean;
	setting: Pick<
		RunSetting<string>,
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
	/** Retry On Fail: tries in all, and milliseconds between them. */
	tries: number;
	waitMs: number;
	/** How often the node runs in one execution, as in a loop. */
	runs: number;
	/** How likely any request meets a fault. */
	faultProbability: number;
	host: Host;
}

/** What cuts an execution short, and after how many steps of its process. */
export interface Interruption {
	kind: 'stop' | 'crash';
	afterSteps: number;
}

export function drawPlan(random: Random): Plan {
	const follow = random.pick(['auto', 'auto', 'auto', 'auto', 'poll', 'poll', 'direct', 'none'] as const);
	const parks = follow === 'auto' && random.chance(0.3);
	const host = drawHost(random, parks);
	return {
		items: random.chance(0.2) ? random.integer(8, 20) : random.integer(1, 7),
		sameItems: random.chance(0.15),
		samePrompts: random.chance(0.15),
		generations: follow !== 'direct' && random.chance(0.1) ? random.integer(2, 3) : 1,
		binaryImages: random.chance(0.2),
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

const RESOLUTIONS = ['540p', '720p', '1080p'] as const;
const DURATIONS = ['5s', '10s'] as const;
/** Live prices: none, free, and dear. None of them is part of what is ordered. */
const ESTIMATES: ReadonlyArray<Order['estimate']> = [
	{ usd: null, reason: 'unpublished', source: 'table' },
	{ usd: 0, source: 'live' },
	{ usd: 4, source: 'live' },
];

/** The order as a node that is called again has it: the same, with the price of the moment. */
export function priced(order: Order, random: Random): Order {
	return { ...order, estimate: random.pick(ESTIMATES) };
}

/** One item's order. `version` changes with the item's parameters. */
export function makeOrder(plan: Plan, index: number, version: number): Order {
	const name = plan.sameItems || plan.samePrompts ? 'all alike' : `item ${index}`;
	const image = `https://images.example/${plan.sameItems || plan.samePrompts ? 'same' : index}.png`;
	const kind = plan.sameItems ? 0 : index;
	return {
		model: 'animate',
		input: {
			imageUrl: plan.binaryImages ? binaryImage(image) : image,
			prompt: `${name}, version ${version}`,
			aspectRatio: '16:9',
			resolution: RESOLUTIONS[kind % RESOLUTIONS.length],
			duration: DURATIONS[kind % DURATIONS.length],
			referenceImageUrls: [],
		},
		options: plan.generations === 1 ? {} : { generations: plan.generations },
		estimate: ESTIMATES[0],
	};
}

function binaryImage(identity: string): FileSource {
	const bytes = Buffer.alloc(1);
	return {
		field: 'data',
		fileName: 'image.png',
		mimeType: 'image/png',
		bytes: bytes.length,
		identity,
		open: async () => bytes,
		read: async () => bytes,
	};
}
