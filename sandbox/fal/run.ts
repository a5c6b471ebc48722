import type { FastifyInstance } from 'fastify';
import { jsonBodyOf } from '../server';
import type { FalContext } from './context';
import { modelFailure, sendResult } from './results';
import { acceptJob } from './submission';

/** fal.run answers when the video is ready. Only the header x-fal-request-id identifies the job. */
export function serveRun(app: FastifyInstance, context: FalContext): void {
	const { catalogue, clock } = context;
	for (const model of catalogue.all('fal')) {
		app.post(`/${model.id}`, { config: { endpoint: 'run' } }, async (request, reply) => {
			const problems = catalogue.problemsOf(model, jsonBodyOf(request));
			if (problems.length > 0) {
				const { status, headers, body } = modelFailure(problems);
				return reply.code(status).headers(headers!).send(body);
			}
			const job = acceptJob(request, context, { endpoint: 'run', model: model.id });
			void reply.header('x-fal-request-id', job.id);
			await clock.ended(job);
			return sendResult(reply, job, context);
		});
	}
}
