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
		// n8n-workflow heeds the signal from 2.34 on and ignores it before, so both are raced. Without that the
		// loser's rejection is expected.
		const aborted = new AbortController();
		const stop = new Promise<void>((resolve) =>
			signal.addEventListener('abort', () => resolve(), { once: true, signal: aborted.signal }),
		);
		const elapsed = sleep(ms, signal).catch(() => undefined);
		await Promise.race([elapsed, stop]);
		aborted.abort();
	},
};
