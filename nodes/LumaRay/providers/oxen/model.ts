import { oxenTable } from '../../ray/oxen';
import { asObject, asPrice, jsonOf, unansweredReading, unsuccessfulReading } from '../answers';
import { patiently, PRICE_TRIES } from '../patience';
import type { ModelDescription, Provider, Reading } from '../provider';
import { oxenProblem } from './problems';
import type { OxenWire } from './wire';

/** The model as Oxen describes it now, its prices among it. */
export async function readModel(
	{ http, clock, baseUrl }: OxenWire,
	signal: AbortSignal,
): Promise<Reading<ModelDescription>> {
	const url = `${baseUrl}/api/ai/models/${oxenTable.model}`;
	const result = await http.authenticated({ method: 'GET', url, signal });
	if (!result.answered) return unansweredReading(result, 'oxen');
	const body = jsonOf(result);
	const model = asObject(body?.data) ?? body;
	const schema = asObject(model?.request_schema) ?? asObject(model?.json_request_schema);
	if (model && schema) return { ok: true, value: { schema, raw: model } };
	return unsuccessfulReading(result, oxenProblem(result.status, result.body), clock.now());
}

/** Oxen's price of a clip. The model's description, which holds it, is read when somebody first asks and then kept. */
export function createLivePrice(wire: OxenWire): Provider['livePrice'] {
	const { clock } = wire;
	let modelNow: Promise<Reading<ModelDescription>> | undefined;

	return async (resolution, duration, signal) => {
		modelNow ??= patiently(async () => await readModel(wire, signal), { clock, signal, tries: PRICE_TRIES });
		const model = await modelNow;
		const pricing = model.ok ? asObject(model.value.raw.pricing) : undefined;
		const perSecond = asPrice(asObject(pricing?.cost_per_second_by_resolution)?.[resolution]);
		return perSecond === undefined ? undefined : asPrice(perSecond * Number.parseInt(duration, 10));
	};
}
