import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { bendEvents, type EventSink } from './faults/events';

/** One open stream of server-sent events. */
export interface EventStream {
	/** Sends one event. Without a name it is a plain `data:` event. */
	send(data: unknown, event?: string): void;
	end(): void;
	onClose(listener: () => void): void;
}

/** All open event streams, and a single timer that keeps them alive with comments. */
export class EventStreams {
	private readonly open = new Set<ServerResponse>();
	/** Streams that get no comments because of a fault. */
	private readonly silent = new WeakSet<ServerResponse>();
	private readonly keepAlive: NodeJS.Timeout;

	constructor(keepAliveSeconds: number) {
		this.keepAlive = setInterval(() => {
			for (const response of this.open) {
				if (!this.silent.has(response)) response.write(': keep-alive\n\n');
			}
		}, keepAliveSeconds * 1000);
		this.keepAlive.unref();
	}

	get count(): number {
		return this.open.size;
	}

	start({ strike, record }: FastifyRequest, reply: FastifyReply): EventStream {
		reply.hijack();
		const response = reply.raw;
		response.writeHead(200, {
			...(reply.getHeaders() as OutgoingHttpHeaders),
			'content-type': 'text/event-stream; charset=utf-8',
			'cache-control': 'no-cache',
		});
		response.flushHeaders();
		record.status = 200;
		this.open.add(response);
		response.once('close', () => this.open.delete(response));
		if (strike?.fault.kind === 'silence') this.silent.add(response);

		const sink = sinkOf(response);
		const { send, end } = strike ? bendEvents(strike, sink, record.service) : sink;
		return { send, end, onClose: (listener) => response.once('close', listener) };
	}

	endAll(): void {
		for (const response of this.open) response.end();
	}

	stop(): void {
		clearInterval(this.keepAlive);
		this.endAll();
	}
}

function sinkOf(response: ServerResponse): EventSink {
	const textOf = (data: unknown, event?: string) =>
		`${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
	return {
		send: (data, event) => response.write(textOf(data, event)),
		breakOff(data, event) {
			const text = textOf(data, event);
			response.write(text.slice(0, text.length / 2), () => response.socket?.destroySoon());
		},
		end: () => response.end(),
	};
}
