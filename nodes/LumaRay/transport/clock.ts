import { sleep } from 'n8n-workflow';

/** Time and randomness. Code that waits gets a clock, so that tests can control the time. */
export interface Clock {
	/** Unix time in milliseconds. */
	now(): number;
	/** Ends after `ms` milliseconds, or at once when the signal aborts. Never rejects. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
	/** A number from 0 (included) to 1 (not included). */
	random(): number;
}

export const systemClock: Clock = {
	now: () => Date.now(),
	random: () => Math.random(),
	sleep: async (ms, signal) => {
		if (!signal) return await sleep(ms);
		if (signal.aborted) return;
		// n8n-workflow's sleep ignores the signal before 2.34, so the sleep and the signal are raced. Both listen to a
		// separate signal: with many sleepers on one signal, Node.js warns about leaked listeners.
		const woken = new AbortController();
		const own = AbortSignal.any([signal, woken.signal]);
		const stop = new Promise<void>((resolve) =>
			own.addEventListener('abort', () => resolve(), { once: true }),
		);
		const elapsed = sleep(ms, own).catch(() => undefined);
		await Promise.race([elapsed, stop]);
		woken.abort();
	},
};
