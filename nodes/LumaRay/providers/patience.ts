import { backoffMs } from '../transport/backoff';
import type { Clock } from '../transport/clock';
import type { Reading } from './provider';

/** How long a provider may take to accept a job, in milliseconds. */
export const SUBMIT_TIMEOUT_MS = 60_000;
/** How often a read is tried, unless its caller sets fewer tries. */
export const READ_TRIES = 5;
/** How often a price is tried. Few, because submits wait for it and the shipped price list can replace it. */
export const PRICE_TRIES = 3;

export interface Patience {
	clock: Clock;
	signal: AbortSignal;
	tries?: number;
	/** Unix time in milliseconds after which nothing is tried again. */
	deadline?: number;
}

/**
 * Repeats a read, with growing pauses, until it succeeds or fails for good, or until the tries, the deadline or the
 * signal end it.
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
