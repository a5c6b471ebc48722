/** Watches a transfer for signs of life. */
export interface SilenceWatch {
	/** There was one. */
	alive(): void;
	/** Nothing is expected until the next one. */
	rest(): void;
	end(): void;
}

/**
 * Calls `onSilence` after `ms` milliseconds without a sign of life, or at most twice as many: signs are looked for once
 * per `ms`, since a timer per chunk would cost more than the chunk.
 *
 * n8n's own timeout does not do this: it ends with the head of the answer, and before that it counts all the time
 * that an upload takes (axios 1.18, lib/adapters/http.js: `isDone`, `connectPhaseTimer`).
 */
export function watchSilence(ms: number, onSilence: () => void): SilenceWatch {
	let heard = false;
	let resting = false;
	let ended = false;

	function check(): void {
		if (ended) return;
		if (!heard && !resting) {
			onSilence();
			return;
		}
		heard = false;
		arm();
	}
	function arm(): void {
		AbortSignal.timeout(ms).addEventListener('abort', check, { once: true });
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
		end() {
			ended = true;
		},
	};
}
