/** Milliseconds between two checks of the timeouts. This is many times shorter than any timeout. */
const TICK_MS = 50;

/** The remaining ticks of each timeout. */
const pending = new Map<AbortController, number>();
let ticker: NodeJS.Timeout | undefined;

/**
 * Replaces `AbortSignal.timeout` for shortened timeouts. It counts ticks of the event loop, which the node and the
 * sandbox share. If the machine is too busy to answer in time, the ticks are late, too. So a timeout aborts only
 * requests that the sandbox does not answer, and not those that are slow because of the machine.
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
