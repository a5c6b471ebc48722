import type { Random } from './random';

/** What can go wrong between this package and a provider, by the kind of request. The sandbox has the same kinds. */

/** What the sender of a request gets to see. */
export type Answer =
	/** The answer that belongs to the request. */
	| 'good'
	/** No answer, or none that says anything: reset, HTML, half a body, another shape. */
	| 'nothing'
	/** No answer until the sender gives up. */
	| 'silence'
	/** The connection never came to be. */
	| 'unsent'
	/** An error that proves nothing, and yet names the job that the request led to. */
	| 'named'
	/** Not now: try again, later where `retryAfter` says so. */
	| 'later'
	/** A refusal for good. */
	| 'no'
	| 'notFound';

export interface Mishap {
	/** Whether the provider carries the request out; by chance where it is `either`. */
	taken: boolean | 'either';
	answer: Answer;
	/** Seconds that the request is on its way, at most. */
	slowSeconds?: number;
	retryAfterSeconds?: number;
}

const NEVER_ARRIVES = {
	resetBefore: { taken: false, answer: 'nothing' },
	hangBefore: { taken: false, answer: 'silence' },
	'502 HTML': { taken: 'either', answer: 'nothing' },
	'504 HTML': { taken: 'either', answer: 'nothing' },
	'503 HTML': { taken: 'either', answer: 'nothing' },
	'500': { taken: 'either', answer: 'nothing' },
} as const satisfies { [kind: string]: Mishap };

const ARRIVES_AND_NOBODY_KNOWS = {
	resetAfter: { taken: true, answer: 'nothing' },
	hangAfter: { taken: true, answer: 'silence' },
	truncated: { taken: true, answer: 'nothing' },
	wrongShape: { taken: true, answer: 'nothing' },
} as const satisfies { [kind: string]: Mishap };

const TRY_LATER = {
	'429': { taken: false, answer: 'later', retryAfterSeconds: 3 },
	'503': { taken: false, answer: 'later' },
} as const satisfies { [kind: string]: Mishap };

const SLOW = { taken: true, answer: 'good', slowSeconds: 20 } as const satisfies Mishap;

const PAID = {
	...NEVER_ARRIVES,
	...ARRIVES_AND_NOBODY_KNOWS,
	...TRY_LATER,
	slow: SLOW,
	'200 without id': { taken: true, answer: 'nothing' },
	/** A gateway in between says that it is busy, in JSON of its own; the provider behind it has taken the job. */
	'503 foreign JSON': { taken: true, answer: 'nothing' },
	'503 names job': { taken: true, answer: 'named' },
	/** Taken long after the sender has given up. */
	takenLate: { taken: true, answer: 'silence', slowSeconds: 85 },
	neverConnected: { taken: false, answer: 'unsent' },
	'401': { taken: false, answer: 'no' },
	'422': { taken: false, answer: 'no' },
} as const satisfies { [kind: string]: Mishap };

const READ = {
	...NEVER_ARRIVES,
	...ARRIVES_AND_NOBODY_KNOWS,
	...TRY_LATER,
	slow: SLOW,
	neverConnected: { taken: false, answer: 'nothing' },
	/** A job that was seen before is not known for a moment. */
	'404': { taken: false, answer: 'notFound' },
} as const satisfies { [kind: string]: Mishap };

/** By kind of request. What is final for a read (`401`) is rare: it would end most stories early. */
const MISHAPS = {
	submit: PAID,
	generate: PAID,
	upload: { ...READ, '401': { taken: false, answer: 'no' } },
	progress: READ,
	outcome: READ,
	cancel: READ,
	list: READ,
	collect: {
		resetBefore: NEVER_ARRIVES.resetBefore,
		truncated: ARRIVES_AND_NOBODY_KNOWS.truncated,
		'503': TRY_LATER['503'],
		slow: SLOW,
		'404': { taken: false, answer: 'no' },
	},
} as const satisfies { [request: string]: { [kind: string]: Mishap } };

export type RequestKind = keyof typeof MISHAPS;

/** How answers that arrive can mislead: the truth is elsewhere, and a follower must live with it. */
const LIES = {
	progress: ['backToQueue', 'unknownStatus', 'endedTooEarly'],
	/**
	 * `recordLags`: the record of a job is older than its row in the queue. `noUrlYet`: it succeeded, and its video has no
	 * address for a while. `badResult`: one error in the place of the result. `noVideo`: a result without a video.
	 */
	outcome: ['recordLags', 'noUrlYet', 'badResult', 'noVideo'],
	/**
	 * `fewer`: the provider takes fewer generations than it was asked for. `namesFewer`: it takes all, and its answer holds
	 * one id over and over, so that the jobs see only one.
	 */
	submit: ['fewer', 'namesFewer'],
	/** `withoutModels`: it shows the account's jobs of all models, and does not name them. */
	list: ['lagging', 'withoutPrompts', 'fewParameters', 'withoutTimes', 'withoutModels'],
	cancel: ['withoutEffect'],
} as const;

export type ListLie = (typeof LIES)['list'][number];

/** What an event stream can do. `noRoom`: the stream takes no more jobs. */
const STREAM_LIES = [
	'silence',
	'death',
	'duplicate',
	'reorder',
	'missed',
	'foreign',
	'noRoom',
	'neverReady',
] as const;
export type StreamLie = (typeof STREAM_LIES)[number];

/** How many faults of each kind have been played, by `request.kind`. */
export type FaultCounts = Map<string, number>;

/** Decides what goes wrong in one story, and counts it. */
export class FaultDice {
	constructor(
		private readonly random: Random,
		/** How likely it is that any one request meets a fault. */
		private readonly probability: number,
		private readonly counts: FaultCounts,
	) {}

	mishap(request: RequestKind): (Mishap & { kind: string }) | undefined {
		if (!this.random.chance(this.probability)) return undefined;
		const table: { [kind: string]: Mishap } = MISHAPS[request];
		const kind = this.random.pick(Object.keys(table));
		this.count(`${request}.${kind}`);
		return { kind, ...table[kind] };
	}

	/** A key that no longer works is final for a read. */
	keyFails(): boolean {
		return this.strikes('read.401', this.probability / 20);
	}

	lie<K extends keyof typeof LIES>(request: K): (typeof LIES)[K][number] | undefined {
		if (!this.random.chance(this.probability)) return undefined;
		const kind = this.random.pick<(typeof LIES)[K][number]>(LIES[request]);
		this.count(`${request}.${kind}`);
		return kind;
	}

	streamLie(): StreamLie | undefined {
		if (!this.random.chance(this.probability)) return undefined;
		const kind = this.random.pick(STREAM_LIES);
		this.count(`stream.${kind}`);
		return kind;
	}

	/** For what would end most stories early if it were as likely as the others. */
	rarely(what: string): boolean {
		return this.strikes(what, this.probability / 5);
	}

	strikes(what: string, probability: number): boolean {
		if (!this.random.chance(probability)) return false;
		this.count(what);
		return true;
	}

	private count(what: string): void {
		this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
	}
}
