import type { Input } from './parameters';

/** What a model costs at a provider, in USD. */
export type Prices =
	/** Per clip; null if the price is unknown. `hdrTimes`, `exrTimes`: price factors for HDR, and for HDR with EXR. */
	| {
			per: 'clip';
			usd: { readonly [resolution: string]: { readonly [duration: string]: number | null } };
			hdrTimes?: number;
			exrTimes?: number;
	  }
	/** Per second of the video. A partial second counts as a full second. */
	| { per: 'second'; usd: { readonly [resolution: string]: number } };

/** Why a price is unknown: it is not published, it depends on the source's length, or additional fields change it. */
export type NoPrice = 'unpublished' | 'sourceLength' | 'additionalFields';

export type Price = { usd: number } | { usd: null; reason: NoPrice };

/**
 * `source`: the shipped price list, the provider's price now, or the price that the user typed. `atMostUsd`: the amount
 * that a budget counts, if it is higher because another edition may apply.
 */
export type Estimate = Price & { source: 'table' | 'live' | 'own'; atMostUsd?: number };

/** A provider's current price, in USD, for a known unit. */
export type LivePrice =
	/** The price of the cheapest clip, or of its cheapest second. An edition has the ratios of other prices to it. */
	| { of: 'clip' | 'second'; usd: number }
	/** The price of one second, by resolution. */
	| { of: 'secondAt'; usd: { readonly [resolution: string]: number } };

/** Known facts about the price, in addition to the lists. */
export interface KnownPrices {
	/** The price that the user typed; 0 means none. */
	ownUsd?: number;
	live?: LivePrice;
	/** The length of the source video in seconds. */
	sourceSeconds?: number;
}

/**
 * What one clip costs: the price that the user typed (prices differ between accounts), otherwise the provider's live
 * price, otherwise the price in the list.
 */
export function clipPrice(
	edition: { prices: Prices },
	input: PricedInput,
	{ ownUsd, live, sourceSeconds }: KnownPrices = {},
): Estimate {
	if (ownUsd !== undefined && ownUsd > 0) return { usd: ownUsd, source: 'own' };
	const usd = live && liveClipPrice(live, edition, input, sourceSeconds);
	if (usd !== undefined) return { usd, source: 'live' };
	return { ...listPrice(edition, input, sourceSeconds), source: 'table' };
}

/**
 * What one clip costs if it is unknown which of several editions applies: the price of the newest edition that has one,
 * since an edition without a price does not offer the clip. A budget counts the most expensive one.
 * @param editions oldest first
 */
export function clipPriceAmong(
	editions: ReadonlyArray<{ prices: Prices }>,
	input: PricedInput,
	known: KnownPrices = {},
): Estimate {
	const all = editions.map((edition) => clipPrice(edition, input, known));
	const estimate = all.findLast(({ usd }) => usd !== null) ?? all[all.length - 1];
	const atMostUsd = Math.max(...all.flatMap(({ usd }) => usd ?? []));
	return estimate.usd !== null && atMostUsd > estimate.usd ? { ...estimate, atMostUsd } : estimate;
}

/** What one clip costs at the live price; undefined if the live price does not determine it. */
function liveClipPrice(
	live: LivePrice,
	edition: { prices: Prices },
	input: PricedInput,
	sourceSeconds?: number,
): number | undefined {
	let usd: number | undefined;
	if (live.of === 'secondAt') {
		const perSecond = live.usd[input.resolution ?? ''];
		const seconds = secondsOf(input, sourceSeconds);
		const times = rangeTimes(edition.prices, input);
		if (perSecond === undefined || seconds === undefined || times === undefined) return undefined;
		usd = perSecond * seconds * times;
	} else if (live.of === edition.prices.per) {
		const times = timesCheapest(edition, input, sourceSeconds);
		usd = times === undefined ? undefined : live.usd * times;
	}
	// A price of 0 is an error: no video is free, and a budget would never stop it.
	return usd === undefined || !Number.isFinite(usd) || rounded(usd) <= 0 ? undefined : rounded(usd);
}

/** The inputs that decide a price. */
export type PricedInput = Pick<Input<unknown>, 'resolution' | 'duration' | 'hdr' | 'exrExport'>;

/**
 * What one video costs in the edition's price list.
 * @param sourceSeconds the length of the source video, if it is known
 */
export function listPrice({ prices }: { prices: Prices }, input: PricedInput, sourceSeconds?: number): Price {
	const { resolution = '', duration = '' } = input;
	if (prices.per === 'clip') {
		const clip = prices.usd[resolution]?.[duration];
		const times = rangeTimes(prices, input);
		return priceOrNone(clip === undefined || clip === null || times === undefined ? null : clip * times);
	}
	const seconds = secondsOf(input, sourceSeconds);
	if (seconds === undefined) return { usd: null, reason: 'sourceLength' };
	const usd = prices.usd[resolution];
	return priceOrNone(usd === undefined ? usd : usd * seconds);
}

/** How many seconds to pay for: the chosen duration, or the source's length, rounded up. */
function secondsOf({ duration = '' }: PricedInput, sourceSeconds?: number): number | undefined {
	if (/^\d+s$/.test(duration)) return Number.parseInt(duration, 10);
	return sourceSeconds === undefined ? undefined : Math.ceil(sourceSeconds);
}

/** The price factor for HDR and EXR, compared to a standard clip; undefined if it is unknown. */
function rangeTimes(prices: Prices, { hdr = false, exrExport = false }: PricedInput): number | undefined {
	if (prices.per === 'second') return 1;
	return exrExport ? prices.exrTimes : hdr ? prices.hdrTimes : 1;
}

/** The clips with a price in the edition's list; if the price is per second, one second of each resolution. */
export function listedClips({ prices }: { prices: Prices }): Array<{ resolution: string; duration: string }> {
	if (prices.per === 'second') {
		return Object.keys(prices.usd).map((resolution) => ({ resolution, duration: '1s' }));
	}
	return Object.entries(prices.usd).flatMap(([resolution, byDuration]) =>
		Object.entries(byDuration).flatMap(([duration, usd]) => (usd === null ? [] : { resolution, duration })),
	);
}

/**
 * The price of one video as a multiple of the edition's cheapest clip (or second), which is the unit of a provider's
 * unit price.
 * @returns undefined if the list does not say
 */
export function timesCheapest(
	edition: { prices: Prices },
	input: PricedInput,
	sourceSeconds?: number,
): number | undefined {
	const { prices } = edition;
	const all: Array<number | null> =
		prices.per === 'second'
			? Object.values(prices.usd)
			: Object.values(prices.usd).flatMap((byDuration) => Object.values(byDuration));
	const { usd } = listPrice(edition, input, sourceSeconds);
	return usd === null ? undefined : rounded(usd / Math.min(...all.filter((one) => one !== null)));
}

/** USD as users see it: `$0.50`, `$12`, `$0.125`. */
export function formatUsd(usd: number): string {
	const cents = Math.round(usd * 100);
	if (Math.abs(usd * 100 - cents) > 1e-6) return `$${Number(usd.toFixed(4))}`;
	return cents % 100 === 0 ? `$${cents / 100}` : `$${(cents / 100).toFixed(2)}`;
}

function priceOrNone(usd: number | null | undefined): Price {
	if (usd === null || usd === undefined) return { usd: null, reason: 'unpublished' };
	return { usd: rounded(usd) };
}

/** Removes the rounding errors of decimal fractions. */
function rounded(value: number): number {
	return Math.round(value * 1e6) / 1e6;
}
