import { backoffMs } from '../transport/backoff';
import type { Clock } from '../transport/clock';
import type { ServerEvent } from '../transport/events';
import type { Http } from '../transport/http';

/** Times in a row that a stream may end without having said anything, before it is given up. */
const MAX_BARREN_CONNECTIONS = 3;
/** Silence after which a stream is taken for dead, in milliseconds. Keep-alives come every 15 s. */
const SILENCE_MS = 60_000;

export interface KeptStream {
	/** Whether events would arrive right now. */
	isOpen(): boolean;
	close(): void;
}

/**
 * Opens an event stream and opens it again when it ends, with backoff, until it is closed or has proved barren.
 * @param onEvent may return `done` to close the stream
 * @param onState called whenever the stream has opened or been lost
 */
export function keepStream(
	http: Http,
	clock: Clock,
	url: string,
	query: { [name: string]: string },
	onEvent: (event: ServerEvent) => 'done' | void,
	onState: (open: boolean) => void,
): KeptStream {
	const closing = new AbortController();
	let open = false;

	function turn(state: boolean): void {
		if (open === state) return;
		open = state;
		if (!closing.signal.aborted) onState(state);
	}

	async function connectOnce(): Promise<boolean> {
		let heard = false;
		const result = await http.authenticatedEvents({
			method: 'GET',
			url,
			query,
			headers: { accept: 'text/event-stream' },
			timeoutMs: SILENCE_MS,
			signal: closing.signal,
		});
		if (!result.answered) return heard;
		if (result.status !== 200 || !/text\/event-stream/i.test(result.headers['content-type'] ?? '')) {
			result.body.destroy();
			return heard;
		}
		turn(true);
		try {
			for await (const event of result.body) {
				heard = true;
				if (onEvent(event) === 'done') {
					closing.abort();
					break;
				}
			}
		} catch {
			// A stream that breaks is opened again; the polls behind it miss nothing meanwhile.
			turn(false);
		}
		return heard;
	}

	async function keep(): Promise<void> {
		let barren = 0;
		while (!closing.signal.aborted && barren < MAX_BARREN_CONNECTIONS) {
			barren = (await connectOnce()) ? 0 : barren + 1;
			turn(false);
			if (!closing.signal.aborted) await clock.sleep(backoffMs(barren + 1, clock), closing.signal);
		}
	}
	void keep();

	return {
		isOpen: () => open && !closing.signal.aborted,
		close: () => closing.abort(),
	};
}
