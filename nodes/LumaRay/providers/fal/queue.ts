import { originOf } from '../../transport/urls';
import { asObject, asString, jsonOf, unansweredReading, unsuccessfulReading } from '../answers';
import type { CancelResult, Job, Outcome, Progress, Reading } from '../provider';
import { FAL } from './catalogue';
import { findModel } from './list';
import type { FalPrices } from './prices';
import { falJobProblem, falProblem } from './problems';
import { failureIn, isOwnError, outcomeOf, progressOf } from './results';
import type { FalWire } from './wire';

/** Requests about a job in fal's queue: its addresses, progress, outcome and cancel. */

/** A job's address has only the owner and the alias of the endpoint, not its whole ID (fal docs: queue). */
const APPLICATION = FAL.models.animate.endpoint.split('/').slice(0, 2).join('/');

/** fal says to use the addresses that it returns. An address on another host is ignored. */
function urlOf(
	{ endpoints }: FalWire,
	job: Job,
	key: 'status_url' | 'response_url' | 'cancel_url',
	path: string,
): string {
	const named = job.urls?.[key];
	if (named !== undefined && originOf(named) === originOf(endpoints.queueUrl)) return named;
	const id = encodeURIComponent(job.requestId);
	return `${endpoints.queueUrl}/${APPLICATION}/requests/${id}${path}`;
}

/** The address of a job's status. Its stream is at `/stream` below it. */
export function statusUrl(wire: FalWire, job: Job): string {
	return urlOf(wire, job, 'status_url', '/status');
}

/** Reads the progress of a job from its status. */
export async function readProgress(wire: FalWire, job: Job, signal: AbortSignal): Promise<Reading<Progress>> {
	const { http, clock, statusQuery } = wire;
	const url = statusUrl(wire, job);
	const result = await http.authenticated({ method: 'GET', url, query: statusQuery, signal });
	if (!result.answered) return unansweredReading(result, 'fal', job.requestId);
	const progress = progressOf(jsonOf(result));
	if (progress) return { ok: true, value: progress };
	const problem = falJobProblem(result.status, result.headers, result.body, job.requestId);
	if (result.status < 300) return { ok: false, transient: true, problem };
	return unsuccessfulReading(result, problem, clock.now());
}

/**
 * Reads the outcome of a job from its result: the model's output, or the error that ended the job. If the result is an
 * error that is not the model's own, the status decides. A job that has not ended is a transient problem.
 */
export async function readOutcome(
	wire: FalWire,
	prices: FalPrices,
	job: Job,
	signal: AbortSignal,
): Promise<Reading<Outcome>> {
	const { http, endpoints, clock } = wire;
	const url = urlOf(wire, job, 'response_url', '');
	const result = await http.authenticated({ method: 'GET', url, signal });
	if (!result.answered) return unansweredReading(result, 'fal', job.requestId);
	const { status, headers, body } = result;
	const output = jsonOf(result);
	if (output) {
		// If only the request ID is known, any model may have made the job.
		const model = job.model ?? (await findModel(wire, job.requestId, signal));
		const actualUsd = await prices.billedUsd(model, headers, signal);
		const outcome = outcomeOf(output, actualUsd, endpoints.queueUrl);
		return { ok: true, value: { ...outcome, ...(model && { model: FAL.models[model].endpoint }) } };
	}
	const problem = falJobProblem(status, headers, body, job.requestId);
	const error = asObject(body.json);
	if (status < 300) return { ok: false, transient: true, problem };
	if (status === 400 && /in progress/i.test(asString(error?.detail) ?? '')) {
		return { ok: false, transient: true, problem: { name: 'notEnded', requestId: job.requestId } };
	}
	if (error && isOwnError(status, error)) {
		const cancelled = status === 499 || error.error_type === 'client_cancelled';
		return {
			ok: true,
			value: {
				status: cancelled ? 'cancelled' : 'failed',
				problem,
				actualUsd: await prices.billedUsd(job.model, headers, signal),
				raw: error,
			},
		};
	}
	const unread = unsuccessfulReading<Outcome>(result, problem, clock.now());
	if (status === 401 || status === 403) return unread;
	const failed = await confirmedFailure(wire, job, signal);
	// The headers of the result still say what the job cost.
	if (failed) {
		const actualUsd = await prices.billedUsd(job.model, headers, signal);
		return { ok: true, value: { ...failed, actualUsd } };
	}
	// fal keeps a result for a limited time, and a retry cannot bring it back. Anything else may succeed next time.
	const isGone = status === 404 || status === 410;
	return unread.ok ? unread : { ...unread, transient: !isGone, notFound: isGone };
}

/**
 * Reads the reason for a failure from a job's status, if its result cannot be read. An error at the result's address
 * may come from the queue. If a job wrongly counted as failed, it would be paid for again.
 * @returns undefined if the status does not say that the job failed
 */
async function confirmedFailure(wire: FalWire, job: Job, signal: AbortSignal): Promise<Outcome | undefined> {
	const result = await wire.http.authenticated({ method: 'GET', url: statusUrl(wire, job), signal });
	const status = jsonOf(result);
	const failure = failureIn(status);
	if (!status || !failure) return undefined;
	const { type, message } = failure;
	const error = { detail: message, ...(type === undefined ? {} : { error_type: type }) };
	const problem = falProblem(500, {}, { json: error, text: '' }, job.requestId);
	return {
		status: type === 'client_cancelled' ? 'cancelled' : 'failed',
		// The status was read successfully, so this failure has no HTTP status.
		problem: { ...problem, httpStatus: undefined },
		actualUsd: null,
		raw: status,
	};
}

/** Cancels a job. Idempotent. */
export async function cancelJob(
	wire: FalWire,
	job: Job,
	signal: AbortSignal,
): Promise<Reading<CancelResult>> {
	const { http, clock } = wire;
	const url = urlOf(wire, job, 'cancel_url', '/cancel');
	const result = await http.authenticated({ method: 'PUT', url, signal });
	if (!result.answered) return unansweredReading(result, 'fal', job.requestId);
	const { status, headers, body } = result;
	if (status >= 200 && status < 300) {
		// 200 and OK: the job had not started. Otherwise a job in progress may still finish.
		const isOk = status === 200 && (asObject(body.json)?.status ?? body.text) === 'OK';
		return { ok: true, value: { cancelled: true, status: isOk ? 'cancelled' : 'running' } };
	}
	if (status === 400 && asObject(body.json)?.status === 'ALREADY_COMPLETED') {
		return { ok: true, value: { cancelled: false, status: 'ended' } };
	}
	const problem = falJobProblem(status, headers, body, job.requestId);
	return unsuccessfulReading(result, problem, clock.now());
}
