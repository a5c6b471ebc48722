import type { Random } from './random';

/** What can go wrong between this package and a provider, by kind of request. The sandbox has the same faults. */

/** What the sender of a request receives. */
export type Answer =
	/** The correct answer. */
	| 'good'
	/** An answer that cannot be used: a reset, HTML, half a body, or an unexpected shape. */
	| 'nothing'
	/** No answer until the sender's timeout. */
	| 'silence'
	/** The connection was never established. */
	| 'unsent'
	/** An error that does not prove a refusal, but names the job that the request started. */
	| 'named'
	/** A temporary refusal: try again later, after `retryAfterSeconds` if it is set. */
	| 'later'
	/** A permanent refusal. */
	| 'no'
	| 'notFound';

export interface Mishap {
	/** Whether the provider carries out the request. `either`: decided at random. */
	taken: boolean | 'either';
	answer: Answer;
	/** The longest time that the request can take to arrive, in seconds. */
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

const ARRIVES_WITHOUT_ANSWER = {
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
	...ARRIVES_WITHOUT_ANSWER,
	...TRY_LATER,
	slow: SLOW,
	'200 without id': { taken: true, answer: 'nothing' },
	/**
	 * A gateway answers with its own JSON that it is busy, but the provider behind the gateway has accepted the job.
	 */
	'503 foreign JSON': { taken: true, answer: 'nothing' },
	'503 names job': { taken: true, answer: 'named' },
	/** The request is accepted long after the sender's timeout. */
	takenLate: { taken: true, answer: 'silence', slowSeconds: 85 },
	neverConnected: { taken: false, answer: 'unsent' },
	'401': { taken: false, answer: 'no' },
	'422': { taken: false, answer: 'no' },
} as const satisfies { [kind: string]: Mishap };

const READ = {
	...NEVER_ARRIVES,
	...ARRIVES_WITHOUT_ANSWER,
	...TRY_LATER,
	slow: SLOW,
	neverConnected: { taken: false, answer: 'nothing' },
	/** A job that exists cannot be found for a moment. */
	'404': { taken: false, answer: 'notFound' },
} as const satisfies { [kind: string]: Mishap };

/**
 * Faults by kind of request. A `401` to a read is final and ends a story early, so it comes only from `keyFails`,
 * which is rare.
 */
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
		truncated: ARRIVES_WITHOUT_ANSWER.truncated,
		'503': TRY_LATER['503'],
		slow: SLOW,
		'404': { taken: false, answer: 'no' },
	},
} as const satisfies { [request: string]: { [kind: string]: Mishap } };

export type RequestKind = keyof typeof MISHAPS;

/** How an answer that arrives can be wrong. The code that follows a job must handle all of them. */
const LIES = {
	progress: ['backToQueue', 'unknownStatus', 'endedTooEarly'],
	/**
	 * `recordLags`: the record of a job is older than its row in the queue. `noUrlYet`: the job succeeded, but its
	 * video has no URL for a while. `badResult`: the first read of the result returns an error. `noVideo`: a result
	 * without a video.
	 */
	outcome: ['recordLags', 'noUrlYet', 'badResult', 'noVideo'],
	/**
	 * `fewer`: the provider accepts fewer generations than were ordered. `namesFewer`: it accepts all of them, but its
	 * answer repeats one ID, so only one job is known.
	 */
	submit: ['fewer', 'namesFewer'],
	/** `withoutModels`: the list shows the account's jobs of all models, without the name of the model. */
	list: ['lagging', 'withoutPrompts', 'fewParameters', 'withoutTimes', 'withoutModels'],
	cancel: ['withoutEffect'],
} as const;

export type ListLie = (typeof LIES)['list'][number];

/** The faults of an event stream. `noRoom`: the stream accepts no more jobs. */
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

/** How many faults of each kind have happened, by `request.kind`. */
export type FaultCounts = Map<string, number>;

/** Decides which faults occur in one story, and counts them. */
export class FaultDice {
	constructor(
		private readonly random: Random,
		/** The probability of a fault, for each request. */
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

	/** A read with a key that no longer works fails permanently. */
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

	/** For faults that would end most stories early if they were as likely as the others. */
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
