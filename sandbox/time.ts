import { performance } from 'node:perf_hooks';

/** Milliseconds since 1970 that never run backward, even if the machine's clock is changed. */
export function now(): number {
	return Math.floor(performance.timeOrigin + performance.now());
}

export function isoTime(at: number): string {
	return new Date(at).toISOString();
}
