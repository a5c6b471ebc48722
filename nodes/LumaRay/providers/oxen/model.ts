import type { ModelName } from '../../models/names';
import { asObject, asPrice, jsonOf, unansweredReading, unsuccessfulReading } from '../answers';
import { patiently, PRICE_TRIES } from '../patience';
import type { ModelDescription, Provider, Reading } from '../provider';
import { OXEN } from './catalogue';
import { oxenProblem } from './problems';
import type { OxenWire } from './wire';

/** A model as Oxen describes it now, with its prices. */
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
	if (raw && schema) return { ok: true, value: { schema, raw } };
	return unsuccessfulReading(result, oxenProblem(result.status, result.body), clock.now());
}

/** Oxen's price of a clip. The model's description, which holds it, is read when somebody first asks and then kept. */
export function createLivePrice(wire: OxenWire): Provider['livePrice'] {
	const { clock } = wire;
	const descriptions = new Map<ModelName, Promise<Reading<ModelDescription>>>();

	return async (model, _edition, { resolution = '', duration = '', hdr }, signal) => {
		const seconds = Number.parseInt(duration, 10);
		if (hdr || Number.isNaN(seconds)) return undefined;
		const read = async () => await readModel(wire, model, signal);
		const description = descriptions.get(model) ?? patiently(read, { clock, signal, tries: PRICE_TRIES });
		descriptions.set(model, description);
		const described = await description;
		const pricing = described.ok ? asObject(described.value.raw.pricing) : undefined;
		const perSecond = asPrice(asObject(pricing?.cost_per_second_by_resolution)?.[resolution]);
		return perSecond === undefined ? undefined : asPrice(perSecond * seconds);
	};
}
