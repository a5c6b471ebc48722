import type { ModelName } from '../../models/names';
import type { LivePrice } from '../../models/prices';
import {
	asObject,
	asPrice,
	asString,
	asWords,
	jsonOf,
	unansweredReading,
	unsuccessfulReading,
} from '../answers';
import type { Reading } from '../provider';
import { FAL } from './catalogue';
import { falProblem } from './problems';
import type { FalWire } from './wire';

/**
 * fal's names for a unit that is the cheapest clip, or one second of it. For any other unit (fal docs: pricing), it is
 * unknown how many units a clip costs.
 */
const UNITS: { readonly [unit: string]: 'clip' | 'second' } = {
	...{ unit: 'clip', units: 'clip', video: 'clip', videos: 'clip', request: 'clip', requests: 'clip' },
	...{ second: 'second', seconds: 'second' },
};

/** The price of one billable unit, with the fields that fal returns. */
interface UnitPrice {
	usd?: number;
	unit?: string;
}

/** Prices from fal's live price list. */
export interface FalPrices {
	/** The price of a unit now; undefined if fal gives no price, or only one for an unknown unit. */
	live(model: ModelName, signal: AbortSignal): Promise<Reading<LivePrice | undefined>>;
	/** USD for the units that an answer's headers report as billed; null if the units or their price are unknown. */
	billedUsd(
		model: ModelName | undefined,
		headers: { [name: string]: string },
		signal: AbortSignal,
	): Promise<number | null>;
}

/** Reads fal's price list. `billedUsd` reads it once per model and keeps the result. */
export function createPrices(wire: FalWire): FalPrices {
	const unitPrices = new Map<ModelName, Promise<Reading<UnitPrice>>>();

	return {
		async live(model, signal) {
			const price = await readUnitPrice(wire, FAL.models[model].endpoint, signal);
			if (!price.ok) return price;
			unitPrices.set(model, Promise.resolve(price));
			const { usd, unit = '' } = price.value;
			const of = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
			return { ok: true, value: usd === undefined || !of ? undefined : { of, usd } };
		},

		async billedUsd(model, headers, signal) {
			const units = Number(asWords(headers['x-fal-billable-units']) ?? Number.NaN);
			if (!Number.isFinite(units) || units < 0) return null;
			if (units === 0) return 0;
			if (model === undefined) return null;
			// One try is enough: the video is ready, and must not wait long for its cost.
			const read = unitPrices.get(model) ?? readUnitPrice(wire, FAL.models[model].endpoint, signal);
			unitPrices.set(model, read);
			const price = await read;
			return !price.ok || price.value.usd === undefined ? null : units * price.value.usd;
		},
	};
}

async function readUnitPrice(
	{ http, endpoints, clock }: FalWire,
	endpoint: string,
	signal: AbortSignal,
): Promise<Reading<UnitPrice>> {
	const result = await http.authenticated({
		method: 'GET',
		url: `${endpoints.apiUrl}/v1/models/pricing`,
		query: { endpoint_id: endpoint },
		signal,
	});
	if (!result.answered) return unansweredReading(result, 'fal');
	const prices = jsonOf(result)?.prices;
	if (Array.isArray(prices)) return { ok: true, value: unitPriceIn(prices, endpoint) };
	const { status, headers, body } = result;
	return unsuccessfulReading(result, falProblem(status, headers, body), clock.now());
}

/** The model's price in fal's list. A price in another currency does not count. */
function unitPriceIn(prices: unknown[], endpoint: string): UnitPrice {
	const price = prices.map(asObject).find((one) => one?.endpoint_id === endpoint);
	if (!price || (price.currency !== undefined && price.currency !== 'USD')) return {};
	return { usd: asPrice(price.unit_price), unit: asString(price.unit) };
}
