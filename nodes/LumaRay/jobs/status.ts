import { patiently, READ_TRIES } from '../providers/patience';
import type { Job, Outcome, Provider, Reading } from '../providers/provider';
import type { Clock } from '../transport/clock';

/** Tries of a look, unless its caller has less patience. */
export const STATUS_TRIES = READ_TRIES;

/** How a job stands. The outcome is there once it has ended. */
export interface StatusResult {
	status: 'queued' | 'running' | Outcome['status'];
	outcome?: Outcome;
	queuePosition?: number;
	/** The provider's id of the model, if the provider reports it. */
	model?: string;
}

/** Looks at a job once, whatever its state; a look that fails transiently is repeated a few times. */
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
	// The video of a job that has ended is kept for a limited time.
	if (!ended.ok) return { ...ended, notFound: false };
	const outcome = { logs, runSeconds, model, ...ended.value };
	const status = outcome.problem ? failedStatus(outcome) : outcome.status;
	return { ok: true, value: { status, outcome, model: outcome.model } };
}

/** A job that was billed and left no video ended badly for whoever looks at it. */
function failedStatus({ status }: Outcome): StatusResult['status'] {
	return status === 'succeeded' ? 'failed' : status;
}
