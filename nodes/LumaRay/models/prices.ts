import type { Input } from './parameters';

/** What a model costs at a provider, in USD. */
export type Prices =
	/** By clip. A price that is not known is null. HDR, and HDR with EXR, cost that many times as much, if it is known. */
	| {
			per: 'clip';
			usd: { readonly [resolution: string]: { readonly [duration: string]: number | null } };
			hdrTimes?: number;
			exrTimes?: number;
	  }
	/** By started second of the video. */
	| { per: 'second'; usd: { readonly [resolution: string]: number } };

/** Why a price cannot be known: none is published, it depends on the length of the source, or additional fields change it. */
export type NoPrice = 'unpublished' | 'sourceLength' | 'additionalFields';

export type Price = { usd: number } | { usd: null; reason: NoPrice };

/** `source`: the shipped price list, the provider's price now, or the one that the user typed. */
export type Estimate = Price & { source: 'table' | 'live' | 'own' };

/**
 * What one clip costs: by the price that the user typed (accounts have prices of their own), else by the provider's live
 * price, else by the list.
 */
export function clipPrice(
	edition: { prices: Prices },
	input: PricedInput,
	{ ownUsd, liveUsd }: { ownUsd?: number; liveUsd?: number } = {},
): Estimate {
	if (ownUsd !== undefined && ownUsd > 0) return { usd: ownUsd, source: 'own' };
	if (liveUsd !== undefined) return { usd: liveUsd, source: 'live' };
	return { ...listPrice(edition, input), source: 'table' };
}

/** What a price depends on. */
export type PricedInput = Pick<Input<unknown>, 'resolution' | 'duration' | 'hdr' | 'exrExport'>;

/**
 * What one video costs by the edition's list.
 * @param sourceSeconds the length of the source video, if it is known
 */
export function listPrice(
	{ prices }: { prices: Prices },
	{ resolution = '', duration = '', hdr = false, exrExport = false }: PricedInput,
	sourceSeconds?: number,
): Price {
	if (prices.per === 'clip') {
		const clip = prices.usd[resolution]?.[duration];
		const times = exrExport ? prices.exrTimes : hdr ? prices.hdrTimes : 1;
		return priceOrNone(clip === undefined || clip === null || times === undefined ? null : clip * times);
	}
	const seconds = /^\d+s$/.test(duration) ? Number.parseInt(duration, 10) : sourceSeconds;
	if (seconds === undefined) return { usd: null, reason: 'sourceLength' };
	const usd = prices.usd[resolution];
	return priceOrNone(usd === undefined ? usd : usd * Math.ceil(seconds));
}

/** What one video costs at the most, by the list of any edition that has a price for it: one without does not sell it. */
export function dearestPrice(editions: ReadonlyArray<{ prices: Prices }>, input: PricedInput): Price {
	const all = editions.map((edition) => listPrice(edition, input));
	const known = all.flatMap(({ usd }) => usd ?? []);
	return known.length > 0 ? { usd: Math.max(...known) } : all[0];
}

/**
 * How many times the cheapest clip (or second) of the edition one video costs; a provider's unit price is the price of
 * that.
 * @returns undefined if the list does not say
 */
export function timesCheapest(edition: { prices: Prices }, input: PricedInput): number | undefined {
	const { prices } = edition;
	const all: Array<number | null> =
		prices.per === 'second'
			? Object.values(prices.usd)
			: Object.values(prices.usd).flatMap((byDuration) => Object.values(byDuration));
	const { usd } = listPrice(edition, input);
	return usd === null ? undefined : rounded(usd / Math.min(...all.filter((one) => one !== null)));
}

/** USD for users: `$0.50`, `$12`, `$0.125`. */
export function formatUsd(usd: number): string {
	const cents = Math.round(usd * 100);
	if (Math.abs(usd * 100 - cents) > 1e-6) return `$${Number(usd.toFixed(4))}`;
	return cents % 100 === 0 ? `$${cents / 100}` : `$${(cents / 100).toFixed(2)}`;
}

function priceOrNone(usd: number | null | undefined): Price {
	if (usd === null || usd === undefined) return { usd: null, reason: 'unpublished' };
	return { usd: rounded(usd) };
}

/** Without what a division or a product of decimal fractions leaves behind them. */
function rounded(value: number): number {
	return Math.round(value * 1e6) / 1e6;
}
