import type { Clock } from './clock';

const FIRST_MS = 1_000;
const CEILING_MS = 30_000;
/** Longest Retry-After to respect. A longer one is usually a server mistake. */
const RETRY_AFTER_CEILING_MS = 120_000;

/**
 * Milliseconds to wait before the next try: doubles from 1 s to 30 s, and half of it is random, so that many jobs do
 * not try again at the same time. Never shorter than the server asked for (up to 2 minutes).
 * @param failures how many tries have failed in a row, from 1
 */
export function backoffMs(failures: number, clock: Clock, retryAfterMs = 0): number {
	const full = Math.min(CEILING_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
	const jittered = full / 2 + (full / 2) * clock.random();
	return Math.max(jittered, Math.min(retryAfterMs, RETRY_AFTER_CEILING_MS));
}

/**
 * How long a Retry-After header (seconds or an HTTP date) asks to wait, in milliseconds; undefined if it is missing or
 * invalid.
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
	if (header === undefined || header.trim() === '') return undefined;
	const seconds = Number(header);
	if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
	const date = Date.parse(header);
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
