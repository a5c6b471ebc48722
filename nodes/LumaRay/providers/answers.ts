import { LABELS, type RayInput, type RayParameter } from '../ray/input';
import type { Answered, Content, HttpResult, Unanswered } from '../transport/http';
import { retryAfterMs } from '../transport/backoff';
import type { Json, Reading, Submission, ToldInput } from './provider';
import type { Problem } from '../transport/failures';

/** Readers for answers that may hold anything, and the reading of HTTP that every provider shares. */

export function asObject(value: unknown): Json | undefined {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

export function asString(value: unknown): string | undefined {
	return typeof value === 'string' && value !== '' ? value : undefined;
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

export function isPassing(status: number): boolean {
	return PASSING_STATUSES.includes(status) || status >= 500 || (status >= 300 && status < 400);
}

/** What a submit means that got no whole answer. */
export function unansweredSubmission(result: Unanswered, provider: string, whereToLook: string): Submission {
	if (result.reason === 'unsent') {
		return {
			fate: 'refused',
			again: false,
			problem: {
				message: `${provider} could not be reached: ${result.detail}`,
				description: 'Nothing was submitted. Check the network and the endpoints in the credential.',
			},
		};
	}
	return { fate: 'open', problem: openFate(provider, result.detail, whereToLook, result.status) };
}

/** The words for a paid request of which nobody knows whether it was taken. */
export function openFate(provider: string, what: string, whereToLook: string, httpStatus?: number): Problem {
	return {
		message: `${provider} may have accepted the job, but its answer did not arrive: ${what}`,
		description: `It was not submitted again, so that it cannot be paid twice. ${whereToLook} If it is there, take it up with Generation: Wait and its request ID; if it is not, run the item again in a new execution.`,
		...(httpStatus === undefined ? {} : { httpStatus }),
	};
}

/** What a read means that got no whole answer. */
export function unansweredReading<T>(result: Unanswered, provider: string, requestId?: string): Reading<T> {
	return {
		ok: false,
		passing: result.reason !== 'aborted',
		problem: {
			message: `${provider} did not answer: ${result.detail}`,
			description: 'Check the network and try again.',
			...(result.status === undefined ? {} : { httpStatus: result.status }),
			...(requestId === undefined ? {} : { requestId }),
		},
	};
}

/**
 * What a read means whose answer is no success, judged by its status alone.
 * @param now Unix time in milliseconds, for a Retry-After that names a date
 */
export function unsuccessfulReading<T>(
	{ status, headers }: Answered<Content>,
	problem: Problem,
	now: number,
): Reading<T> {
	return {
		ok: false,
		passing: isPassing(status),
		notFound: status === 404,
		retryAfterMs: retryAfterMs(headers['retry-after'], now),
		problem,
	};
}

/** @param name the provider's, as people know it */
export function unknownJob(name: string, requestId: string): Problem {
	return {
		message: `${name} knows no job with the request ID ${requestId}`,
		description: `Use the requestId of an item that this node put out, and a credential of the same ${name} account.`,
		httpStatus: 404,
		requestId,
	};
}

/** Whether an answer is a success that carries a JSON object. */
export function jsonOf(result: HttpResult<Content>): Json | undefined {
	if (!result.answered || result.status < 200 || result.status >= 300) return undefined;
	return asObject(result.body.json);
}

/** The fields' names as people see them, by the names of a wire. */
export function labelsByWireName(names: Readonly<Record<RayParameter, string>>): { [name: string]: string } {
	return Object.fromEntries(
		Object.entries(names).map(([parameter, name]) => [name, LABELS[parameter as RayParameter]]),
	);
}

/** Tries of a price: the price list stands behind it, and nothing is submitted meanwhile. */
export const PRICE_TRIES = 3;

/** Bytes of one page of a list. Rows repeat what was asked for, also images that others sent inside their requests. */
export const MAX_PAGE_BYTES = 32 * 1024 * 1024;
/** Pages after which a list counts as endless. */
const MAX_PAGES = 500;

/**
 * Reads page after page of a list until it ends or there is enough.
 * @param readPage the page of this cursor (undefined: the first one) and the cursor of the next. A page without items
 * is no end: what it held may have been left out
 */
export async function readPages<T>(
	atMost: number,
	readPage: (cursor: string | undefined) => Promise<Reading<{ items: T[]; next?: string }>>,
): Promise<Reading<T[]>> {
	const all: T[] = [];
	let cursor: string | undefined;
	let pages = 0;
	do {
		const page = await readPage(cursor);
		if (!page.ok) return page;
		all.push(...page.value.items);
		cursor = page.value.next;
	} while (cursor !== undefined && all.length < atMost && ++pages < MAX_PAGES);
	return { ok: true, value: all.slice(0, atMost) };
}

/** The model's input by the names of a wire. Lists that are empty and a loop that is no matter are left out. */
export function namedInput(
	names: Readonly<Record<RayParameter, string>>,
	input: RayInput,
	imageUrl: string,
): Json {
	return {
		[names.prompt]: input.prompt,
		[names.imageUrl]: imageUrl,
		[names.aspectRatio]: input.aspectRatio,
		[names.resolution]: input.resolution,
		[names.duration]: input.duration,
		...(input.loop === undefined ? {} : { [names.loop]: input.loop }),
		...(input.referenceImageUrls.length === 0
			? {}
			: { [names.referenceImageUrls]: input.referenceImageUrls }),
	};
}

/** What a list tells of a job's input by the names of a wire: `namedInput` read backwards. */
export function toldInput(names: Readonly<Record<RayParameter, string>>, told: Json | undefined): ToldInput {
	const text = (parameter: RayParameter) => asString(told?.[names[parameter]]);
	const loop = told?.[names.loop];
	const references = told?.[names.referenceImageUrls];
	const input: ToldInput = {
		prompt: text('prompt'),
		imageUrl: text('imageUrl'),
		aspectRatio: text('aspectRatio'),
		resolution: text('resolution'),
		duration: text('duration'),
		loop: typeof loop === 'boolean' ? loop : undefined,
		referenceImageUrls: Array.isArray(references) ? references.map(String) : undefined,
	};
	return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}
