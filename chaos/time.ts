import type { Clock } from '../nodes/LumaRay/transport/clock';
import type { Random } from './random';

/** The start of virtual time, in Unix milliseconds. */
const START = Date.UTC(2026, 0, 1);

interface Timer {
	at: number;
	/** Timers that are due at the same time fire in the order they were set. */
	order: number;
	fire: () => void;
	/** The process that set the timer. Timers of a crashed process never fire. Timers of the provider have no owner. */
	owner?: { alive: boolean };
	cancelled?: boolean;
}

/**
 * Virtual time, which jumps from event to event on demand. All waits use it, so 15 minutes pass immediately, and the
 * same seed gives the same order of events.
 */
export class VirtualTime {
	now = START;
	/** How far the machine's clock is ahead, in milliseconds. */
	clockAheadMs = 0;
	private timers: Timer[] = [];
	private count = 0;

	at(at: number, fire: () => void, owner?: Timer['owner']): Timer {
		const timer = { at: Math.max(at, this.now), order: this.count++, fire, owner };
		this.push(timer);
		return timer;
	}

	/**
	 * Advances to the next event of a process and runs everything that it wakes. Returns false if there are no more
	 * events.
	 */
	async step(): Promise<boolean> {
		for (;;) {
			const timer = this.pop();
			if (!timer) return false;
			if (timer.cancelled || timer.owner?.alive === false) continue;
			this.now = timer.at;
			timer.fire();
			// Events of the provider do not wake a process, because the sender of a request waits with its own timer.
			if (!timer.owner) continue;
			await settled();
			return true;
		}
	}

	/** Whether this process has pending timers. */
	hasTimersOf(owner: { alive: boolean }): boolean {
		return this.timers.some((timer) => timer.owner === owner && !timer.cancelled);
	}

	// A binary heap. The next timer is on top.

	private push(timer: Timer): void {
		const { timers } = this;
		let place = timers.length;
		timers.push(timer);
		while (place > 0) {
			const parent = (place - 1) >> 1;
			if (!isBefore(timer, timers[parent])) break;
			timers[place] = timers[parent];
			place = parent;
		}
		timers[place] = timer;
	}

	private pop(): Timer | undefined {
		const { timers } = this;
		const top = timers[0];
		const last = timers.pop();
		if (timers.length === 0 || !last) return top;
		let place = 0;
		for (;;) {
			let child = 2 * place + 1;
			if (child >= timers.length) break;
			if (child + 1 < timers.length && isBefore(timers[child + 1], timers[child])) child++;
			if (!isBefore(timers[child], last)) break;
			timers[place] = timers[child];
			place = child;
		}
		timers[place] = last;
		return top;
	}
}

function isBefore(one: Timer, other: Timer): boolean {
	return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/** Waits until all promises that can settle have settled: a macrotask runs after all microtasks. */
export async function settled(): Promise<void> {
	await new Promise<void>((resolve) => setImmediate(resolve));
}

/** An n8n process on virtual time. After a crash, none of its code runs anymore. */
export class Process implements Clock {
	alive = true;
	/** The Unix time of its crash, in milliseconds. n8n had then saved nothing about the work that ran in it. */
	crashedAt?: number;

	constructor(
		readonly time: VirtualTime,
		private readonly chance: Random,
	) {}

	now = () => this.time.now + this.time.clockAheadMs;
	random = () => this.chance.next();

	async sleep(ms: number, ...signals: Array<AbortSignal | undefined>): Promise<void> {
		if (signals.some((signal) => signal?.aborted)) return;
		await new Promise<void>((resolve) => {
			const wake = () => {
				timer.cancelled = true;
				resolve();
			};
			const timer = this.time.at(
				this.time.now + ms,
				() => {
					signals.forEach((signal) => signal?.removeEventListener('abort', wake));
					resolve();
				},
				this,
			);
			signals.forEach((signal) => signal?.addEventListener('abort', wake, { once: true }));
		});
	}

	setAlarm(ms: number, ring: () => void): () => void {
		const timer = this.time.at(this.time.now + ms, ring, this);
		return () => (timer.cancelled = true);
	}

	/** Crashes the process between two steps. None of its code ever continues. */
	crash(): void {
		this.end();
		this.crashedAt = this.time.now;
	}

	/** Stops everything that still runs in this process. */
	end(): void {
		this.alive = false;
	}
}
