import type { Duration, RayTable, Resolution } from './table';

export interface Estimate {
	usd: number;
	/** `table`: the shipped price list; `live`: the provider's price now; `own`: typed by the person. */
	source: 'table' | 'live' | 'own';
}

/**
 * What one clip costs: by the price that the person typed (accounts have prices of their own), else by the
 * provider's live price, else by the table.
 */
export function clipPrice(
	table: RayTable,
	resolution: Resolution,
	duration: Duration,
	{ ownUsd, liveUsd }: { ownUsd?: number; liveUsd?: number } = {},
): Estimate {
	if (ownUsd !== undefined && ownUsd > 0) return { usd: ownUsd, source: 'own' };
	if (liveUsd !== undefined) return { usd: liveUsd, source: 'live' };
	return { usd: table.pricesUsd[resolution][duration], source: 'table' };
}

/** How many times the price of the provider's cheapest clip one clip costs, by the table. */
export function timesCheapest({ pricesUsd }: RayTable, resolution: Resolution, duration: Duration): number {
	const cheapest = Math.min(...Object.values(pricesUsd).flatMap((byDuration) => Object.values(byDuration)));
	return pricesUsd[resolution][duration] / cheapest;
}

/** USD for people: `$0.50`, `$12`, `$0.125`. */
export function formatUsd(usd: number): string {
	const cents = Math.round(usd * 100);
	if (Math.abs(usd * 100 - cents) > 1e-6) return `$${Number(usd.toFixed(4))}`;
	return cents % 100 === 0 ? `$${cents / 100}` : `$${(cents / 100).toFixed(2)}`;
}
