import type { FastifyInstance } from 'fastify';
import { FAL_ENDPOINT_ID } from '../ray';
import { problemsOf } from '../runner';
import { jsonBodyOf } from '../server';
import type { FalContext } from './context';
import { modelFailure, sendResult } from './results';
import { acceptJob } from './submission';

/** fal.run: answers when the video is there. The header x-fal-request-id is the only trace of the job. */
export function serveRun(app: FastifyInstance, context: FalContext): void {
	app.post(`/${FAL_ENDPOINT_ID}`, { config: { endpoint: 'run' } }, async (request, reply) => {
		const problems = problemsOf(jsonBodyOf(request), 'image_url');
		if (problems.length > 0) {
			const { status, headers, body } = modelFailure(problems);
			return reply.code(status).headers(headers!).send(body);
		}
		const job = acceptJob(request, context, { endpoint: 'run' });
		void reply.header('x-fal-request-id', job.id);
		await context.clock.ended(job);
		return sendResult(reply, job, context);
	});
}
