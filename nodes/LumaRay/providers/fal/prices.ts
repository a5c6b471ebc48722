import { falTable } from '../../ray/fal';
import { timesCheapest } from '../../ray/price';
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
import { falProblem } from './problems';
import type { FalWire } from './wire';

/**
 * What fal may call a unit that is one clip of the cheapest kind. It bills other models by the second or by what they
 * compute (fal docs: pricing), and of such a unit nobody knows how many a clip takes.
 */
const CLIP_UNITS = ['unit', 'units', 'video', 'videos'];

/** What fal asks for one billable unit, as far as it tells. */
interface UnitPrice {
	usd?: number;
	unit?: string;
}

/** What fal's own price list says. */
export interface FalPrices {
	/** USD for one clip; undefined where fal gives no price that fits. */
	ofClip: Provider['livePrice'];
	/** USD for what an answer's headers say was billed; null where they or the price list do not tell. */
	billedUsd(headers: { [name: string]: string }, signal: AbortSignal): Promise<number | null>;
}

/** fal's price list, read when somebody first asks and then kept. */
export function createPrices(wire: FalWire): FalPrices {
	const { clock } = wire;
	let unitPrice: Promise<Reading<UnitPrice>> | undefined;

	/** What fal asks for one billable unit, asked for once. */
	async function priceOfUnit(signal: AbortSignal, tries: number): Promise<UnitPrice> {
		unitPrice ??= patiently(async () => await readUnitPrice(wire, signal), { clock, signal, tries });
		const price = await unitPrice;
		return price.ok ? price.value : {};
	}

	return {
		async ofClip(resolution, duration, signal) {
			const { usd, unit } = await priceOfUnit(signal, PRICE_TRIES);
			if (usd === undefined || !CLIP_UNITS.includes(unit ?? '')) return undefined;
			// One unit is the cheapest clip; the others cost as many units as the price list says (fal's model page).
			return asPrice(timesCheapest(falTable, resolution, duration) * usd);
		},

		async billedUsd(headers, signal) {
			const units = Number(asWords(headers['x-fal-billable-units']) ?? Number.NaN);
			if (!Number.isFinite(units) || units < 0) return null;
			// The video is there: nobody waits long for what it has cost.
			const { usd } = await priceOfUnit(signal, 1);
			return usd === undefined ? null : units * usd;
		},
	};
}

async function readUnitPrice(
	{ http, endpoints, clock }: FalWire,
	signal: AbortSignal,
): Promise<Reading<UnitPrice>> {
	const result = await http.authenticated({
		method: 'GET',
		url: `${endpoints.apiUrl}/v1/models/pricing`,
		query: { endpoint_id: falTable.model },
		signal,
	});
	if (!result.answered) return unansweredReading(result, 'fal');
	const prices = jsonOf(result)?.prices;
	if (Array.isArray(prices)) return { ok: true, value: unitPriceIn(prices) };
	const { status, headers, body } = result;
	return unsuccessfulReading(result, falProblem(status, headers, body), clock.now());
}

/** The model's price among those that fal lists; one in another currency is none. */
function unitPriceIn(prices: unknown[]): UnitPrice {
	const price = prices.map(asObject).find((one) => one?.endpoint_id === falTable.model);
	if (!price || (price.currency !== undefined && price.currency !== 'USD')) return {};
	return { usd: asPrice(price.unit_price), unit: asString(price.unit) };
}
