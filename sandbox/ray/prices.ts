import type { Sample } from '../samples';
import type { Model, Prices } from './model';

/** What kind of clip a job makes; it decides the sample that is served and the price. */
export interface Clip extends Sample {
	hdr: boolean;
	exr: boolean;
}

/**
 * How many times the price of the standard clip HDR costs, and HDR with EXR. fal publishes it for image to video and
 * video to video; we assume that it also applies to text to video.
 */
const HDR_FACTOR = 2;
const EXR_FACTOR = 3;

/** Keeps floating point noise out of prices and units. */
function rounded(value: number): number {
	return Math.round(value * 1e6) / 1e6;
}

export function priceUsd({ prices }: Pick<Model, 'prices'>, clip: Clip): number {
	const { unit, usd, tenSeconds = 1 } = prices;
	const base = usd[clip.resolution];
	const length = unit === 'second' ? Math.ceil(clip.seconds) : clip.seconds > 5 ? tenSeconds : 1;
	return rounded(base * length * (clip.exr ? EXR_FACTOR : clip.hdr ? HDR_FACTOR : 1));
}

/** Dollars for one billable unit: the cheapest clip, or a second of it. */
export function unitPriceUsd({ usd }: Prices): number {
	return Math.min(...Object.values(usd));
}

/** How many times the price of a unit a clip costs. */
export function billableUnits(model: Pick<Model, 'prices'>, clip: Clip): number {
	return rounded(priceUsd(model, clip) / unitPriceUsd(model.prices));
}

/** Dollars for one second of a standard clip, by resolution. */
export function perSecondUsd({ unit, usd }: Prices): Record<string, number> {
	return Object.fromEntries(
		Object.entries(usd).map(([resolution, price]) => [
			resolution,
			unit === 'second' ? price : rounded(price / 5),
		]),
	);
}
