import { onAbort } from './abort';
import type { Clock } from './clock';

/** The information about the request rate in an answer. */
export interface Verdict {
	/** The server asks for fewer requests (429, 503). */
	refused: boolean;
	retryAfterMs?: number;
	/** The duration of the request says nothing about the server. */
	isUntimed?: boolean;
}

export interface Turn<T> {
	/** When it aborts, the work runs immediately, without a turn. It must then send nothing. */
	signal: AbortSignal;
	/** Goes before work in the same lane that is not urgent. */
	urgent?: boolean;
	judge: (result: T) => Verdict;
}

/** The rate of the requests to one server. */
export interface Rate {
	openLane(): Lane;
	/** Whether refusals or slow answers keep the rate below its initial value. */
	isLimited(): boolean;
}

/** One of the senders that share a rate. */
export type Lane = <T>(work: () => Promise<T>, turn: Turn<T>) => Promise<T>;

export interface RateLimits {
	/** Requests per second before the first refusal. */
	firstPerSecond: number;
	mostPerSecond: number;
	/** The maximum number of requests in flight at once. */
	atOnce: number;
}

/** The share of the rate to keep after a refusal (RFC 9438, 4.6). */
const DECREASE = 0.8;
/**
 * How fast the rate grows again: the constant C of RFC 9438 (4.2), here as a share of the rate that was refused. So the
 * rate is back at that value after 5.8 s, however high it is. At a provider with a fixed limit, each refusal costs a pause
 * of a second or more, so they should be rare.
 */
const GROWTH = 0.001;
/** Seconds until the rate is back at the value that was refused. */
const FLAT_AT = Math.cbrt((1 - DECREASE) / GROWTH);
const LEAST_PER_SECOND = 1;
/** With at least this many good answers in the last second, they show which rate the server accepts. */
const MEASURABLE = 2;
/** The assumed rate of a server that refuses a request when there are too few answers to measure its rate. */
const ASSUMED_PER_SECOND = 10;
/** After a pause, the requests of this many seconds may be sent together, since timers are not exact. */
const BURST_SECONDS = 0.05;
/**
 * A server counts as overloaded if its answers take longer than `times` the fastest answer plus `ms` milliseconds. With
 * each answer, the fastest time grows by the factor `forgotten`, since a network may become slower permanently.
 */
const SLOW = { times: 3, ms: 300, forgotten: 1.01 } as const;
/**
 * The pause after a refusal without a Retry-After, or after several at once: limits often apply to each second, and the
 * limit of this second is used up.
 */
const PAUSE_MS = { one: 500, several: 1_000 } as const;
/** If a server asks for a longer pause, this is usually a mistake. */
const LONGEST_PAUSE_MS = 120_000;

interface Waiting {
	start: (admitted: boolean) => void;
	isOver: boolean;
	next?: Waiting;
}

/**
 * Sends requests to one server as fast as the server accepts them. Until the first refusal, the rate grows with every
 * good answer. A refusal cuts it to a share of the rate that the server just accepted. If answers take much longer than
 * before, the rate is cut to a share of its current value. After a cut, it grows along the curve of CUBIC: fast at
 * first, slowly near the rate that was refused, then fast again (RFC 9438; the AWS SDKs do the same in their "adaptive"
 * retry mode). The rate grows only while requests wait.
 *
 * The lanes take turns, so a sender with one request does not wait for all requests of another sender.
 */
export function createRate(clock: Clock, { firstPerSecond, mostPerSecond, atOnce }: RateLimits): Rate {
	const pace = createPace(clock, firstPerSecond, mostPerSecond);
	/** Lanes with waiting requests, the next one first. */
	const lanes: Line[] = [];
	let inFlight = 0;
	let isResting = false;

	function pump(): void {
		while (lanes.length > 0 && inFlight < atOnce && !isResting) {
			const pauseMs = pace.take();
			if (pauseMs > 0) {
				isResting = true;
				void clock.sleep(pauseMs).then(() => {
					isResting = false;
					pump();
				});
				return;
			}
			const line = lanes.shift()!;
			const waiting = line.next();
			if (!line.isEmpty()) lanes.push(line);
			if (!waiting) {
				pace.putBack();
				continue;
			}
			inFlight++;
			waiting.start(true);
		}
	}

	async function admitted(line: Line, signal: AbortSignal, urgent: boolean): Promise<boolean> {
		if (signal.aborted) return false;
		return await new Promise<boolean>((resolve) => {
			const waiting: Waiting = {
				isOver: false,
				start(isAdmitted) {
					waiting.isOver = true;
					forget();
					resolve(isAdmitted);
				},
			};
			const forget = onAbort(signal, () => waiting.start(false));
			if (line.isEmpty()) lanes.push(line);
			line.add(waiting, urgent);
			pump();
		});
	}

	function openLane(): Lane {
		const line = createLine();
		return async (work, { signal, urgent = false, judge }) => {
			if (!(await admitted(line, signal, urgent))) return await work();
			const answered = pace.sent();
			let verdict: Verdict | undefined;
			try {
				const result = await work();
				verdict = judge(result);
				return result;
			} finally {
				inFlight--;
				answered(verdict, lanes.length > 0);
				pump();
			}
		};
	}

	return { openLane, isLimited: () => pace.perSecond() < firstPerSecond };
}

/** Decides when the next request may be sent. */
function createPace(clock: Clock, firstPerSecond: number, mostPerSecond: number) {
	const speed = createSpeed(firstPerSecond, mostPerSecond);
	const isSlow = createSlowness();
	let tokens = 1;
	let filledAt = clock.now();
	const pause = createPause(clock);
	/** How many good answers arrived in about the last second. */
	let good = 0;
	let answeredAt = clock.now();
	let cuts = 0;

	/** Between 0 and 1, in case the system clock was changed. */
	const secondsSince = (at: number) => Math.min(1, Math.max(0, (clock.now() - at) / 1000));

	function cut(isRefused: boolean, isBusy: boolean): void {
		// The number of recent answers does not show the server's limit if this process was blocked, or if few requests
		// were in flight.
		const least = isBusy && good >= MEASURABLE ? 0 : ASSUMED_PER_SECOND;
		speed.cut(isRefused ? Math.max(good, least) : Infinity);
		tokens = Math.min(tokens, 0);
		cuts++;
	}

	return {
		perSecond: () => speed.perSecond(),
		/** Takes a turn. Returns 0, or how many milliseconds to wait before the next try. */
		take(): number {
			const perSecond = speed.perSecond();
			const longest = Math.max(1, perSecond * BURST_SECONDS);
			tokens = Math.min(longest, tokens + secondsSince(filledAt) * perSecond);
			filledAt = clock.now();
			const leftMs = Math.max(pause.leftMs(), tokens >= 1 ? 0 : (1000 * (1 - tokens)) / perSecond);
			if (leftMs === 0) tokens--;
			// Timers accept only whole milliseconds.
			return Math.ceil(leftMs);
		},
		putBack: () => void tokens++,
		/** @returns a function to call with the verdict (undefined if the work threw), and whether other requests wait */
		sent(): (verdict: Verdict | undefined, isBusy: boolean) => void {
			const sentAt = clock.now();
			const cutsBefore = cuts;
			return (verdict, isBusy) => {
				const passed = secondsSince(answeredAt);
				answeredAt = clock.now();
				good *= Math.exp(-passed);
				const isRefused = verdict?.refused === true;
				// Requests that were in flight when the rate was cut say nothing about the new rate.
				const isFirst = cutsBefore === cuts;
				const isLate = !verdict?.isUntimed && isSlow(Math.max(0, clock.now() - sentAt));
				if (isRefused || isLate) {
					if (isFirst) cut(isRefused, isBusy);
				} else if (isBusy) speed.grow(passed);
				if (!isRefused) good++;
				const unnamedMs = !isRefused ? 0 : isFirst ? PAUSE_MS.one : PAUSE_MS.several;
				const { retryAfterMs = unnamedMs } = verdict ?? {};
				pause.begin(Math.min(retryAfterMs, LONGEST_PAUSE_MS));
			};
		},
	};
}

/** The pause that refusals ask for. It begins when the answer arrives, and its time runs even if no request waits. */
function createPause(clock: Clock) {
	let begunAt = clock.now();
	let pauseMs = 0;
	const leftMs = () => {
		const passedMs = clock.now() - begunAt;
		// If the clock was set back to before the answer, the pause ends: the next refusal starts a new one.
		return passedMs < 0 ? 0 : Math.max(0, pauseMs - passedMs);
	};
	return {
		leftMs,
		/** Requests that were in flight together get the same pause, so their pauses do not add up. */
		begin(ms: number): void {
			if (ms <= leftMs()) return;
			begunAt = clock.now();
			pauseMs = ms;
		},
	};
}

/** The rate in requests per second, and how it grows and is cut. */
function createSpeed(firstPerSecond: number, mostPerSecond: number) {
	let perSecond = firstPerSecond;
	/** The rate that was refused, and how many seconds requests have waited since then. */
	let refusedPerSecond: number | undefined;
	let grownSeconds = 0;
	return {
		perSecond: () => perSecond,
		/** @param acceptedPerSecond the rate that the server just accepted */
		cut(acceptedPerSecond: number): void {
			refusedPerSecond = Math.min(perSecond, acceptedPerSecond);
			perSecond = Math.max(LEAST_PER_SECOND, refusedPerSecond * DECREASE);
			grownSeconds = 0;
		},
		/**
		 * Lets the rate grow after a good answer.
		 * @param seconds time since the previous answer
		 */
		grow(seconds: number): void {
			if (refusedPerSecond === undefined) perSecond++;
			else {
				grownSeconds += seconds;
				const share = 1 + GROWTH * (grownSeconds - FLAT_AT) ** 3;
				perSecond = Math.max(perSecond, share * refusedPerSecond);
			}
			perSecond = Math.min(mostPerSecond, perSecond);
		},
	};
}

/** @returns a function that gets the time of each answer, and reports whether answers take much longer than before */
function createSlowness(): (tookMs: number) => boolean {
	let usualMs: number | undefined;
	let quickestMs = Infinity;
	return (tookMs) => {
		usualMs = usualMs === undefined ? tookMs : 0.9 * usualMs + 0.1 * tookMs;
		quickestMs = Math.min(quickestMs * SLOW.forgotten, usualMs);
		const isSlow = usualMs > quickestMs * SLOW.times + SLOW.ms;
		// The next answers show whether the server is still slow.
		if (isSlow) usualMs = undefined;
		return isSlow;
	};
}

type Line = ReturnType<typeof createLine>;

/** The requests that wait in one lane. */
function createLine() {
	const urgent = createQueue();
	const others = createQueue();
	return {
		add: (waiting: Waiting, isUrgent: boolean) => (isUrgent ? urgent : others).add(waiting),
		isEmpty: () => urgent.isEmpty() && others.isEmpty(),
		next: () => urgent.next() ?? others.next(),
	};
}

/** A linked list, because removing the first element of a long array moves all the others. */
function createQueue() {
	let first: Waiting | undefined;
	let last: Waiting | undefined;
	return {
		add(waiting: Waiting): void {
			if (first) last!.next = waiting;
			else first = waiting;
			last = waiting;
		},
		isEmpty: () => first === undefined,
		/** Removes and returns the first request that still waits. */
		next(): Waiting | undefined {
			let waiting = first;
			while (waiting?.isOver) waiting = waiting.next;
			first = waiting?.next;
			return waiting;
		},
	};
}
