import type { Clock } from '../nodes/LumaRay/transport/clock';
import type { Random } from './random';

/** Where virtual time begins, in Unix milliseconds. */
const DAWN = Date.UTC(2026, 0, 1);

interface Timer {
	at: number;
	/** Timers of the same moment fire in the order in which they were set. */
	order: number;
	fire: () => void;
	/** Whose timer it is; those of a process that crashed never fire. The provider's have none. */
	owner?: { alive: boolean };
	cancelled?: boolean;
}

/**
 * Time that passes only when somebody asks for the next event. Whatever waits, waits here, so that 15 minutes are
 * over at once and the same seed leads to the same order of events.
 */
export class VirtualTime {
	now = DAWN;
	/** Milliseconds by which the clock of n8n's machine is ahead of the time. */
	clockAheadMs = 0;
	private timers: Timer[] = [];
	private count = 0;

	at(at: number, fire: () => void, owner?: Timer['owner']): Timer {
		const timer = { at: Math.max(at, this.now), order: this.count++, fire, owner };
		this.push(timer);
		return timer;
	}

	/** Passes on to the next event of a process and lets all that it wakes run out. False where none is to come. */
	async step(): Promise<boolean> {
		for (;;) {
			const timer = this.pop();
			if (!timer) return false;
			if (timer.cancelled || timer.owner?.alive === false) continue;
			this.now = timer.at;
			timer.fire();
			// What the provider does wakes nobody: whoever sent a request waits for its answer by a timer of his own.
			if (!timer.owner) continue;
			await settled();
			return true;
		}
	}

	/** Whether anything of this process is still to come. */
	hasTimersOf(owner: { alive: boolean }): boolean {
		return this.timers.some((timer) => timer.owner === owner && !timer.cancelled);
	}

	// A binary heap, the next timer on top.

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

/** Waits until every promise that can go on has done so: a macrotask comes after all microtasks. */
export async function settled(): Promise<void> {
	await new Promise<void>((resolve) => setImmediate(resolve));
}

/** An n8n process: it sees virtual time, and sees nothing any more once it has crashed. */
export class Process implements Clock {
	alive = true;
	/** Unix time in milliseconds at which it crashed. n8n then had saved nothing of what ran in it. */
	crashedAt?: number;

	constructor(
		readonly time: VirtualTime,
		private readonly chance: Random,
	) {}

	now = () => this.time.now + this.time.clockAheadMs;
	random = () => this.chance.next();

	async sleep(ms: number, signal?: AbortSignal): Promise<void> {
		if (signal?.aborted) return;
		await new Promise<void>((resolve) => {
			const wake = () => {
				timer.cancelled = true;
				resolve();
			};
			const timer = this.time.at(
				this.time.now + ms,
				() => {
					signal?.removeEventListener('abort', wake);
					resolve();
				},
				this,
			);
			signal?.addEventListener('abort', wake, { once: true });
		});
	}

	/** The process dies between two steps: nothing of it ever continues. */
	crash(): void {
		this.end();
		this.crashedAt = this.time.now;
	}

	/** Ends what still runs in it. */
	end(): void {
		this.alive = false;
	}
}
