import type { ModelName } from '../../models/names';
import { timesCheapest } from '../../models/prices';
import {
	asObject,
	asPrice,
	asString,
	asWords,
	jsonOf,
	unansweredReading,
	unsuccessfulReading,
} from '../answers';
import { patiently, PRICE_TRIES } from '../patience';
import type { Provider, Reading } from '../provider';
import { FAL } from './catalogue';
import { falProblem } from './problems';
import type { FalWire } from './wire';

/**
 * What fal may call a unit that is the cheapest clip, or the cheapest second, by how it sells the model. Of any other unit
 * (fal docs: pricing) it is unknown how many a clip takes.
 */
const UNITS = { clip: ['unit', 'units', 'video', 'videos'], second: ['second', 'seconds'] };

/** What fal asks for one billable unit, as far as it tells. */
interface UnitPrice {
	usd?: number;
	unit?: string;
}

/** What fal's own price list says. */
export interface FalPrices {
	/** USD for one clip; undefined where fal gives no price that fits. */
	ofClip: Provider['livePrice'];
	/** USD for what an answer's headers say was billed; null if they or the price list do not say. */
	billedUsd(
		model: ModelName | undefined,
		headers: { [name: string]: string },
		signal: AbortSignal,
	): Promise<number | null>;
}

/** fal's price list, read when somebody first asks and then kept. */
export function createPrices(wire: FalWire): FalPrices {
	const { clock } = wire;
	const unitPrices = new Map<ModelName, Promise<Reading<UnitPrice>>>();

	/** What fal asks for one billable unit, asked for once. */
	async function priceOfUnit(model: ModelName, signal: AbortSignal, tries: number): Promise<UnitPrice> {
		const read = async () => await readUnitPrice(wire, FAL.models[model].endpoint, signal);
		const unitPrice = unitPrices.get(model) ?? patiently(read, { clock, signal, tries });
		unitPrices.set(model, unitPrice);
		const price = await unitPrice;
		return price.ok ? price.value : {};
	}

	return {
		async ofClip(model, edition, input, signal) {
			const { usd, unit } = await priceOfUnit(model, signal, PRICE_TRIES);
			// One unit is the cheapest clip or second; others cost as many units as the price list says (fal's model page).
			const units = timesCheapest(edition, input);
			const isKnown = UNITS[edition.prices.per].includes(unit ?? '');
			if (usd === undefined || units === undefined || !isKnown) return undefined;
			return asPrice(units * usd);
		},

		async billedUsd(model, headers, signal) {
			const units = Number(asWords(headers['x-fal-billable-units']) ?? Number.NaN);
			if (!Number.isFinite(units) || units < 0) return null;
			// Whatever a unit costs.
			if (units === 0) return 0;
			if (model === undefined) return null;
			// The video is there: nobody waits long for what it has cost.
			const { usd } = await priceOfUnit(model, signal, 1);
			return usd === undefined ? null : units * usd;
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
