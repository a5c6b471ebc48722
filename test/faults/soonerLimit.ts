/** Time limits are this many times shorter here, so that the tests do not wait for minutes. */
const HASTE = 10;
/** Milliseconds between two checks of the limits. This is many times shorter than any limit. */
const TICK_MS = 50;

interface Limit {
	ticksLeft: number;
	onOver: () => void;
}

const pending = new Set<Limit>();
let ticker: NodeJS.Timeout | undefined;

/**
 * Replaces the time limits of requests by shorter ones. It counts ticks of the event loop, which the node and the
 * sandbox share. If the machine is too busy to answer in time, the ticks are late, too. So a limit ends only requests
 * that the sandbox does not answer, and not those that are slow because of the machine.
 */
export function setSoonerLimit(ms: number, onOver: () => void): () => void {
	const limit = { ticksLeft: Math.ceil(ms / HASTE / TICK_MS), onOver };
	pending.add(limit);
	ticker ??= setInterval(tick, TICK_MS).unref();
	return () => void pending.delete(limit);
}

function tick(): void {
	for (const limit of pending) {
		if (limit.ticksLeft-- > 0) continue;
		pending.delete(limit);
		limit.onOver();
	}
}
