import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { AddressInfo } from 'node:net';
import type { Strike } from './faults/book';
import type { FaultGate } from './faults/gate';
import type { Payload } from './faults/spoil';
import type { Host } from './options';
import type { Endpoint, RecordedRequest, Service } from './requests';
import { now } from './time';

declare module 'fastify' {
	interface FastifyContextConfig {
		endpoint?: Endpoint;
		/** Needs no key. */
		open?: boolean;
	}
	interface FastifyRequest {
		record: RecordedRequest;
		/** What goes wrong with this request although it is carried out. */
		strike?: Strike;
	}
}

/** How a provider answers if the answer is not about a job. */
export interface Manners {
	/** Checks the key; returns true, or refuses by answering. */
	admit(authorization: string | undefined, reply: FastifyReply): boolean;
	notFound(reply: FastifyReply, url: string): FastifyReply;
	jobNotFound(reply: FastifyReply): FastifyReply;
	badRequest(reply: FastifyReply, status: number, message: string): FastifyReply;
}

/** What every request passes on its way, whatever the host. */
export interface Passage {
	requests: RecordedRequest[];
	gate: FaultGate;
}

/** Room for an image that comes inline, as a data URI. */
const BODY_LIMIT_BYTES = 128 * 1024 * 1024;

/** A server that stands for one host. Every request passes here on its way in and out. */
export function createServer(
	host: Host,
	service: Service,
	{ requests, gate }: Passage,
	manners: Manners,
): FastifyInstance {
	const app = Fastify({
		forceCloseConnections: true,
		bodyLimit: BODY_LIMIT_BYTES,
		exposeHeadRoutes: false,
	});
	app.decorateRequest('record');
	app.decorateRequest('strike');

	// Clients send `Content-Type: application/json` with an empty body on GET, PUT and DELETE.
	app.removeContentTypeParser('application/json');
	app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
		try {
			done(null, body === '' ? undefined : JSON.parse(body as string));
		} catch {
			done(Object.assign(new Error('JSON decode error'), { statusCode: 400 }));
		}
	});
	app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

	app.addHook('onRequest', async (request, reply) => {
		const record: RecordedRequest = {
			service,
			host,
			endpoint: request.routeOptions.config?.endpoint ?? 'unknown',
			method: request.method,
			url: request.url,
			headers: request.headers,
			at: now(),
		};
		request.record = record;
		requests.push(record);
		reply.raw.once('finish', () => (record.status = reply.raw.statusCode));
	});

	app.addHook('preHandler', async (request, reply) => {
		const { body, record } = request;
		// The reader of a stream notes it.
		if (body !== null && !(body instanceof Object && 'pipe' in body)) record.body = body;
		if (await gate.enter(request, reply, manners.jobNotFound)) return reply;
		const { endpoint, open } = request.routeOptions.config;
		if (endpoint && !open && !manners.admit(request.headers.authorization, reply)) return reply;
	});

	app.addHook('onSend', async (request, reply, payload) => gate.leave(request, reply, payload as Payload));

	app.setNotFoundHandler((request, reply) => manners.notFound(reply, request.url));
	app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
		manners.badRequest(reply, error.statusCode ?? 500, error.message),
	);
	return app;
}

/** The request's JSON object; empty if it sent something else. */
export function jsonBodyOf({ body }: FastifyRequest): Record<string, unknown> {
	return body instanceof Object && !Array.isArray(body) && !('pipe' in body)
		? (body as Record<string, unknown>)
		: {};
}

/** Connections that may wait until a busy process accepts them; beyond it the system resets them. Node.js takes 511. */
const BACKLOG = 4_096;

/** Opens the port and returns the server's origin. */
export async function listen(app: FastifyInstance, port = 0): Promise<string> {
	await app.listen({ host: '127.0.0.1', port, backlog: BACKLOG });
	return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}
