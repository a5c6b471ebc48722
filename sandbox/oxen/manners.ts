import type { FastifyReply } from 'fastify';
import type { Manners } from '../server';

/** Oxen's error object (Oxen docs: errors). */
export function oxenError(reply: FastifyReply, code: number, type: string, title: string): FastifyReply {
	return reply.code(code).send({ error: { type, title }, status: 'error', status_message: type });
}

export function notFound(reply: FastifyReply): FastifyReply {
	return oxenError(reply, 404, 'resource_not_found', 'The requested resource could not be found');
}

/** How the inference endpoints answer a request that they refuse. */
export function refusal(reply: FastifyReply, code: number, message: string): FastifyReply {
	return reply.code(code).send({ error: { message } });
}

export function oxenManners(key: string): Manners {
	return {
		admit(authorization, reply) {
			if (authorization === `Bearer ${key}`) return true;
			void oxenError(reply, 401, 'unauthenticated', 'You must be authenticated to access this resource');
			return false;
		},
		notFound,
		jobNotFound: notFound,
		badRequest: (reply, status, message) => oxenError(reply, status, 'invalid_params', message),
	};
}
