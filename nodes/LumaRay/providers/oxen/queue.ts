import type { Problem } from '../../models/problem';
import type { Content, HttpResult } from '../../transport/http';
import { asObject, asString, jsonOf, unansweredReading, unsuccessfulReading } from '../answers';
import type { CancelResult, Job, Json, Outcome, Progress, Reading } from '../provider';
import { oxenProblem } from './problems';
import { modelIn, outcomeOf, phaseOf } from './results';
import type { OxenWire } from './wire';

/** Requests about a job in Oxen's queue: its address, progress, outcome and cancel. */

/** The address for submitting and listing jobs. */
export function queueUrl({ baseUrl }: OxenWire): string {
	return `${baseUrl}/api/ai/queue`;
}

function rowUrl(wire: OxenWire, job: Job): string {
	return `${queueUrl(wire)}/${encodeURIComponent(job.requestId)}`;
}

/** Reads a job's row from the queue, or from the generations if the queue no longer has it. */
async function readRow(wire: OxenWire, job: Job, signal: AbortSignal): Promise<Reading<Json>> {
	const { http, clock } = wire;
	const queued = await http.authenticated({ method: 'GET', url: rowUrl(wire, job), signal });
	if (!queued.answered) return unansweredReading(queued, 'oxen', job.requestId);
	const row = jsonOf(queued);
	if (row && asString(row.status)) return { ok: true, value: row };
	const answer = queued.status === 404 ? await readRecord(wire, job, signal) : queued;
	if (!answer.answered) return unansweredReading(answer, 'oxen', job.requestId);
	const generation = generationIn(answer);
	if (generation) return { ok: true, value: generation };
	const problem = oxenProblem(answer.status, answer.body, job.requestId);
	if (answer.status < 300) return { ok: false, transient: true, problem };
	return unsuccessfulReading(answer, problem, clock.now());
}

/** Reads the record of a job, which contains its cost. */
async function readRecord({ http, baseUrl }: OxenWire, job: Job, signal: AbortSignal) {
	const url = `${baseUrl}/api/ai/generations/${encodeURIComponent(job.requestId)}`;
	return await http.authenticated({ method: 'GET', url, signal });
}

function generationIn(record: HttpResult<Content>): Json | undefined {
	return asObject(jsonOf(record)?.generation);
}

/** Reads the progress of a job from its row. */
export async function readProgress(
	wire: OxenWire,
	job: Job,
	signal: AbortSignal,
): Promise<Reading<Progress>> {
	const row = await readRow(wire, job, signal);
	return row.ok ? { ok: true, value: { phase: phaseOf(row.value), ...modelIn(row.value) } } : row;
}

/**
 * Reads the outcome of a job from its row, and its cost from its record. The record may be older than the row, so it
 * only adds what the row does not have. A job that has not ended, or that succeeded but has no address for its video
 * yet, is a transient problem.
 */
export async function readOutcome(wire: OxenWire, job: Job, signal: AbortSignal): Promise<Reading<Outcome>> {
	const row = await readRow(wire, job, signal);
	if (!row.ok) return row;
	if (phaseOf(row.value) !== 'ended') {
		return { ok: false, transient: true, problem: { name: 'notEnded', requestId: job.requestId } };
	}
	const record = generationIn(await readRecord(wire, job, signal));
	const known = Object.entries(row.value).filter(([, value]) => value !== null && value !== '');
	const whole = { ...record, ...Object.fromEntries(known) };
	if (whole.status === 'succeeded' && !whole.result_url) {
		const problem: Problem = {
			name: 'videoNotNamedYet',
			data: { provider: 'oxen' },
			requestId: job.requestId,
		};
		return { ok: false, transient: true, problem };
	}
	return { ok: true, value: outcomeOf(whole, wire.baseUrl) };
}

/** Cancels a job. Idempotent. */
export async function cancelJob(
	wire: OxenWire,
	job: Job,
	signal: AbortSignal,
): Promise<Reading<CancelResult>> {
	const { http, clock } = wire;
	const result = await http.authenticated({ method: 'DELETE', url: rowUrl(wire, job), signal });
	if (!result.answered) return unansweredReading(result, 'oxen', job.requestId);
	if (!jsonOf(result)) {
		const problem = oxenProblem(result.status, result.body, job.requestId);
		return unsuccessfulReading(result, problem, clock.now());
	}
	// The answer does not say whether the job had already ended, so read its row.
	const row = await readRow(wire, job, signal);
	const status = row.ok ? asString(row.value.status) : undefined;
	if (status === 'succeeded' || status === 'failed') {
		return { ok: true, value: { cancelled: false, status: 'ended' } };
	}
	return {
		ok: true,
		value: { cancelled: true, status: status === 'cancelled' ? 'cancelled' : 'running' },
	};
}
