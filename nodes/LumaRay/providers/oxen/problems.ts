import type { Content } from '../../transport/http';
import type { Problem } from '../../transport/failures';
import { asObject, asString, unknownJob } from '../answers';
import { labelsByWireName } from '../input';
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
	const said =
		asString(body?.error) ??
		asString(error?.message) ??
		[asString(error?.title), asString(error?.detail)].filter((part) => part !== undefined).join(': ');
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

/** Oxen's own words for why a request or a job ended badly, made readable. */
export function sentence(said: string, remedy = CHANGE_IT): { message: string; description: string } {
	if (/insufficient credits|not enough credits/i.test(said)) {
		return {
			message: 'The credits of the Oxen.ai account are used up',
			description: 'Add credits at https://www.oxen.ai/settings/billing, then run the item again.',
		};
	}
	// "Getting model response error: 422 - Value error, …": the model's own words stand behind the dash.
	const refusal = /^Getting model response error: \d+ - (?:Value error, )?(.+)$/s.exec(said);
	const words = refusal ? refusal[1] : said;
	const labelled = Object.entries(INPUT_LABELS).reduce(
		(text, [name, label]) => text.replace(new RegExp(`\\b${name}\\b(?=_|\\b)`, 'g'), label),
		words,
	);
	return { message: `Oxen.ai: ${refusal ? labelled : words}`, description: remedy };
}
