import { systemClock } from '../../transport/clock';

/** Milliseconds that a run waits for what it can do without. */
const PATIENCE_MS = 3_000;
/** Milliseconds for which an answer is kept, and for which one that could not be read is not asked for again. */
const KEPT_MS = { read: 60 * 60_000, unread: 60_000 };

/** What runs of this process read once for all of them. */
export interface SharedReads<T> {
	/**
	 * What is kept under a name, or read now. A Stop of one run ends its own waiting and not the read of the others.
	 * @param signal of the run that waits
	 * @returns undefined if it cannot be read in time
	 */
	get(
		name: string,
		read: (signal: AbortSignal) => Promise<T | undefined>,
		signal?: AbortSignal,
	): Promise<T | undefined>;
	/** Keeps what was read elsewhere. */
	put(name: string, value: T): void;
}

interface Kept<T> {
	until: number;
	value: Promise<T | undefined>;
}

export function createSharedReads<T>(): SharedReads<T> {
	const kept = new Map<string, Kept<T>>();

	function keep(name: string, value: Promise<T | undefined>): Kept<T> {
		const now = systemClock.now();
		for (const [other, { until }] of kept) if (until <= now) kept.delete(other);
		const entry = { until: now + KEPT_MS.read, value };
		kept.set(name, entry);
		void value.then((read) => {
			if (read === undefined) entry.until = systemClock.now() + KEPT_MS.unread;
		});
		return entry;
	}

	return {
		async get(name, read, signal) {
			const known = kept.get(name);
			const entry = known && known.until > systemClock.now() ? known : keep(name, readInTime(read));
			const woken = new AbortController();
			const own = signal ? AbortSignal.any([signal, woken.signal]) : woken.signal;
			const value = await Promise.race([entry.value, systemClock.sleep(PATIENCE_MS, own)]);
			woken.abort();
			return value ?? undefined;
		},
		put: (name, value) => void keep(name, Promise.resolve(value)),
	};
}

async function readInTime<T>(read: (signal: AbortSignal) => Promise<T | undefined>): Promise<T | undefined> {
	const late = new AbortController();
	try {
		return (
			(await Promise.race([read(late.signal), systemClock.sleep(PATIENCE_MS, late.signal)])) ?? undefined
		);
	} catch {
		return undefined;
	} finally {
		late.abort();
	}
}
