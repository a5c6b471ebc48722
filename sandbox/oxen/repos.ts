import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { sendMedia } from '../media';
import type { BinaryBody } from '../requests';
import { jsonBodyOf } from '../server';
import { isoTime, now } from '../time';
import type { OxenContext } from './context';
import { notFound, oxenError } from './manners';

type FileRequest = FastifyRequest<{ Params: { namespace: string; repo: string; '*': string } }>;

/** /api/repos: stores an image at an address that the model can load (Oxen docs: file upload example). */
export function serveRepos(app: FastifyInstance, { files, settings }: OxenContext): { clear(): void } {
	/** Repositories by namespace/name, with whether they are public. */
	const repos = new Map<string, { isPublic: boolean }>();
	const nameOf = ({ namespace, repo }: FileRequest['params']) => `${namespace}/${repo}`;

	app.post('/api/repos', { config: { endpoint: 'repoCreate' } }, async (request, reply) => {
		const { namespace, name, is_public: isPublic = true } = jsonBodyOf(request);
		if (typeof namespace !== 'string' || typeof name !== 'string') {
			return oxenError(reply, 400, 'invalid_params', 'namespace and name are required');
		}
		const fullName = `${namespace}/${name}`;
		if (repos.has(fullName)) {
			return oxenError(reply, 409, 'resource_already_exists', `Repository '${fullName}' already exists`);
		}
		repos.set(fullName, { isPublic: isPublic === true });
		return {
			status: 'success',
			status_message: 'resource_created',
			repository: { namespace, name, is_public: isPublic, remote_url: `/${fullName}` },
		};
	});

	app.put(
		'/api/repos/:namespace/:repo/file/*',
		{ config: { endpoint: 'uploadPut' } },
		async (request: FileRequest, reply) => {
			const repo = nameOf(request.params);
			if (!repos.has(repo)) return notFound(reply);
			if (!request.isMultipart()) {
				return oxenError(reply, 400, 'invalid_params', 'A multipart form is expected');
			}
			const fields: Record<string, unknown> = {};
			const uploaded: Array<BinaryBody & { field: string; path: string }> = [];
			for await (const part of request.parts()) {
				if (part.type === 'field') {
					fields[part.fieldname] = part.value;
					continue;
				}
				// The same fields as in liboxen's client: `files[]` are stored in the directory at this path, `file` at the
				// path itself.
				const target = request.params['*'];
				const path = part.fieldname === 'file' ? target : posix.join(target, part.filename);
				const body = await files.save(`${repo}/${path}`, part.mimetype, part.file);
				uploaded.push({ field: part.fieldname, path, ...body });
			}
			request.record.body = { ...fields, files: uploaded };
			if (uploaded.length === 0) return oxenError(reply, 400, 'invalid_params', 'No file was sent');
			return {
				status: 'success',
				status_message: 'resource_created',
				commit: {
					id: createHash('sha256').update(JSON.stringify(uploaded)).digest('hex').slice(0, 32),
					parent_ids: [],
					message: fields.message ?? 'Upload',
					author: fields.name ?? 'sandbox',
					email: fields.email ?? 'sandbox@example.com',
					timestamp: isoTime(now()),
				},
			};
		},
	);

	// The second address is the one in the examples on the models' pages.
	for (const url of ['/api/repos/:namespace/:repo/file/*', '/api/repos/:namespace/:repo/assets/file/*']) {
		app.route({
			method: ['GET', 'HEAD'],
			url,
			config: { endpoint: 'image', open: true },
			handler: async (request: FileRequest, reply) => {
				const repo = nameOf(request.params);
				const mayRead =
					repos.get(repo)?.isPublic || request.headers.authorization === `Bearer ${settings.oxenKey}`;
				const file = mayRead ? files.open(`${repo}/${request.params['*']}`) : undefined;
				return file ? sendMedia(request, reply, file) : notFound(reply);
			},
		});
	}

	return { clear: () => repos.clear() };
}
