import type { FastifyReply } from 'fastify';
import type { Manners } from '../server';

function hasKey(authorization: string | undefined, key: string): boolean {
	return authorization === `Key ${key}`;
}

/** How the queue, the blocking host, storage and the CDN answer: errors are `{"detail": …}` (fal docs: errors). */
export function modelManners(key: string): Manners {
	return {
		admit(authorization, reply) {
			if (hasKey(authorization, key)) return true;
			const detail = authorization
				? 'No user found for Key ID and Secret'
				: 'Cannot access application "luma/agent". Authentication is required to access this application.';
			void reply.code(401).send({ detail });
			return false;
		},
		jobNotFound: (reply) => reply.code(404).send({ status: 'NOT_FOUND' }),
		notFound: (reply, url) => reply.code(404).send({ detail: `Path ${url} not found` }),
		badRequest: (reply, status, message) =>
			reply
				.code(status)
				.header('x-fal-error-type', 'bad_request')
				.send({ detail: message, error_type: 'bad_request' }),
	};
}

/** How the platform API answers: errors are `{"error": {type, message}}` (fal docs: platform APIs). */
export function platformManners(key: string): Manners {
	return {
		admit(authorization, reply) {
			if (hasKey(authorization, key)) return true;
			void platformError(reply, 401, 'authorization_error', 'Authentication required');
			return false;
		},
		jobNotFound: (reply) => platformError(reply, 404, 'not_found', 'Request not found'),
		notFound: (reply, url) => platformError(reply, 404, 'not_found', `Route ${url} not found`),
		badRequest: (reply, status, message) => platformError(reply, status, 'validation_error', message),
	};
}

export function platformError(
	reply: FastifyReply,
	status: number,
	type: string,
	message: string,
): FastifyReply {
	return reply.code(status).send({ error: { type, message } });
}
