import type { Content } from '../../transport/http';
import type { Problem, ProblemContext, RemedyName } from '../../models/problem';
import { asObject, asRequestId, asWords, ownWords, unknownJob } from '../answers';
import { PARAMETERS } from '../../models/parameters';
import { parametersOnWire } from '../input';
import type { Json } from '../provider';
import { OXEN } from './catalogue';

const ON_WIRE = Object.entries(parametersOnWire(OXEN));

/**
 * Turns an answer from Oxen that is not a success into a problem. It knows Oxen's error objects (`error.title`,
 * `error.message`, `error` as text), and HTML from a gateway.
 */
export function oxenProblem(status: number, content: Content, requestId?: string): Problem {
	const common = { httpStatus: status, ...(requestId === undefined ? {} : { requestId }) };
	const body = asObject(content.json);
	const error = asObject(body?.error);
	if (requestId !== undefined && status === 404 && error?.type === 'resource_not_found') {
		return unknownJob('oxen', requestId);
	}
	const titled = [error?.title, error?.detail].flatMap((part) => asWords(part) ?? []).join(': ');
	const said = [body?.error, error?.message, titled, body?.error_message].map(ownWords).find(Boolean);
	const about: ProblemContext & { data: { provider: string } } = {
		data: { provider: 'oxen' },
		...common,
		...(said === undefined ? {} : { said }),
	};
	if (status === 401 || status === 403) return { name: 'keyRefused', ...about };
	if (status === 429) return { name: 'tooManyRequests', ...about };
	if (status === 402) return { ...noCredits(said), ...common };
	if (said) return { ...saidProblem(said, status >= 500 ? 'runLater' : 'changeInput'), ...common };
	return { name: status >= 500 ? 'unavailable' : 'notUnderstood', ...about };
}

const OUT_OF_CREDITS = /insufficient credits|not enough credits/i;

/** @param said Oxen's own words, kept unless they only say that the credits are used up */
function noCredits(said?: string): Problem {
	const more = said === undefined || OUT_OF_CREDITS.test(said) ? {} : { said };
	return { name: 'balanceUsedUp', data: { provider: 'oxen' }, ...more };
}

/** Whether JSON is an error in one of Oxen's own formats (Oxen docs: errors), and not a gateway's. */
export function isOxenError(body: Json | undefined): boolean {
	if (!body) return false;
	const error = asObject(body.error);
	const words = error ? [error.type, error.title, error.message] : [body.error];
	return body.status === 'error' || words.some((word) => asWords(word) !== undefined);
}

/**
 * The jobs in an answer: their IDs without duplicates, and whether it contains any job, even one without a usable ID.
 */
export function jobsNamed(body: Json | undefined): { ids: string[]; any: boolean } {
	const ownId = body?.generation_id ?? undefined;
	const rows = [body?.generations ?? [], body?.generation ?? [], ownId === undefined ? [] : body].flat();
	const ids = rows.flatMap((row) => asRequestId(asObject(row)?.generation_id) ?? []);
	return { ids: [...new Set(ids)], any: rows.length > 0 };
}

/** A problem with Oxen's own words for why a request or a job failed, made readable. */
export function saidProblem(said: string, remedy: RemedyName = 'changeInput'): Problem {
	if (OUT_OF_CREDITS.test(said)) return noCredits();
	// "Getting model response error: 422 - Value error, …": the model's own words come after the dash.
	const refusal = /^Getting model response error: \d+ - (?:Value error, )?(.+)$/s.exec(said);
	return { name: 'said', data: { provider: 'oxen' }, said: refusal ? labelled(refusal[1]) : said, remedy };
}

/** Replaces Oxen's parameter names in text with the names of the fields. */
function labelled(words: string): string {
	return ON_WIRE.reduce(
		(text, [name, parameter]) =>
			text.replace(new RegExp(`\\b${name}\\b(?=_|\\b)`, 'g'), PARAMETERS[parameter].label),
		words,
	);
}
