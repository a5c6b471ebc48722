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
		/** Whether the endpoint needs no key. */
		open?: boolean;
	}
	interface FastifyRequest {
		record: RecordedRequest;
		/** The fault of a request that is carried out anyway. */
		strike?: Strike;
	}
}

/** How a provider answers if the answer is not about a job. */
export interface Manners {
	/** Checks the key. Returns true, or answers with a refusal. */
	admit(authorization: string | undefined, reply: FastifyReply): boolean;
	notFound(reply: FastifyReply, url: string): FastifyReply;
	jobNotFound(reply: FastifyReply): FastifyReply;
	badRequest(reply: FastifyReply, status: number, message: string): FastifyReply;
}

/** What every request passes through, on all hosts. */
export interface Passage {
	requests: RecordedRequest[];
	gate: FaultGate;
}

/** Large enough for an image that is sent inline, as a data URI. */
const BODY_LIMIT_BYTES = 128 * 1024 * 1024;

/** A server that represents one host. It records every request, and applies faults to requests and answers. */
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
		// The code that reads the stream records the body.
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

/** The JSON object in the request, or an empty object if the request sent something else. */
export function jsonBodyOf({ body }: FastifyRequest): Record<string, unknown> {
	return body instanceof Object && !Array.isArray(body) && !('pipe' in body)
		? (body as Record<string, unknown>)
		: {};
}

/**
 * Connections that may wait until a busy process accepts them. The system resets any beyond this limit. Node.js's
 * default is 511.
 */
const BACKLOG = 4_096;

/** Opens the port and returns the server's origin. */
export async function listen(app: FastifyInstance, port = 0): Promise<string> {
	await app.listen({ host: '127.0.0.1', port, backlog: BACKLOG });
	return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}
