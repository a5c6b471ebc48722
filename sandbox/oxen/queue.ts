import type { FastifyInstance, FastifyRequest } from 'fastify';
import { jsonBodyOf } from '../server';
import type { OxenContext } from './context';
import { notFound, oxenError, refusal } from './manners';
import { queueRow, statusWord } from './rows';
import { acceptJob } from './submission';

type IdRequest = FastifyRequest<{ Params: { id: string } }>;

interface ListFilter {
	namespace?: string;
	model?: string;
	status?: string;
	media_type?: string;
}

/** /api/ai/queue (Oxen docs: async queue). */
export function serveQueue(app: FastifyInstance, context: OxenContext): void {
	const { clock } = context;

	// A submit checks only the model, the count and the credits. Invalid parameters make the job fail later.
	app.post('/api/ai/queue', { config: { endpoint: 'submit' } }, async (request, reply) => {
		if (!request.headers['content-type']?.startsWith('application/json')) {
			return refusal(reply, 400, ':unsupported_media_type');
		}
		const { model: id, num_generations: count = 1 } = jsonBodyOf(request);
		if (typeof id !== 'string') return oxenError(reply, 400, 'invalid_params', 'model is required');
		const model = context.catalogue.find('oxen', id);
		if (!model) return refusal(reply, 400, `Model not found: ${id}`);
		if (!Number.isInteger(count) || (count as number) < 1 || (count as number) > 4) {
			return oxenError(reply, 400, 'invalid_params', 'num_generations must be an integer between 1 and 4');
		}
		const jobs = Array.from({ length: count as number }, () => acceptJob(request, context, 'submit', model));
		return { generations: jobs.map(({ id }) => ({ generation_id: id, status: 'queued' })) };
	});

	app.get(
		'/api/ai/queue',
		{ config: { endpoint: 'queueList' } },
		async (request: FastifyRequest<{ Querystring: ListFilter }>) => {
			const { namespace, model, status, media_type: mediaType } = request.query;
			const generations = clock.jobs.filter(
				(job) =>
					job.service === 'oxen' &&
					job.endpoint === 'submit' &&
					(status ? statusWord(job) === status : job.completedAt === undefined) &&
					(!namespace || job.namespace === namespace) &&
					(!model || job.model === model) &&
					(!mediaType || mediaType === 'video'),
			);
			return {
				count: generations.length,
				generations: generations.map((job) => queueRow(job, context)),
			};
		},
	);

	app.get('/api/ai/queue/:id', { config: { endpoint: 'status' } }, async (request: IdRequest, reply) => {
		const job = clock.find('oxen', request.params.id);
		if (!job) return notFound(reply);
		request.record.jobId = job.id;
		return queueRow(job, context);
	});

	// A job that has already ended does not change, and the answer is the same.
	app.delete('/api/ai/queue/:id', { config: { endpoint: 'cancel' } }, async (request: IdRequest, reply) => {
		const job = clock.find('oxen', request.params.id);
		if (!job) return notFound(reply);
		request.record.jobId = job.id;
		clock.cancel(job);
		return { status: 'success', generation_id: job.id };
	});
}
