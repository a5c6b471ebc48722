import type { CancelResult, Job, Provider, Reading } from '../providers/provider';
import { patiently } from '../providers/patience';
import type { Clock } from '../transport/clock';
import type { LogEvent, RunContext } from './context';

/** How many cancels are sent at the same time after a Stop. */
export const CANCELS_AT_ONCE = 20;

/** Everything that is needed to end jobs after a Stop. */
export type StopContext = Pick<RunContext<unknown>, 'provider' | 'clock' | 'signal' | 'cancelOnStop' | 'log'>;

/** Cancels a job at its provider. Cancelling is idempotent, so it is repeated if it fails transiently. */
export async function cancelJob(
	job: Job,
	provider: Provider,
	clock: Clock,
	signal: AbortSignal = new AbortController().signal,
): Promise<Reading<CancelResult>> {
	return await patiently(async () => await provider.cancel(job, signal), { clock, signal });
}

/** Cancels a job after the execution was stopped, or lets it run if Cancel on Stop is off. Logs the result. */
export async function endAfterStop(
	job: Job,
	index: number,
	{ provider, clock, cancelOnStop, log }: StopContext,
): Promise<void> {
	if (!cancelOnStop) return log({ name: 'leftRunning' }, job, index);
	const cancelled = await cancelJob(job, provider, clock);
	log(eventOf(cancelled), job, index);
}

function eventOf(reading: Reading<CancelResult>): LogEvent {
	if (!reading.ok) return { name: 'notCancelled', problem: reading.problem };
	const { cancelled, status } = reading.value;
	if (!cancelled) return { name: 'hadEnded' };
	return { name: status === 'cancelled' ? 'cancelled' : 'askedToEnd' };
}
