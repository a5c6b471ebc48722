import type { HttpAnswer, Content, HttpResult, HttpFailure } from '../transport/http';
import { retryAfterMs } from '../transport/backoff';
import type { Json, Reading, Submission } from './provider';
import { shorten, type Problem, type ProblemOf } from '../models/problem';
import type { ProviderId } from '../models/names';

/** Readers for answers that may hold anything, and the reading of HTTP that every provider shares. */

export function asObject(value: unknown): Json | undefined {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

export function asString(value: unknown): string | undefined {
	return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Text that says something, without the blanks around it: what a message may repeat. */
export function asWords(value: unknown): string | undefined {
	return typeof value === 'string' ? asString(value.trim()) : undefined;
}

/** A provider's own words, as far as a problem keeps them. */
export function ownWords(value: unknown): string | undefined {
	const words = asWords(value);
	return words === undefined ? undefined : shorten(words);
}

/**
 * What a table holds under a key that an answer names. It may name any, such as `constructor`, which every object
 * inherits.
 */
export function entryOf<Value>(table: { [key: string]: Value }, key: string | undefined): Value | undefined {
	return key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** A price in USD. Nothing is free: zero, a negative number and infinity mean that the provider named no price. */
export function asPrice(value: unknown): number | undefined {
	const usd = asNumber(value);
	return usd !== undefined && usd > 0 ? usd : undefined;
}

export function asNumber(value: unknown): number | undefined {
	return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The JSON object of an event's data, or nothing. */
export function parsedObject(data: string): Json | undefined {
	try {
		return asObject(JSON.parse(data));
	} catch {
		return undefined;
	}
}

/** Longest request id that is believed, in characters. Providers use UUIDs. */
const MAX_ID_CHARACTERS = 200;

/** A request id out of an answer: a printable word, or nothing. */
export function asRequestId(value: unknown): string | undefined {
	const id = asString(value);
	return id !== undefined && id.length <= MAX_ID_CHARACTERS && /^[\x21-\x7e]+$/.test(id) ? id : undefined;
}

/** HTTP statuses under which the same read may go well later. */
const PASSING_STATUSES = [408, 409, 425, 429];

function isPassing(status: number): boolean {
	return PASSING_STATUSES.includes(status) || status >= 500 || (status >= 300 && status < 400);
}

/** What a submit means that got no whole answer. */
export function unansweredSubmission(result: HttpFailure, provider: ProviderId): Submission {
	const { reason, why, bytes, status } = result;
	if (reason === 'unsent') {
		const problem: Problem = { name: 'unreachable', data: { provider, why } };
		return { result: 'refused', again: false, problem };
	}
	const because = { why, ...(bytes === undefined ? {} : { bytes }) };
	return { result: 'open', problem: { ...unknownOutcome(provider, because), ...statusIn(status) } };
}

/** What an answer to a paid request shows beyond its status and whether it is JSON. */
interface Shown {
	/** It proves by itself that the provider did not take the job. */
	refused: boolean;
	/** Its JSON is an error in the provider's own shape, not that of a gateway. */
	ownError: boolean;
	/** It names a job all the same. */
	namesJob: boolean;
	/** What an answer that accepts a job would have named. */
	lacks: 'requestId' | 'generationId';
	/** Any ID in a refusal is that of the HTTP request, not of a job. */
	numbersRequests?: boolean;
	/** A blocking call: the model may have run before it refused, and may be billed. */
	mayHaveRun?: boolean;
}

/**
 * What an answered paid request means that names no accepted job. Only what proves that the provider did not take the
 * job is a refusal: a gateway in between answers with HTML, and the provider behind it may have taken the job.
 */
export function unsuccessfulSubmission(
	{ status, headers, body }: HttpAnswer<Content>,
	problem: Problem,
	shown: Shown,
	{ provider, now }: { provider: ProviderId; now: number },
): Submission {
	const { refused, ownError, namesJob, lacks } = shown;
	const isJson = asObject(body.json) !== undefined;
	const isBusy = status === 429 || (status === 503 && ownError);
	if (isBusy && !namesJob) {
		const after = retryAfterMs(headers['retry-after'], now);
		return { result: 'refused', again: true, retryAfterMs: after, problem: refusal(problem, status, shown) };
	}
	if (refused || (isJson && status >= 400 && status < 500 && status !== 408 && status !== 429)) {
		return { result: 'refused', again: false, problem: refusal(problem, status, shown) };
	}
	const { requestId } = problem;
	return {
		result: 'open',
		problem: {
			...unknownOutcome(provider, status < 300 ? { lacks } : problem),
			httpStatus: status,
			...(requestId === undefined ? {} : { requestId }),
		},
	};
}

/** HTTP statuses of a refusal that comes before any model runs: the key, the balance, too many requests. */
const BEFORE_ANY_RUN = [401, 402, 403, 429];

/** A refusal, with the proof that nothing was submitted, and without an ID that would look like that of a job. */
function refusal(
	problem: Problem,
	status: number,
	{ numbersRequests = false, mayHaveRun = false }: Shown,
): Problem {
	const { requestId: supportId, ...others } = problem;
	const namesJob = supportId !== undefined && !numbersRequests;
	if (namesJob || (mayHaveRun && !BEFORE_ANY_RUN.includes(status))) return problem;
	return {
		...others,
		nothingSubmitted: true,
		...(supportId === undefined ? {} : { supportId }),
	} as Problem;
}

/** A paid request for which it is unknown whether the provider accepted it. */
function unknownOutcome(
	provider: ProviderId,
	because: ProblemOf<'unknownOutcome'>['data']['because'],
): ProblemOf<'unknownOutcome'> {
	return { name: 'unknownOutcome', data: { provider, because } };
}

function statusIn(status: number | undefined): { httpStatus?: number } {
	return status === undefined ? {} : { httpStatus: status };
}

/**
 * What a read means that got no whole answer.
 * @param part what of the provider's did not answer, if it is not its API
 */
export function unansweredReading<T>(
	{ reason, why, bytes, status, unread }: HttpFailure,
	provider: ProviderId,
	requestId?: string,
	part?: 'storage',
): Reading<T> {
	if (unread !== undefined && reason !== 'aborted') {
		return { ok: false, transient: true, problem: { name: 'fileUnread', data: { reason: shorten(unread) } } };
	}
	return {
		ok: false,
		transient: reason !== 'aborted',
		problem: {
			name: 'noAnswer',
			data: { provider, why, ...(bytes === undefined ? {} : { bytes }), ...(part && { part }) },
			...statusIn(status),
			...(requestId === undefined ? {} : { requestId }),
		},
	};
}

/**
 * What a read means whose answer is no success, judged by its status alone.
 * @param now Unix time in milliseconds, for a Retry-After that names a date
 */
export function unsuccessfulReading<T>(
	{ status, headers }: HttpAnswer<Content>,
	problem: Problem,
	now: number,
): Reading<T> {
	return {
		ok: false,
		transient: isPassing(status),
		notFound: status === 404,
		retryAfterMs: retryAfterMs(headers['retry-after'], now),
		problem,
	};
}

/** A job that the provider does not know (any more). */
export function unknownJob(provider: ProviderId, requestId: string): Problem {
	return { name: 'unknownJob', data: { provider, requestId }, httpStatus: 404, requestId };
}

/** Whether an answer is a success that carries a JSON object. */
export function jsonOf(result: HttpResult<Content>): Json | undefined {
	if (!result.answered || result.status < 200 || result.status >= 300) return undefined;
	return asObject(result.body.json);
}
