import type { Clock } from './clock';

const FIRST_MS = 1_000;
const CEILING_MS = 30_000;
/** A Retry-After beyond this is a server's mistake more often than its wish. */
const RETRY_AFTER_CEILING_MS = 120_000;

/**
 * Milliseconds to wait before the next try: doubling from 1 s to 30 s with half of it random, so that many jobs
 * do not come back together; never sooner than the server asked for (up to 2 minutes).
 * @param failures tries that went wrong in a row, from 1
 */
export function backoffMs(failures: number, clock: Clock, retryAfterMs = 0): number {
	const full = Math.min(CEILING_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
	const jittered = full / 2 + (full / 2) * clock.random();
	return Math.max(jittered, Math.min(retryAfterMs, RETRY_AFTER_CEILING_MS));
}

/** Milliseconds that a Retry-After header asks for (seconds or an HTTP date), or undefined. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
	if (header === undefined || header.trim() === '') return undefined;
	const seconds = Number(header);
	if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
	const date = Date.parse(header);
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
