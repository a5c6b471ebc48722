import { patiently, READ_TRIES } from '../providers/patience';
import type { Job, Outcome, Provider, Reading } from '../providers/provider';
import type { Clock } from '../transport/clock';

/** How often each read in a status check is tried, unless the caller asks for fewer. */
export const STATUS_TRIES = READ_TRIES;

/** The status of a job. `outcome` is present if the job has ended. */
export interface StatusResult {
	status: 'queued' | 'running' | Outcome['status'];
	outcome?: Outcome;
	queuePosition?: number;
	/** The provider's ID of the model, if the provider reports it. */
	model?: string;
}

/** Checks the status of a job once, in any state. Repeats reads that fail transiently, a few times. */
export async function checkStatus(
	job: Job,
	provider: Provider,
	clock: Clock,
	signal: AbortSignal,
	tries = STATUS_TRIES,
): Promise<Reading<StatusResult>> {
	const patience = { clock, signal, tries };
	const progress = await patiently(async () => await provider.progress(job, signal), patience);
	if (!progress.ok) return progress;
	const { phase, logs, runSeconds, queuePosition, model } = progress.value;
	if (phase !== 'ended') return { ok: true, value: { status: phase, queuePosition, model } };
	const ended = await patiently(async () => await provider.outcome(job, signal), patience);
	// The job is known, so a 404 here means that the provider no longer keeps its result.
	if (!ended.ok) return { ...ended, notFound: false };
	const outcome = { logs, runSeconds, model, ...ended.value };
	const status = outcome.problem ? failedStatus(outcome) : outcome.status;
	return { ok: true, value: { status, outcome, model: outcome.model } };
}

/** A job that was billed but has no video counts as failed in a status check. */
function failedStatus({ status }: Outcome): StatusResult['status'] {
	return status === 'succeeded' ? 'failed' : status;
}
