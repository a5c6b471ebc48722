import type { Sample } from '../samples';
import type { Model, Prices } from './model';

/** The properties of the clip that a job makes. They determine the served sample and the price. */
export interface Clip extends Sample {
	hdr: boolean;
	exr: boolean;
}

/**
 * The prices of an HDR clip and of an HDR clip with EXR, as multiples of the standard price. fal publishes them for
 * image to video and video to video. We assume that they also apply to text to video.
 */
const HDR_FACTOR = 2;
const EXR_FACTOR = 3;

/** Removes floating-point noise from prices and units. */
function rounded(value: number): number {
	return Math.round(value * 1e6) / 1e6;
}

export function priceUsd({ prices }: Pick<Model, 'prices'>, clip: Clip): number {
	const { unit, usd, tenSeconds = 1 } = prices;
	const base = usd[clip.resolution];
	const length = unit === 'second' ? Math.ceil(clip.seconds) : clip.seconds > 5 ? tenSeconds : 1;
	return rounded(base * length * (clip.exr ? EXR_FACTOR : clip.hdr ? HDR_FACTOR : 1));
}

/** Dollars for one billing unit: the cheapest clip, or one second of it. */
export function unitPriceUsd({ usd }: Prices): number {
	return Math.min(...Object.values(usd));
}

/** The number of billing units that a clip costs. */
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
