import type { ModelName } from '../../models/names';
import type { LivePrice } from '../../models/prices';
import { asObject, asPrice, asString, jsonOf, unansweredReading, unsuccessfulReading } from '../answers';
import type { Json, ModelDescription, Reading } from '../provider';
import { OXEN } from './catalogue';
import { oxenProblem } from './problems';
import type { OxenWire } from './wire';

/** Oxen's current description of a model, with its prices. */
export async function readModel(
	{ http, clock, baseUrl }: OxenWire,
	model: ModelName,
	signal: AbortSignal,
): Promise<Reading<ModelDescription>> {
	const url = `${baseUrl}/api/ai/models/${OXEN.models[model].endpoint}`;
	const result = await http.authenticated({ method: 'GET', url, signal });
	if (!result.answered) return unansweredReading(result, 'oxen');
	const body = jsonOf(result);
	const raw = asObject(body?.data) ?? body;
	const schema = asObject(raw?.request_schema) ?? asObject(raw?.json_request_schema);
	if (raw && schema) {
		const price = priceIn(asObject(raw.pricing));
		return { ok: true, value: { schema, raw, ...(price && { price }) } };
	}
	return unsuccessfulReading(result, oxenProblem(result.status, result.body), clock.now());
}

/** Oxen's price for one second; undefined if it does not charge by the second. */
function priceIn(pricing: Json | undefined): LivePrice | undefined {
	const method = asString(pricing?.method);
	if (method !== undefined && !method.includes('second')) return undefined;
	const byResolution = Object.entries(asObject(pricing?.cost_per_second_by_resolution) ?? {});
	const known = byResolution.flatMap(([resolution, value]): Array<[string, number]> => {
		const usd = asPrice(value);
		return usd === undefined ? [] : [[resolution, usd]];
	});
	if (known.length > 0) return { of: 'secondAt', usd: Object.fromEntries(known) };
	const usd = asPrice(pricing?.cost_per_second);
	return usd === undefined ? undefined : { of: 'second', usd };
}
