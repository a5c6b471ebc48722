import { sleep } from 'n8n-workflow';

/**
 * Longest sleep in milliseconds. n8n's sleep cannot be ended early before n8n 2.34, and a long one would outlive the
 * alarms that it was for.
 */
const LONGEST_SLEEP_MS = 1_000;

interface Alarm {
	/** Milliseconds of the process's own clock, which does not change with the system time. */
	at: number;
	ring: () => void;
}

/** In the order of their times. */
const alarms: Alarm[] = [];
/** When the process checks the alarms next. */
let wakesAt = Infinity;

/**
 * Calls a function after `ms` milliseconds, unless the alarm is cancelled. All alarms of the process share one sleep:
 * `AbortSignal.timeout` cannot be cancelled, so each request would keep its memory for as long as it may take.
 * @returns a function that cancels the alarm
 */
export function setAlarm(ms: number, ring: () => void): () => void {
	// Not a number counts as 0, as for a timer of Node.js. Otherwise, the alarm would never ring.
	const alarm: Alarm = { at: performance.now() + (ms || 0), ring };
	alarms.splice(placeAfter(alarm.at), 0, alarm);
	sleepUntilNext();
	return () => {
		const place = alarms.lastIndexOf(alarm, placeAfter(alarm.at));
		if (place >= 0) alarms.splice(place, 1);
	};
}

/**
 * Limits the time of a request, as `setAlarm` does. It has its own name so that a test can shorten these limits and no
 * other wait.
 */
export function setTimeLimit(ms: number, onOver: () => void): () => void {
	return setAlarm(ms, onOver);
}

function sleepUntilNext(): void {
	if (alarms.length === 0) return;
	const now = performance.now();
	const at = Math.min(alarms[0].at, now + LONGEST_SLEEP_MS);
	if (at >= wakesAt) return;
	wakesAt = at;
	void sleep(Math.max(0, Math.ceil(at - now))).then(() => {
		if (wakesAt === at) wakesAt = Infinity;
		const wokenAt = performance.now();
		try {
			// One by one: an alarm may cancel others.
			while (alarms.length > 0 && alarms[0].at <= wokenAt) alarms.shift()!.ring();
		} finally {
			// Even if one throws, the others must ring: they belong to all executions of the process.
			sleepUntilNext();
		}
	});
}

/** The place after all alarms up to this time. */
function placeAfter(at: number): number {
	let [low, high] = [0, alarms.length];
	while (low < high) {
		const middle = Math.floor((low + high) / 2);
		if (alarms[middle].at <= at) low = middle + 1;
		else high = middle;
	}
	return low;
}
