import type { FastifyReply, FastifyRequest } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultBook, type Strike } from './book';
import { acceptsJob } from './kinds';
import { parseFault } from './notation';
import { answerInstead, spoilAnswer, type Payload } from './spoil';

/** Endpoints that answer with an event stream. Once the stream has started, there is no body to change. */
const STREAMS = ['stream', 'events'];
const STREAM_KINDS = [
	'silence',
	'dieAfter',
	'duplicate',
	'reorder',
	'foreign',
	'backToQueue',
	'unknownStatus',
	'nullLogs',
	'videoUrl',
];

/** Applies faults to requests: once before the handler runs, and once before the answer is sent. */
export class FaultGate {
	readonly book = new FaultBook();
	private closing = new AbortController();

	/** True if the fault has answered the request, so that the handler must not run. */
	async enter(
		request: FastifyRequest,
		reply: FastifyReply,
		jobNotFound: (reply: FastifyReply) => FastifyReply,
	): Promise<boolean> {
		const strikes = [...this.book.strikesOn(request.record), ...strikesAskedForBy(request)];
		if (strikes.length === 0) return false;
		request.record.fault = strikes.map(({ fault }) => fault.kind).join(' ');

		for (const { fault } of strikes) {
			if (fault.kind === 'delay') await sleep(fault.ms, undefined, { signal: this.closing.signal });
			if (fault.kind === 'hold') await this.heldUntil(fault.until);
		}
		const strike = strikes.find(({ fault }) => fault.kind !== 'delay' && fault.kind !== 'hold');
		if (!strike) return false;
		const isStream = STREAMS.includes(request.record.endpoint);
		const letsHandlerRun = isStream ? STREAM_KINDS.includes(strike.fault.kind) : acceptsJob(strike.fault);
		if (letsHandlerRun) {
			request.strike = strike;
			return false;
		}
		await answerInstead(strike, request, reply, jobNotFound);
		return true;
	}

	async leave(request: FastifyRequest, reply: FastifyReply, payload: Payload): Promise<Payload> {
		return request.strike ? spoilAnswer(request.strike, request, reply, payload) : payload;
	}

	private async heldUntil(released: Promise<unknown>): Promise<void> {
		const { signal } = this.closing;
		await new Promise<unknown>((resolve, reject) => {
			signal.addEventListener('abort', () => reject(new Error('The sandbox was reset')), { once: true });
			released.then(resolve, reject);
		});
	}

	/** Ends all delays. The delayed requests are dropped. */
	close(): void {
		this.closing.abort();
		this.closing = new AbortController();
	}
}

/** `x-sandbox-fault: submit.resetAfter` or `?sandbox_fault=…` affects only this request. */
function strikesAskedForBy({ record, headers, query }: FastifyRequest): Strike[] {
	const texts = [headers['x-sandbox-fault'], (query as Record<string, unknown>).sandbox_fault];
	return texts
		.filter((text) => typeof text === 'string')
		.map(parseFault)
		.filter(
			({ endpoint, service }) => endpoint === record.endpoint && (!service || service === record.service),
		)
		.map(({ fault }) => ({ fault, memory: new Map() }));
}
