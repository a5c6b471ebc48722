import type { Cancelled, Job, Provider, Reading } from '../providers/provider';
import { patiently } from '../providers/patience';
import type { Clock } from '../transport/clock';
import type { RunSetting } from './setting';

/** Cancels sent at once after a Stop. */
export const CANCELS_AT_ONCE = 20;

/** What a Stop works with. */
export type Leaving = Pick<RunSetting<unknown>, 'provider' | 'clock' | 'signal' | 'cancelOnStop' | 'log'>;

/** Cancels a job at its provider. Cancelling is idempotent, so it is repeated where it fails in passing. */
export async function cancelJob(
	job: Job,
	provider: Provider,
	clock: Clock,
	signal: AbortSignal = new AbortController().signal,
): Promise<Reading<Cancelled>> {
	return await patiently(async () => await provider.cancel(job, signal), { clock, signal });
}

/** What becomes of a job once the execution was stopped: cancelled, or left to go on where that was wished. */
export async function leaveAfterStop(
	job: Job,
	index: number,
	{ provider, clock, cancelOnStop, log }: Leaving,
): Promise<void> {
	if (!cancelOnStop) return log('Job left running after Stop', job, index);
	const cancelled = await cancelJob(job, provider, clock);
	log(`Job ${outcomeOf(cancelled)}`, job, index);
}

function outcomeOf(reading: Reading<Cancelled>): string {
	if (!reading.ok) return `could not be cancelled (${reading.problem.message}) after Stop`;
	const { cancelled, status } = reading.value;
	if (!cancelled) return 'had ended before Stop';
	return status === 'cancelled'
		? 'cancelled after Stop'
		: 'asked to end after Stop; one in progress may still finish and be billed';
}
