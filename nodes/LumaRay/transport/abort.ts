/** What to do when a signal aborts, and the listener that does it. */
interface Waiting {
	actions: Set<() => void>;
	listener: () => void;
}

const waitingFor = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls a function when a signal aborts, or immediately if it already has. Without a signal, it does nothing. Each
 * signal gets one listener, since thousands of requests may wait with the same signal. The listener is removed when
 * nothing waits: Node.js never frees a signal of `AbortSignal.any` that has a listener and does not abort.
 * @returns a function that cancels the call
 */
export function onAbort(signal: AbortSignal | undefined, call: () => void): () => void {
	if (!signal) return () => undefined;
	if (signal.aborted) {
		call();
		return () => undefined;
	}
	const { actions, listener } = waitingFor.get(signal) ?? beginWaiting(signal);
	// A new function, since two callers may pass the same one.
	const action = () => call();
	if (actions.size === 0) signal.addEventListener('abort', listener, { once: true });
	actions.add(action);
	return () => {
		if (actions.delete(action) && actions.size === 0) signal.removeEventListener('abort', listener);
	};
}

function beginWaiting(signal: AbortSignal): Waiting {
	const actions: Waiting['actions'] = new Set();
	const waiting = { actions, listener: () => actions.forEach((action) => action()) };
	waitingFor.set(signal, waiting);
	return waiting;
}

/** Ends one request. */
export interface Ending {
	signal: AbortSignal;
	/**
	 * Aborts the signal.
	 * @param reason is not shown. Without a reason, Node.js makes an error with a stack, which costs more than the rest.
	 */
	end(reason: string): void;
	/** Call it when the request is over, so that the parent signal forgets it. */
	release(): void;
}

/**
 * Makes a signal that also aborts with its parent. `AbortSignal.any` does the same, but its memory is only freed by a
 * full garbage collection, and a large run sends thousands of requests.
 */
export function endingWith(parent: AbortSignal | undefined): Ending {
	const controller = new AbortController();
	const end = (reason: string) => controller.abort(reason);
	return { signal: controller.signal, end, release: onAbort(parent, () => end('stopped')) };
}
