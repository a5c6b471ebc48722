import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OutgoingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { Strike } from './book';
import type { Fault } from './kinds';
import { rewriteAnswer } from './rewrite';

/**
 * For requests that are never answered: they wait until their connection closes. Each request gets a new promise,
 * because a shared one would keep every such request in memory.
 */
const never = () => new Promise<never>(() => {});

export type Payload = string | Buffer | Readable | null | undefined;

/** Answers instead of the handler, so that nothing is accepted. */
export async function answerInstead(
	{ fault }: Strike,
	request: FastifyRequest,
	reply: FastifyReply,
	jobNotFound: (reply: FastifyReply) => FastifyReply,
): Promise<FastifyReply> {
	switch (fault.kind) {
		case 'notFound':
			return jobNotFound(reply);
		case 'redirect':
			return reply
				.code(fault.code ?? 302)
				.header('location', fault.to)
				.send();
		default:
			// The handler has not run, so an empty object is used as its answer.
			return reply.type('application/json').send((await bendAnswer(fault, request, reply, '{}')) ?? '');
	}
}

/** Changes the answer of a request that was carried out. Returns what is sent instead, or never returns. */
export async function spoilAnswer(
	strike: Strike,
	request: FastifyRequest,
	reply: FastifyReply,
	payload: Payload,
): Promise<Payload> {
	const { fault } = strike;
	const bent = await bendAnswer(fault, request, reply, payload);
	if (bent !== payload) {
		if (payload instanceof Readable) payload.destroy();
		return bent;
	}
	if (fault.kind === 'contentType' && payload instanceof Readable) {
		void reply.type(fault.type);
		return payload;
	}
	if (typeof payload !== 'string' || reply.statusCode >= 300) return payload;
	if (!String(reply.getHeader('content-type')).includes('json')) return payload;
	const rewritten = JSON.stringify(rewriteAnswer(strike, JSON.parse(payload)));
	if (rewritten !== payload) setLength(reply, rewritten);
	return rewritten;
}

async function bendAnswer(
	fault: Fault,
	request: FastifyRequest,
	reply: FastifyReply,
	payload: Payload,
): Promise<Payload> {
	switch (fault.kind) {
		case 'resetBefore':
		case 'resetAfter':
			request.raw.socket.resetAndDestroy();
			return never();
		case 'hang':
			return never();
		case 'status': {
			const isText = typeof fault.body === 'string';
			void reply
				.code(fault.code)
				.type(isText ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8')
				.headers(fault.headers ?? {});
			return setLength(reply, isText ? (fault.body as string) : (JSON.stringify(fault.body) ?? ''));
		}
		case 'truncated':
			await sendHalf(reply, payload);
			reply.raw.socket?.destroySoon();
			return never();
		case 'stall':
			await sendHalf(reply, payload);
			return never();
		case 'garbage':
			return sendJson(reply, '{"status": <<<');
		case 'wrongShape':
			return sendJson(reply, JSON.stringify(fault.body ?? {}));
		case 'huge':
			void reply.code(200).type('application/json').removeHeader('content-length');
			return Readable.from(hugeJson(fault.megabytes), { objectMode: false });
		case 'emptyVideo':
			return setLength(reply.code(200), '');
		default:
			return payload;
	}
}

function sendJson(reply: FastifyReply, body: string): string {
	return setLength(reply.code(200).type('application/json; charset=utf-8'), body);
}

function setLength(reply: FastifyReply, body: string): string {
	void reply.header('content-length', Buffer.byteLength(body));
	return body;
}

/** Announces the length of the whole body but sends only half of it. */
async function sendHalf(reply: FastifyReply, payload: Payload): Promise<void> {
	const { raw } = reply;
	const chunks = payload instanceof Readable ? payload : [Buffer.from(payload ?? '')];
	const size = Number(reply.getHeader('content-length') ?? (payload as Buffer | string | null)?.length ?? 0);
	raw.writeHead(reply.statusCode, {
		...(reply.getHeaders() as OutgoingHttpHeaders),
		'content-length': Math.max(size, 2),
	});
	let left = Math.max(Math.floor(size / 2), 1);
	for await (const chunk of chunks as AsyncIterable<Buffer>) {
		const part = chunk.subarray(0, left);
		await new Promise((resolve) => raw.write(part, resolve));
		left -= part.length;
		if (left <= 0) break;
	}
}

function* hugeJson(megabytes: number) {
	const chunk = 'x'.repeat(64 * 1024);
	yield '{"padding":"';
	for (let written = 0; written < megabytes * 16; written += 1) yield chunk;
	yield '"}';
}
