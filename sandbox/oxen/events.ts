import type { FastifyInstance } from 'fastify';
import type { SandboxJob } from '../jobs';
import type { EventStream } from '../streams';
import type { OxenContext } from './context';
import { resultUrl } from './rows';

/** /api/events: one stream for all events of the account (Oxen docs: async queue, completion events). */
export function serveEvents(app: FastifyInstance, context: OxenContext): void {
	const listeners = new Set<EventStream>();

	app.get('/api/events', { config: { endpoint: 'events' } }, async (request, reply) => {
		const stream = context.streams.start(request, reply);
		listeners.add(stream);
		stream.onClose(() => listeners.delete(stream));
		return reply;
	});

	// A failed job is reported as completed, too. A cancelled job is not reported. No event is repeated.
	context.clock.onEnd('oxen', (job) => {
		if (job.endpoint !== 'submit' || job.status === 'cancelled') return;
		for (const stream of listeners) {
			// The stream also contains other events of the account.
			stream.send({ namespace: job.namespace }, 'credits_updated');
			stream.send(completionOf(job, context), 'media_generation_completed');
		}
	});
}

function completionOf(job: SandboxJob, context: OxenContext) {
	const common = { generation_id: job.id, status: job.status, media_type: 'video' };
	return job.failure
		? { ...common, error: job.failure.message }
		: { ...common, model: job.model, url: resultUrl(job, context) };
}
