import { backoffMs, retryAfterMs } from '../transport/backoff';
import type { Clock } from '../transport/clock';
import type { ServerEvent } from '../transport/events';
import type { Http, HttpResult } from '../transport/http';
import type { Lane, Verdict } from '../transport/rate';
import { asksForFewer } from './rates';
import { streamBudgetOf } from './streamBudget';

/** After this many connections in a row without an event, a stream is not opened again. */
const MAX_BARREN_CONNECTIONS = 3;
/** After this much silence, in milliseconds, a stream counts as dead. Keep-alives come every 15 s. */
const SILENCE_MS = 60_000;
/**
 * How long a request that opens a stream keeps its turn, in milliseconds. A proxy may hold its answer back until the
 * stream ends, and polls must not wait for that.
 */
const TURN_MS = 2_000;

/** Everything that is needed to open a stream. */
export interface StreamWire {
	http: Http;
	clock: Clock;
	/** The requests that open the stream take turns with the other reads in this lane. */
	lane: Lane;
}

export interface StreamListener {
	/** Return `done` to close the stream. */
	onEvent(event: ServerEvent): 'done' | void;
	/** `refused`: the provider asks for fewer requests. `over`: the stream brought no events and stays closed. */
	onState(state: 'open' | 'lost' | 'refused' | 'over'): void;
}

export interface KeptStream {
	/** Whether the stream can receive events right now. */
	isOpen(): boolean;
	close(): void;
}

/**
 * Opens an event stream, and opens it again with backoff whenever it ends, until it is closed or
 * `MAX_BARREN_CONNECTIONS` in a row brought no event.
 */
export function keepStream(
	wire: StreamWire,
	url: string,
	query: { [name: string]: string },
	{ onEvent, onState }: StreamListener,
): KeptStream {
	const { http, clock } = wire;
	const closing = new AbortController();
	const { signal } = closing;
	const budget = streamBudgetOf(clock);
	let open = false;

	function turn(state: boolean): void {
		if (open === state) return;
		open = state;
		if (!signal.aborted) onState(state ? 'open' : 'lost');
	}

	async function request() {
		const headers = { accept: 'text/event-stream' };
		const timeoutMs = SILENCE_MS;
		return await http.authenticatedEvents({ method: 'GET', url, query, headers, timeoutMs, signal });
	}

	async function connectOnce(): Promise<boolean> {
		let heard = false;
		const result = await inTurn(request, wire, signal);
		if (!result.answered) return heard;
		if (result.status !== 200 || !/text\/event-stream/i.test(result.headers['content-type'] ?? '')) {
			result.body.destroy();
			if (asksForFewer(result.status)) {
				budget.refused();
				onState('refused');
			}
			return heard;
		}
		turn(true);
		try {
			for await (const event of result.body) {
				heard = true;
				if (onEvent(event) === 'done') {
					budget.served();
					closing.abort('done');
					break;
				}
			}
		} catch {
			// A broken stream is opened again. Meanwhile, the polls miss nothing.
			turn(false);
		}
		return heard;
	}

	async function keep(): Promise<void> {
		let barren = 0;
		while (!signal.aborted && barren < MAX_BARREN_CONNECTIONS) {
			barren = (await connectOnce()) ? 0 : barren + 1;
			turn(false);
			if (!signal.aborted) await clock.sleep(backoffMs(barren + 1, clock), signal);
		}
		if (!signal.aborted) onState('over');
	}
	void keep();

	return {
		isOpen: () => open && !signal.aborted,
		close: () => closing.abort('closed'),
	};
}

/** Sends a request when it is its turn, and keeps the turn for a bounded time. */
async function inTurn<T>(
	request: () => Promise<HttpResult<T>>,
	{ lane, clock }: StreamWire,
	signal: AbortSignal,
): Promise<HttpResult<T>> {
	let answer!: Promise<HttpResult<T>>;
	const beginning = async () => {
		const over = new AbortController();
		answer = request();
		const answered = await Promise.race([answer, clock.sleep(TURN_MS, over.signal)]);
		over.abort('answered');
		return answered;
	};
	await lane(beginning, { signal, judge: (answered) => verdictOn(answered, clock.now()) });
	return await answer;
}

function verdictOn(answer: HttpResult<unknown> | void, now: number): Verdict {
	if (!answer) return { refused: false, isUntimed: true };
	if (!answer.answered || !asksForFewer(answer.status)) return { refused: false };
	return { refused: true, retryAfterMs: retryAfterMs(answer.headers['retry-after'], now) };
}
