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
 * What fal may call a unit that is the cheapest clip, or one second of it. Of any other unit (fal docs: pricing) it is
 * unknown how many a clip takes.
 */
const UNITS: { readonly [unit: string]: 'clip' | 'second' } = {
	...{ unit: 'clip', units: 'clip', video: 'clip', videos: 'clip', request: 'clip', requests: 'clip' },
	...{ second: 'second', seconds: 'second' },
};

/** What fal asks for one billable unit, as far as it tells. */
interface UnitPrice {
	usd?: number;
	unit?: string;
}

/** What fal's own price list says. */
export interface FalPrices {
	/** The price of a unit now; undefined if fal gives none, or for a unit that is not known. */
	live(model: ModelName, signal: AbortSignal): Promise<Reading<LivePrice | undefined>>;
	/** USD for what an answer's headers say was billed; null if they or the price list do not say. */
	billedUsd(
		model: ModelName | undefined,
		headers: { [name: string]: string },
		signal: AbortSignal,
	): Promise<number | null>;
}

/** fal's price list. What was billed is counted by one reading of it. */
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
			// Whatever a unit costs.
			if (units === 0) return 0;
			if (model === undefined) return null;
			// The video is there: nobody waits long for what it has cost.
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

/** The model's price among those that fal lists; one in another currency is none. */
function unitPriceIn(prices: unknown[], endpoint: string): UnitPrice {
	const price = prices.map(asObject).find((one) => one?.endpoint_id === endpoint);
	if (!price || (price.currency !== undefined && price.currency !== 'USD')) return {};
	return { usd: asPrice(price.unit_price), unit: asString(price.unit) };
}
