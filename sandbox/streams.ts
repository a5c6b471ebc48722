import type { FastifyReply } from 'fastify';
import type { ServerResponse } from 'node:http';

/** One open server-sent event stream. */
export interface EventStream {
	/** Sends one event; without a name it is a plain `data:` event. */
	send(data: unknown, event?: string): void;
	end(): void;
	onClose(listener: () => void): void;
}

/** All open event streams, and the one timer that keeps them alive with comments. */
export class EventStreams {
	private readonly open = new Set<ServerResponse>();
	private readonly keepAlive: NodeJS.Timeout;

	constructor(keepAliveSeconds: number) {
		this.keepAlive = setInterval(() => {
			for (const response of this.open) response.write(': keep-alive\n\n');
		}, keepAliveSeconds * 1000);
		this.keepAlive.unref();
	}

	get count(): number {
		return this.open.size;
	}

	start(reply: FastifyReply): EventStream {
		reply.hijack();
		const response = reply.raw;
		response.writeHead(200, {
			...(reply.getHeaders() as Record<string, string>),
			'content-type': 'text/event-stream; charset=utf-8',
			'cache-control': 'no-cache',
		});
		response.flushHeaders();
		this.open.add(response);
		response.once('close', () => this.open.delete(response));
		return {
			send: (data, event) => {
				const name = event === undefined ? '' : `event: ${event}\n`;
				response.write(`${name}data: ${JSON.stringify(data)}\n\n`);
			},
			end: () => response.end(),
			onClose: (listener) => response.once('close', listener),
		};
	}

	endAll(): void {
		for (const response of this.open) response.end();
	}

	stop(): void {
		clearInterval(this.keepAlive);
		this.endAll();
	}
}
