import { onAbort } from './abort';
import { setAlarm } from './alarms';

/** Time and randomness. Code that waits gets a clock, so that tests can control the time. */
export interface Clock {
	/** Unix time in milliseconds. */
	now(): number;
	/** Ends after `ms` milliseconds, or immediately when one of the signals aborts. Never rejects. */
	sleep(ms: number, ...signals: Array<AbortSignal | undefined>): Promise<void>;
	/**
	 * Calls a function after `ms` milliseconds.
	 * @returns a function that cancels the call
	 */
	setAlarm(ms: number, ring: () => void): () => void;
	/** A number from 0 (included) to 1 (not included). */
	random(): number;
}

export const systemClock: Clock = {
	now: () => Date.now(),
	setAlarm,
	random: () => Math.random(),
	sleep: async (ms, ...signals) => {
		const undo: Array<() => void> = [];
		await new Promise<void>((wake) => {
			undo.push(setAlarm(ms, wake), ...signals.map((signal) => onAbort(signal, wake)));
		});
		undo.forEach((one) => one());
	},
};
