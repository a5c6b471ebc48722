/** How long a transfer of a file may take. */

/** Milliseconds that every transfer gets, however small: a slow start is no slow line. */
const GRACE_MS = 120_000;
/** A line of 1 Mbit/s, shared by the four downloads that run at once. Whatever is slower only holds a place. */
const SLOWEST_BYTES_PER_SECOND = 32 * 1024;

/** Milliseconds that a transfer of so many bytes may take in total. */
export function transferLimitMs(bytes: number): number {
	return GRACE_MS + Math.ceil((bytes / SLOWEST_BYTES_PER_SECOND) * 1000);
}
