import type { Edition } from '../../models/catalogue';
import { movieSeconds } from '../../models/mp4';
import type { Input } from '../../models/parameters';

/** The length of the source video of an order, and its limit. */

/**
 * Seconds by which a source may be longer than its limit: audio and video end on frames of different lengths, so the file
 * of a 10-second video may report a few tenths of a second more.
 */
const TOLERANCE_SECONDS = 0.2;

/**
 * The length of the source in seconds, if it matters for the price or for a limit.
 * @returns undefined if it does not matter, if the source is a URL, or if the file does not contain its length
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

/** The edition that accepts the longest source, if the source is too long even for that one. */
export function tooLongFor(seconds: number, editions: readonly Edition[]): Edition | undefined {
	const limitOf = ({ longestSourceSeconds = Infinity }: Edition) => longestSourceSeconds;
	const widest = editions.reduce((best, one) => (limitOf(one) > limitOf(best) ? one : best));
	return seconds > limitOf(widest) + TOLERANCE_SECONDS ? widest : undefined;
}
