import { systemClock } from '../../transport/clock';

/** How long a run waits for an optional read, in milliseconds. */
const PATIENCE_MS = 3_000;
/** How long an answer is kept, and how long a failed read is not repeated, in milliseconds. */
const KEPT_MS = { read: 60 * 60_000, unread: 60_000 };

/** Reads that all runs of this process share. */
export interface SharedReads<T> {
	/**
	 * The value that is kept under a name, or that is read now. A Stop of one run ends only its own waiting, not the read.
	 * @param signal of the run that waits
	 * @returns undefined if it cannot be read in time
	 */
	get(
		name: string,
		read: (signal: AbortSignal) => Promise<T | undefined>,
		signal?: AbortSignal,
	): Promise<T | undefined>;
	/** Keeps a value that was read elsewhere. */
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
			const late = systemClock.sleep(PATIENCE_MS, signal, woken.signal);
			const value = await Promise.race([entry.value, late]);
			woken.abort('read');
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
		late.abort('over');
	}
}
