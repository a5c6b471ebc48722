import { setTimeLimit } from './alarms';

/** Watches a transfer for progress. */
export interface SilenceWatch {
	/** Call it when the transfer makes progress. */
	alive(): void;
	/** Call it when no progress is expected. `alive` starts the watch again. */
	rest(): void;
	end(): void;
}

/**
 * Calls `onSilence` after `ms` to twice `ms` milliseconds without progress. It checks only once per `ms`, because a
 * timer for each chunk would cost more than the chunk.
 *
 * n8n's own timeout cannot do this: it ends when the headers of the answer arrive, and it counts the whole time of an
 * upload (axios 1.18, lib/adapters/http.js: `isDone`, `connectPhaseTimer`).
 */
export function watchSilence(ms: number, onSilence: () => void): SilenceWatch {
	let heard = false;
	let resting = false;
	let cancel: () => void;

	function check(): void {
		if (!heard && !resting) {
			onSilence();
			return;
		}
		heard = false;
		arm();
	}
	function arm(): void {
		cancel = setTimeLimit(ms, check);
	}
	arm();

	return {
		alive() {
			heard = true;
			resting = false;
		},
		rest() {
			resting = true;
		},
		end: () => cancel(),
	};
}
