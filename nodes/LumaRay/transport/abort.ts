/** What to do when a signal aborts, with one listener for each signal. */
const actionsOf = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls a function when a signal aborts, or immediately if it already has. Without a signal, it does nothing. Each
 * signal gets one listener, since thousands of requests may wait with the same signal.
 * @returns a function that cancels the call
 */
export function onAbort(signal: AbortSignal | undefined, call: () => void): () => void {
	if (!signal) return () => undefined;
	if (signal.aborted) {
		call();
		return () => undefined;
	}
	const known = actionsOf.get(signal);
	const actions = known ?? new Set();
	if (!known) {
		actionsOf.set(signal, actions);
		signal.addEventListener('abort', () => actions.forEach((action) => action()), { once: true });
	}
	// A new function, since two callers may pass the same one.
	const action = () => call();
	actions.add(action);
	return () => void actions.delete(action);
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
