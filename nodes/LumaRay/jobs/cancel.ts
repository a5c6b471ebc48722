import type { Cancelled, Job, Provider, Reading } from '../providers/provider';
import { backoffMs } from '../transport/backoff';
import type { Clock } from '../transport/clock';

const MAX_TRIES = 5;

/** Cancels a job at its provider. Cancelling is idempotent, so it is repeated where it fails in passing. */
export async function cancelJob(
	job: Job,
	provider: Provider,
	clock: Clock,
	signal: AbortSignal = new AbortController().signal,
): Promise<Reading<Cancelled>> {
	for (let tries = 1; ; tries++) {
		const reading = await provider.cancel(job, signal);
		if (reading.ok || !reading.passing || tries >= MAX_TRIES) return reading;
		await clock.sleep(backoffMs(tries, clock, reading.retryAfterMs), signal);
	}
}
