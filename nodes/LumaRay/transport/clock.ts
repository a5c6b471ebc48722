import { sleep } from 'n8n-workflow';

/** Time and chance, handed to whatever waits, so that tests can turn the clock themselves. */
export interface Clock {
	/** Unix time in milliseconds. */
	now(): number;
	/** Ends after `ms` milliseconds, or at once when the signal aborts. Never rejects. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
	/** From 0 up to, not including, 1. */
	random(): number;
}

export const systemClock: Clock = {
	now: () => Date.now(),
	random: () => Math.random(),
	sleep: async (ms, signal) => {
		if (!signal) return await sleep(ms);
		if (signal.aborted) return;
		// n8n-workflow's sleep heeds a signal from 2.34 on and ignores it before, so the two are raced. Both listen to
		// a signal of their own: many sleepers on one signal would draw Node.js's warning about leaked listeners.
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
