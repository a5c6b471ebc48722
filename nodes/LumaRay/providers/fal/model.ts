import type { ModelName } from '../../models/names';
import { asObject, asString, jsonOf, unansweredReading, unsuccessfulReading } from '../answers';
import type { Json, ModelDescription, Reading } from '../provider';
import { FAL } from './catalogue';
import { falProblem } from './problems';
import type { FalWire } from './wire';

/** fal's current description of a model. */
export async function readModel(
	{ http, endpoints, clock }: FalWire,
	model: ModelName,
	signal: AbortSignal,
): Promise<Reading<ModelDescription>> {
	const result = await http.authenticated({
		method: 'GET',
		url: `${endpoints.apiUrl}/v1/models`,
		query: { endpoint_id: FAL.models[model].endpoint, expand: 'openapi-3.0' },
		signal,
	});
	if (!result.answered) return unansweredReading(result, 'fal');
	const models = jsonOf(result)?.models;
	const raw = Array.isArray(models) ? asObject(models[0]) : undefined;
	const schema = inputSchemaOf(asObject(raw?.openapi), FAL.models[model].endpoint);
	if (raw && schema) return { ok: true, value: { schema, raw } };
	const { status, headers, body } = result;
	return unsuccessfulReading(result, falProblem(status, headers, body), clock.now());
}

/** The schema of the body of the endpoint's POST, from its OpenAPI document. */
function inputSchemaOf(openapi: Json | undefined, endpoint: string): Json | undefined {
	const schemas = asObject(asObject(openapi?.components)?.schemas);
	const post = asObject(asObject(asObject(openapi?.paths)?.[`/${endpoint}`])?.post);
	const content = asObject(asObject(post?.requestBody)?.content);
	const schema = asObject(asObject(content?.['application/json'])?.schema);
	const reference = asString(schema?.$ref);
	return reference ? asObject(schemas?.[reference.split('/').pop()!]) : schema;
}
