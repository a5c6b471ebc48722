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

/**
 * `source`: the shipped price list, the provider's price now, or the one that the user typed. `atMostUsd`: what a budget
 * counts, if it is more because another edition may apply.
 */
export type Estimate = Price & { source: 'table' | 'live' | 'own'; atMostUsd?: number };

/** What a provider asks now, in USD, for a unit that is known. */
export type LivePrice =
	/** For the cheapest clip, or for one second of it; an edition has the proportions to all others. */
	| { of: 'clip' | 'second'; usd: number }
	/** For one second, by resolution. */
	| { of: 'secondAt'; usd: { readonly [resolution: string]: number } };

/** What is known beside the lists. */
export interface KnownPrices {
	/** What the user typed; 0 stands for nothing. */
	ownUsd?: number;
	live?: LivePrice;
	/** The length of the source video. */
	sourceSeconds?: number;
}

/**
 * What one clip costs: by the price that the user typed (accounts have prices of their own), else by the provider's live
 * price, else by the list.
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
 * The same if one of several editions applies, but it is unknown which one: by the newest that has a price, since an
 * edition without a price does not sell the clip. A budget counts the dearest.
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

/** What one clip costs by the live price; undefined if that does not say. */
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
	// Nothing is free, and a budget would take it for that.
	return usd === undefined || !Number.isFinite(usd) || rounded(usd) <= 0 ? undefined : rounded(usd);
}

/** What a price depends on. */
export type PricedInput = Pick<Input<unknown>, 'resolution' | 'duration' | 'hdr' | 'exrExport'>;

/**
 * What one video costs by the edition's list.
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

/** How many seconds are paid for: those that were chosen, or each started one of the source. */
function secondsOf({ duration = '' }: PricedInput, sourceSeconds?: number): number | undefined {
	if (/^\d+s$/.test(duration)) return Number.parseInt(duration, 10);
	return sourceSeconds === undefined ? undefined : Math.ceil(sourceSeconds);
}

/** How many times the price of a standard clip HDR and EXR cost; undefined if that is not known. */
function rangeTimes(prices: Prices, { hdr = false, exrExport = false }: PricedInput): number | undefined {
	if (prices.per === 'second') return 1;
	return exrExport ? prices.exrTimes : hdr ? prices.hdrTimes : 1;
}

/** The clips that the edition's list has a price for; for a price by the second, one second of each resolution. */
export function listedClips({ prices }: { prices: Prices }): Array<{ resolution: string; duration: string }> {
	if (prices.per === 'second') {
		return Object.keys(prices.usd).map((resolution) => ({ resolution, duration: '1s' }));
	}
	return Object.entries(prices.usd).flatMap(([resolution, byDuration]) =>
		Object.entries(byDuration).flatMap(([duration, usd]) => (usd === null ? [] : { resolution, duration })),
	);
}

/**
 * How many times the cheapest clip (or second) of the edition one video costs; a provider's unit price is the price of
 * that.
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
