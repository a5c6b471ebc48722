import { backoffMs } from '../transport/backoff';
import type { Clock } from '../transport/clock';
import type { Reading } from './provider';

/** Milliseconds that a provider may take to accept a job. */
export const SUBMIT_TIMEOUT_MS = 60_000;
/** Tries of a read, unless its caller has less patience. */
export const READ_TRIES = 5;
/** Tries of a price: the price list stands behind it, and nothing is submitted meanwhile. */
export const PRICE_TRIES = 3;

export interface Patience {
	clock: Clock;
	signal: AbortSignal;
	tries?: number;
	/** Unix time in milliseconds after which nothing is repeated. */
	deadline?: number;
}

/**
 * Reads until it goes well, something final is answered, or the tries, the deadline or the signal end it; with growing
 * pauses.
 */
export async function patiently<T>(
	read: () => Promise<Reading<T>>,
	{ clock, signal, tries = READ_TRIES, deadline = Infinity }: Patience,
): Promise<Reading<T>> {
	for (let tried = 1; ; tried++) {
		const reading = await read();
		if (reading.ok || !reading.transient || tried >= tries || signal.aborted) return reading;
		const pause = backoffMs(tried, clock, reading.retryAfterMs);
		if (clock.now() + pause >= deadline) return reading;
		await clock.sleep(pause, signal);
	}
}
