/** How long a file transfer may take. */

/** Every transfer gets at least this many milliseconds, since a slow start does not mean a slow connection. */
const GRACE_MS = 120_000;
/** A connection of 1 Mbit/s, shared by four downloads at once. A slower transfer only blocks the others. */
const SLOWEST_BYTES_PER_SECOND = 32 * 1024;

/** How long a transfer of this many bytes may take in total, in milliseconds. */
export function transferLimitMs(bytes: number): number {
	return GRACE_MS + Math.ceil((bytes / SLOWEST_BYTES_PER_SECOND) * 1000);
}
