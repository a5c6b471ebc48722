import type { FastifyInstance } from 'fastify';
import type { SandboxJob } from '../jobs';
import { FAL_ENDPOINT_ID, UNIT_PRICE_USD } from '../ray';
import { isoTime, now } from '../time';
import { jsonBodyOf } from '../server';
import type { FalContext } from './context';
import { platformError } from './manners';
import { openApiDocument } from './openapi';
import { resultOf } from './results';

/** A list parameter comes repeated or with commas. */
type List = string | string[] | undefined;

function listOf(value: List): string[] {
	return [value ?? []].flat().flatMap((part) => part.split(',').filter(Boolean));
}

const DAY_MS = 24 * 3600 * 1000;

/** api.fal.ai (fal docs: platform APIs). */
export function servePlatform(app: FastifyInstance, context: FalContext): void {
	app.get<{ Querystring: { endpoint_id?: List } }>(
		'/v1/models/pricing',
		{ config: { endpoint: 'pricing' } },
		async (request, reply) => {
			const ids = listOf(request.query.endpoint_id);
			const unknown = ids.find((id) => id !== FAL_ENDPOINT_ID);
			if (unknown) return platformError(reply, 404, 'not_found', `Endpoint ${unknown} not found`);
			return {
				prices: [
					{ endpoint_id: FAL_ENDPOINT_ID, unit_price: UNIT_PRICE_USD, unit: 'units', currency: 'USD' },
				],
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
		const unknown = asked.find(([id]) => id !== FAL_ENDPOINT_ID);
		if (unknown) return platformError(reply, 404, 'not_found', `Endpoint ${unknown[0]} not found`);
		const units = asked.reduce((sum, [, quantities]) => sum + quantities[amount]!, 0);
		return { estimate_type: type, total_cost: units * UNIT_PRICE_USD, currency: 'USD' };
	});

	app.get<{ Querystring: { endpoint_id?: List; expand?: List } }>(
		'/v1/models',
		{ config: { endpoint: 'models', open: true } },
		async (request, reply) => {
			const unknown = listOf(request.query.endpoint_id).find((id) => id !== FAL_ENDPOINT_ID);
			if (unknown) return platformError(reply, 404, 'not_found', `Endpoint ${unknown} not found`);
			const withSchema = listOf(request.query.expand).includes('openapi-3.0');
			return {
				models: [
					{
						endpoint_id: FAL_ENDPOINT_ID,
						metadata: METADATA,
						...(withSchema && { openapi: openApiDocument() }),
					},
				],
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

const METADATA = {
	display_name: 'Luma Ray 3.2 Image to Video',
	category: 'image-to-video',
	description: 'Luma Ray 3.2 animates a source image into cinematic motion guided by a text prompt.',
	status: 'active',
	tags: ['stylized', 'transform', 'lipsync'],
	model_url: `https://fal.run/${FAL_ENDPOINT_ID}`,
};

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

/** Newest first. Without `start` it covers the last day, or 90 days where a request id is given. */
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
