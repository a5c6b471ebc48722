import type { Content } from '../../transport/http';
import type { Problem } from '../../transport/failures';
import { asObject, asRequestId, asWords, unknownJob } from '../answers';
import { labelsByWireName } from '../input';
import type { Json } from '../provider';
import { INPUT_NAMES } from './names';

const INPUT_LABELS = labelsByWireName(INPUT_NAMES);

/** For a job of which nobody knows whether it was taken, or where its video is. */
export const WHERE_TO_LOOK = 'Look for it at https://www.oxen.ai/ai/generations.';
const RUN_LATER = 'Run the item again later.';
const CHANGE_IT = 'Change what it names, then run the item again.';

/**
 * Says what one of Oxen's answers means that is no success: its error objects (`error.title`, `error.message`,
 * `error` as text), and gateways that answer with HTML.
 */
export function oxenProblem(status: number, content: Content, requestId?: string): Problem {
	const common = { httpStatus: status, ...(requestId === undefined ? {} : { requestId }) };
	const body = asObject(content.json);
	const error = asObject(body?.error);
	if (requestId !== undefined && status === 404 && error?.type === 'resource_not_found') {
		return unknownJob('Oxen.ai', requestId);
	}
	const titled = [error?.title, error?.detail].flatMap((part) => asWords(part) ?? []).join(': ');
	const said =
		asWords(body?.error) ?? asWords(error?.message) ?? asWords(titled) ?? asWords(body?.error_message);
	if (status === 401 || status === 403) {
		return {
			message: `Oxen.ai does not accept the API key${status === 403 ? ' for this' : ''}`,
			description:
				"Check 'API Key' in the credential 'Luma Ray Oxen API': it comes from your profile at https://www.oxen.ai/settings.",
			...common,
		};
	}
	if (status === 429) {
		return {
			message: `Oxen.ai takes no more requests right now${said ? `: ${said}` : ''}`,
			description: "Wait a little, or lower 'Concurrency' in the options.",
			...common,
		};
	}
	if (status === 402) return { ...noCredits(said), ...common };
	if (said) return { ...sentence(said, remedyFor(status)), ...common };
	return {
		message:
			status >= 500
				? `Oxen.ai is not available right now (HTTP ${status})`
				: `Oxen.ai answered with HTTP ${status} and nothing that this node understands`,
		description: status >= 500 ? RUN_LATER : 'Check the Base URL in the credential.',
		...common,
	};
}

function remedyFor(status: number): string {
	return status >= 500 ? RUN_LATER : CHANGE_IT;
}

const OUT_OF_CREDITS = /insufficient credits|not enough credits/i;

/** @param said Oxen's own words, which are repeated if they say anything else */
function noCredits(said?: string): { message: string; description: string } {
	const more = said === undefined || OUT_OF_CREDITS.test(said) ? '' : ` Oxen.ai said: ${said}`;
	return {
		message: 'The credits of the Oxen.ai account are used up',
		description: `Add credits at https://www.oxen.ai/settings/billing, then run the item again.${more}`,
	};
}

/** Whether JSON is an error in one of Oxen's own shapes (Oxen docs: errors). A gateway's JSON is not. */
export function isOxenError(body: Json | undefined): boolean {
	if (!body) return false;
	const error = asObject(body.error);
	const words = error ? [error.type, error.title, error.message] : [body.error];
	return body.status === 'error' || words.some((word) => asWords(word) !== undefined);
}

/** What an answer says about jobs: their ids, each once, and whether it names any, also one without a usable id. */
export function jobsNamed(body: Json | undefined): { ids: string[]; any: boolean } {
	const ownId = body?.generation_id ?? undefined;
	const rows = [body?.generations ?? [], body?.generation ?? [], ownId === undefined ? [] : body].flat();
	const ids = rows.flatMap((row) => asRequestId(asObject(row)?.generation_id) ?? []);
	return { ids: [...new Set(ids)], any: rows.length > 0 };
}

/** Oxen's own words for why a request or a job ended badly, made readable. */
export function sentence(said: string, remedy = CHANGE_IT): { message: string; description: string } {
	if (OUT_OF_CREDITS.test(said)) return noCredits();
	// "Getting model response error: 422 - Value error, …": the model's own words stand behind the dash.
	const refusal = /^Getting model response error: \d+ - (?:Value error, )?(.+)$/s.exec(said);
	const words = refusal ? refusal[1] : said;
	const labelled = Object.entries(INPUT_LABELS).reduce(
		(text, [name, label]) => text.replace(new RegExp(`\\b${name}\\b(?=_|\\b)`, 'g'), label),
		words,
	);
	return { message: `Oxen.ai: ${refusal ? labelled : words}`, description: remedy };
}
