import type { HttpAnswer, Content, HttpResult, HttpFailure } from '../transport/http';
import { retryAfterMs } from '../transport/backoff';
import type { Json, Reading, Submission } from './provider';
import { shorten, type Problem, type ProblemOf } from '../models/problem';
import type { ProviderId } from '../models/names';

/** Reads values from answers with any content, and interprets HTTP results in the same way for every provider. */

export function asObject(value: unknown): Json | undefined {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

export function asString(value: unknown): string | undefined {
	return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Text that is not blank, trimmed, so that a message can repeat it. */
export function asWords(value: unknown): string | undefined {
	return typeof value === 'string' ? asString(value.trim()) : undefined;
}

/** A provider's own words, cut to the length that a problem keeps. */
export function ownWords(value: unknown): string | undefined {
	const words = asWords(value);
	return words === undefined ? undefined : shorten(words);
}

/**
 * The table's entry for a key that comes from an answer. The key can be anything, even `constructor`, which every
 * object inherits, so only own properties count.
 */
export function entryOf<Value>(table: { [key: string]: Value }, key: string | undefined): Value | undefined {
	return key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** A price in USD. Nothing is free: zero, a negative number or infinity means that the provider gave no price. */
export function asPrice(value: unknown): number | undefined {
	const usd = asNumber(value);
	return usd !== undefined && usd > 0 ? usd : undefined;
}

export function asNumber(value: unknown): number | undefined {
	return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The JSON object in an event's data; undefined if the data is not a JSON object. */
export function parsedObject(data: string): Json | undefined {
	try {
		return asObject(JSON.parse(data));
	} catch {
		return undefined;
	}
}

/** The longest request ID to accept, in characters. Providers use UUIDs. */
const MAX_ID_CHARACTERS = 200;

/** A request ID from an answer: printable ASCII without spaces; otherwise undefined. */
export function asRequestId(value: unknown): string | undefined {
	const id = asString(value);
	return id !== undefined && id.length <= MAX_ID_CHARACTERS && /^[\x21-\x7e]+$/.test(id) ? id : undefined;
}

/** HTTP statuses below 500 after which the same read may succeed later. */
const TRANSIENT_STATUSES = [408, 409, 425, 429];

function isTransient(status: number): boolean {
	return TRANSIENT_STATUSES.includes(status) || status >= 500 || (status >= 300 && status < 400);
}

/** The result of a submit that got no complete answer. */
export function unansweredSubmission(result: HttpFailure, provider: ProviderId): Submission {
	const { reason, why, bytes, status } = result;
	if (reason === 'unsent') {
		const problem: Problem = { name: 'unreachable', data: { provider, why } };
		return { result: 'refused', again: false, problem };
	}
	const because = { why, ...(bytes === undefined ? {} : { bytes }) };
	return { result: 'open', problem: { ...unknownOutcome(provider, because), ...statusIn(status) } };
}

/** What an answer to a paid request shows, in addition to its status and whether it is JSON. */
interface Shown {
	/** It alone proves that the provider did not accept the job. */
	refused: boolean;
	/** Its JSON is an error in the provider's own format, not a gateway's. */
	ownError: boolean;
	/** It contains the ID of a job, although it is an error. */
	namesJob: boolean;
	/** What is missing: an answer that accepts a job has it. */
	lacks: 'requestId' | 'generationId';
	/** An ID in a refusal identifies the HTTP request, not a job. */
	numbersRequests?: boolean;
	/** A blocking call: the model may have run before the refusal, and the run may be billed. */
	mayHaveRun?: boolean;
}

/**
 * The result of a paid request that was answered, but without an accepted job. It is a refusal only if the answer
 * proves that the provider did not accept the job. HTML from a gateway proves nothing: the provider behind it may have
 * accepted the job.
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

/** HTTP statuses of refusals before a model runs: bad key, no balance, too many requests. */
const BEFORE_ANY_RUN = [401, 402, 403, 429];

/**
 * Marks a refusal's problem as proof that nothing was submitted. An ID that is not a job's moves to `supportId`, so
 * that it cannot be mistaken for a job's.
 */
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

/** A paid request that the provider may or may not have accepted. */
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
 * The result of a read that got no complete answer.
 * @param part the part of the provider that did not answer, if it is not its API
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
 * The result of a read whose answer is not a success. Only the status decides.
 * @param now Unix time in milliseconds, for a Retry-After that is a date
 */
export function unsuccessfulReading<T>(
	{ status, headers }: HttpAnswer<Content>,
	problem: Problem,
	now: number,
): Reading<T> {
	return {
		ok: false,
		transient: isTransient(status),
		notFound: status === 404,
		retryAfterMs: retryAfterMs(headers['retry-after'], now),
		problem,
	};
}

/** The provider does not know the job, or no longer knows it. */
export function unknownJob(provider: ProviderId, requestId: string): Problem {
	return { name: 'unknownJob', data: { provider, requestId }, httpStatus: 404, requestId };
}

/** The JSON object in a successful answer; otherwise undefined. */
export function jsonOf(result: HttpResult<Content>): Json | undefined {
	if (!result.answered || result.status < 200 || result.status >= 300) return undefined;
	return asObject(result.body.json);
}
