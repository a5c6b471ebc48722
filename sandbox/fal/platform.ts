import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Catalogue } from '../catalogue';
import type { SandboxJob } from '../jobs';
import { unitPriceUsd, type Model, type Operation } from '../ray';
import { isoTime, now } from '../time';
import { jsonBodyOf } from '../server';
import type { FalContext } from './context';
import { platformError } from './manners';
import { openApiDocument } from './openapi';
import { resultOf } from './results';

/** A list parameter is either repeated or separated by commas. */
type List = string | string[] | undefined;

function listOf(value: List): string[] {
	return [value ?? []].flat().flatMap((part) => part.split(',').filter(Boolean));
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * The models with these IDs, or all models if no IDs are given. If an ID is unknown, answers the request and returns
 * undefined.
 */
function modelsAsked(catalogue: Catalogue, ids: string[], reply: FastifyReply): Model[] | undefined {
	const models = ids.map((id) => catalogue.find('fal', id));
	const unknown = models.indexOf(undefined);
	if (unknown >= 0) {
		void platformError(reply, 404, 'not_found', `Endpoint ${ids[unknown]} not found`);
		return undefined;
	}
	return ids.length > 0 ? (models as Model[]) : [...catalogue.all('fal')];
}

/** api.fal.ai (fal docs: platform APIs). */
export function servePlatform(app: FastifyInstance, context: FalContext): void {
	servePrices(app, context);

	app.get<{ Querystring: { endpoint_id?: List; expand?: List } }>(
		'/v1/models',
		{ config: { endpoint: 'models', open: true } },
		async (request, reply) => {
			const models = modelsAsked(context.catalogue, listOf(request.query.endpoint_id), reply);
			if (!models) return reply;
			const withSchema = listOf(request.query.expand).includes('openapi-3.0');
			return {
				models: models.map((model) => ({
					endpoint_id: model.id,
					metadata: metadataOf(model),
					...(withSchema && { openapi: openApiDocument(model, DETAILS[model.operation].category) }),
				})),
				next_cursor: null,
				has_more: false,
			};
		},
	);

	app.get<{ Querystring: RequestFilter }>(
		'/v1/models/requests/by-endpoint',
		{ config: { endpoint: 'requests' } },
		async (request, reply) => {
			if (listOf(request.query.endpoint_id).length === 0) {
				return platformError(reply, 400, 'validation_error', 'endpoint_id is required');
			}
			return pastRequests(request.query, context);
		},
	);
}

function servePrices(app: FastifyInstance, { catalogue }: FalContext): void {
	app.get<{ Querystring: { endpoint_id?: List } }>(
		'/v1/models/pricing',
		{ config: { endpoint: 'pricing' } },
		async (request, reply) => {
			const models = modelsAsked(catalogue, listOf(request.query.endpoint_id), reply);
			if (!models) return reply;
			return {
				prices: models.map(({ id, prices }) => ({
					endpoint_id: id,
					unit_price: unitPriceUsd(prices),
					unit: prices.unit,
					currency: 'USD',
				})),
				next_cursor: null,
				has_more: false,
			};
		},
	);

	app.post('/v1/models/pricing/estimate', { config: { endpoint: 'estimate' } }, async (request, reply) => {
		const { estimate_type: type, endpoints } = jsonBodyOf(request) as {
			estimate_type?: string;
			endpoints?: Record<string, { unit_quantity?: number; call_quantity?: number }>;
		};
		const amount = type === 'unit_price' ? 'unit_quantity' : 'call_quantity';
		const asked = Object.entries(endpoints ?? {});
		if (asked.length === 0 || asked.some(([, quantities]) => typeof quantities?.[amount] !== 'number')) {
			return platformError(reply, 400, 'validation_error', `endpoints needs a ${amount} each`);
		}
		const models = modelsAsked(
			catalogue,
			asked.map(([id]) => id),
			reply,
		);
		if (!models) return reply;
		const costs = asked.map(
			([, quantities], index) => quantities[amount]! * unitPriceUsd(models[index].prices),
		);
		const total = costs.reduce((sum, cost) => sum + cost, 0);
		return { estimate_type: type, total_cost: Math.round(total * 1e6) / 1e6, currency: 'USD' };
	});
}

const DETAILS: Record<Operation, { name: string; category: string; description: string; tags: string[] }> = {
	'image-to-video': {
		name: 'Image to Video',
		category: 'image-to-video',
		description: 'Luma Ray 3.2 animates a source image into cinematic motion guided by a text prompt.',
		tags: ['stylized', 'transform', 'lipsync'],
	},
	'text-to-video': {
		name: 'Text to Video',
		category: 'text-to-video',
		description: 'Luma Ray 3.2 makes a video from a text prompt.',
		tags: [],
	},
	'video-to-video': {
		name: 'Video to Video',
		category: 'video-to-video',
		description: 'Luma Ray 3.2 edits a source video guided by a text prompt.',
		tags: [],
	},
	reframe: {
		name: 'Reframe',
		category: 'video-to-video',
		description: 'Luma Ray 3.2 gives a source video another aspect ratio.',
		tags: [],
	},
};

function metadataOf({ id, operation }: Model) {
	const { name, category, description, tags } = DETAILS[operation];
	return {
		display_name: `Luma Ray 3.2 ${name}`,
		category,
		description,
		status: 'active',
		tags,
		model_url: `https://fal.run/${id}`,
	};
}

interface RequestFilter {
	endpoint_id?: List;
	request_id?: string;
	start?: string;
	end?: string;
	status?: string;
	expand?: List;
	limit?: string;
	cursor?: string;
}

/** Newest first. Without `start` it covers the last day, or the last 90 days if a request ID is given. */
function pastRequests(filter: RequestFilter, context: FalContext) {
	const from = filter.start ? Date.parse(filter.start) : now() - (filter.request_id ? 90 : 1) * DAY_MS;
	const until = filter.end ? Date.parse(filter.end) : Infinity;
	const matching = context.clock.jobs.filter(
		(job) =>
			job.service === 'fal' &&
			listOf(filter.endpoint_id).includes(job.model) &&
			(!filter.request_id || job.id === filter.request_id) &&
			(!filter.status || outcomeOf(job) === filter.status) &&
			job.acceptedAt >= from &&
			job.acceptedAt < until,
	);
	const limit = Math.min(Math.max(Number(filter.limit) || 50, 1), 100);
	const page = Number(Buffer.from(filter.cursor ?? '', 'base64').toString()) || 1;
	const hasMore = matching.length > page * limit;
	const withPayloads = listOf(filter.expand).includes('payloads');
	return {
		items: matching
			.reverse()
			.slice((page - 1) * limit, page * limit)
			.map((job) => ({ ...rowOf(job, context), ...(withPayloads && payloadsOf(job, context)) })),
		next_cursor: hasMore ? Buffer.from(String(page + 1)).toString('base64') : null,
		has_more: hasMore,
	};
}

function rowOf(job: SandboxJob, context: FalContext) {
	const { startedAt, completedAt } = job;
	return {
		request_id: job.id,
		endpoint_id: job.model,
		sent_at: isoTime(job.acceptedAt),
		started_at: startedAt === undefined ? null : isoTime(startedAt),
		ended_at: completedAt === undefined ? null : isoTime(completedAt),
		status_code: completedAt === undefined ? null : resultOf(job, context).status,
		duration: completedAt === undefined ? null : (completedAt - (startedAt ?? completedAt)) / 1000,
	};
}

function payloadsOf(job: SandboxJob, context: FalContext) {
	return {
		json_input: job.input,
		json_output: job.completedAt === undefined ? null : resultOf(job, context).body,
	};
}

function outcomeOf(job: SandboxJob): string | undefined {
	if (job.status === 'succeeded') return 'success';
	if (!job.failure) return undefined;
	return job.failure.status < 500 ? 'user_error' : 'error';
}
