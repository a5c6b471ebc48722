import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { SandboxJob } from '../jobs';
import { sendMedia } from '../media';
import type { OxenContext } from './context';
import { notFound } from './manners';
import { presignedUrl } from './rows';

type VideoRequest = FastifyRequest<{ Params: { id: string } }>;

/** The storage behind Oxen, with presigned addresses that need no key. */
export function serveStorage(app: FastifyInstance, context: OxenContext): void {
	app.route({
		method: ['GET', 'HEAD'],
		url: '/media/:id.mp4',
		config: { endpoint: 'video', open: true },
		handler: async (request: VideoRequest, reply) => {
			const job = succeeded(request, context);
			return job ? sendMedia(request, reply, context.catalogue.videoOf(job)) : notFound(reply);
		},
	});
}

/** The hub's own addresses for videos. They require the key and redirect to the storage. */
export function serveResults(app: FastifyInstance, context: OxenContext): void {
	app.get('/api/results/:id.mp4', { config: { endpoint: 'video' } }, async (request: VideoRequest, reply) => {
		const job = succeeded(request, context);
		return job ? reply.redirect(presignedUrl(job.id, context.urls.oxenCdn)) : notFound(reply);
	});
}

function succeeded(request: VideoRequest, { clock }: OxenContext): SandboxJob | undefined {
	const job = clock.find('oxen', request.params.id);
	request.record.jobId = job?.id;
	return job?.status === 'succeeded' ? job : undefined;
}
