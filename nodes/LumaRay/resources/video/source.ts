import type { Edition } from '../../models/catalogue';
import { movieSeconds } from '../../models/mp4';
import type { Input } from '../../models/parameters';

/** The source video of an order: how long it is, and how long it may be. */

/**
 * Seconds by which a source may be longer than its limit: sound and pictures end on frames of different lengths, so a clip
 * of 10 seconds says of itself that it has up to some tenths more.
 */
const TOLERANCE_SECONDS = 0.2;

/**
 * The length of the source in seconds, if it matters for the price or for a limit.
 * @returns undefined if it does not matter, for a source that comes by its address, and if the file does not say
 */
export async function readSourceSeconds(
	{ videoUrl }: Input,
	editions: readonly Edition[],
): Promise<number | undefined> {
	const matters = editions.some(
		({ prices, longestSourceSeconds }) => prices.per === 'second' || longestSourceSeconds !== undefined,
	);
	if (!matters || videoUrl === undefined || typeof videoUrl === 'string') return undefined;
	return await movieSeconds(videoUrl);
}

/** The edition that takes the longest source, if this one is too long for it: then no edition takes it. */
export function tooLongFor(seconds: number, editions: readonly Edition[]): Edition | undefined {
	const limitOf = ({ longestSourceSeconds = Infinity }: Edition) => longestSourceSeconds;
	const widest = editions.reduce((best, one) => (limitOf(one) > limitOf(best) ? one : best));
	return seconds > limitOf(widest) + TOLERANCE_SECONDS ? widest : undefined;
}
