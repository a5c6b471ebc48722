import type { FastifyInstance, FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import { sendMedia } from '../media';
import { exrFile } from '../exr';
import { jsonBodyOf } from '../server';
import type { FalContext } from './context';
import { contentOf, type MultipartUploads } from './multipart';

type FileRequest = FastifyRequest<{ Params: { id: string; name: string } }>;

/**
 * rest.fal.ai, where an upload starts. Like @fal-ai/client, clients start it with the key and then send the file with
 * a PUT without the key.
 */
export function serveUploads(app: FastifyInstance, { urls }: FalContext, multipart: MultipartUploads): void {
	const begin = (path: string, start: (path: string, contentType: string) => object) =>
		app.post(path, { config: { endpoint: 'uploadInitiate' } }, async (request, reply) => {
			const { file_name: fileName, content_type: contentType } = jsonBodyOf(request);
			if (typeof fileName !== 'string' || typeof contentType !== 'string') {
				return reply.code(422).send({ detail: 'file_name and content_type are required' });
			}
			return start(`${randomUUID()}/${encodeURIComponent(fileName)}`, contentType);
		});
	begin('/storage/upload/initiate', (path) => ({
		upload_url: `${urls.cdn}/upload/${path}?signature=${randomUUID()}`,
		file_url: `${urls.cdn}/files/u/${path}`,
	}));
	begin('/storage/upload/initiate-multipart', (path, contentType) => multipart.begin(path, contentType));
}

/** fal's file CDN: it receives uploads and serves them, and it stores the videos. No request here needs a key. */
export function serveCdn(app: FastifyInstance, context: FalContext, multipart: MultipartUploads): void {
	const { catalogue, clock, files, settings } = context;
	// Files stay raw bytes, regardless of their content type, even if it is JSON.
	app.removeAllContentTypeParsers();
	app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

	multipart.serve(app);
	app.put(
		'/upload/:id/:name',
		{ config: { endpoint: 'uploadPut', open: true } },
		async (request: FileRequest, reply) => {
			const { id, name } = request.params;
			const contentType = request.headers['content-type'] ?? 'application/octet-stream';
			request.record.body = await files.save(`${id}/${name}`, contentType, contentOf(request));
			return reply.code(200).send();
		},
	);

	app.route({
		method: ['GET', 'HEAD'],
		url: '/files/u/:id/:name',
		config: { endpoint: 'image', open: true },
		handler: async (request: FileRequest, reply) => {
			const file = files.open(`${request.params.id}/${request.params.name}`);
			if (!file) return reply.callNotFound();
			return sendMedia(request, reply, file);
		},
	});

	app.route({
		method: ['GET', 'HEAD'],
		url: '/files/b/:id/:name',
		config: { endpoint: 'video', open: true },
		handler: async (request: FileRequest, reply) => {
			const job = clock.find('fal', request.params.id);
			if (job?.status !== 'succeeded') return reply.callNotFound();
			request.record.jobId = job.id;
			const isVideo = request.params.name.endsWith('.mp4');
			return sendMedia(request, reply, isVideo ? catalogue.videoOf(job) : exrFile(settings.exrFormat));
		},
	});
}
