import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { OxenContext } from './context';
import { notFound } from './manners';
import { costOf, generationRow } from './rows';

const PAGE_SIZE = 50;
const LARGEST_PAGE_SIZE = 1000;

type ListRequest = FastifyRequest<{ Querystring: { namespace?: string; page?: string; page_size?: string } }>;

/** /api/ai/generations: all generations of the account, and what they cost. */
export function serveGenerations(app: FastifyInstance, context: OxenContext): void {
	const { clock } = context;

	app.get('/api/ai/generations', { config: { endpoint: 'generations' } }, async (request: ListRequest) => {
		const page = Math.max(Number(request.query.page) || 1, 1);
		const asked = Number(request.query.page_size) || PAGE_SIZE;
		const pageSize = Math.min(Math.max(asked, 1), LARGEST_PAGE_SIZE);
		const { namespace: wanted } = request.query;
		const newestFirst = clock.jobs
			.filter(({ service, namespace }) => service === 'oxen' && (!wanted || namespace === wanted))
			.reverse();
		const rows = newestFirst.slice((page - 1) * pageSize, page * pageSize);
		return {
			status: 'success',
			status_message: 'resource_found',
			count: rows.length,
			page_number: page,
			page_size: pageSize,
			total_pages: Math.ceil(newestFirst.length / pageSize),
			total_entries: newestFirst.length,
			total_cost: newestFirst.reduce((sum, job) => sum + (costOf(job, context.catalogue) ?? 0), 0).toFixed(2),
			generations: rows.map((job) => generationRow(job, context)),
		};
	});

	app.get(
		'/api/ai/generations/:id',
		{ config: { endpoint: 'generation' } },
		async (request: FastifyRequest<{ Params: { id: string } }>, reply) => {
			const job = clock.find('oxen', request.params.id);
			if (!job) return notFound(reply);
			request.record.jobId = job.id;
			return {
				status: 'success',
				status_message: 'resource_found',
				generation: generationRow(job, context),
			};
		},
	);
}
