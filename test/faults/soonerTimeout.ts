/** Milliseconds between two checks of the timeouts: many times shorter than any of them. */
const TICK_MS = 50;

/** The ticks that each timeout has left. */
const pending = new Map<AbortController, number>();
let ticker: NodeJS.Timeout | undefined;

/**
 * `AbortSignal.timeout` for timeouts that tests make shorter. It counts ticks of the event loop that the node and the
 * sandbox share, so a machine that is too busy to answer in time delays the timeout by as much: only a request that
 * the sandbox does not answer ends by it, and never one whose answer is slow since everything is.
 */
export function soonerTimeout(ms: number): AbortSignal {
	const controller = new AbortController();
	pending.set(controller, Math.ceil(ms / TICK_MS));
	ticker ??= setInterval(tick, TICK_MS).unref();
	return controller.signal;
}

function tick(): void {
	for (const [controller, left] of pending) {
		if (left > 0) {
			pending.set(controller, left - 1);
			continue;
		}
		pending.delete(controller);
		controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
	}
}
