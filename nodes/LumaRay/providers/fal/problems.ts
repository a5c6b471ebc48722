import type { Content } from '../../transport/http';
import { asNumber, asObject, asString, asWords, entryOf, unknownJob } from '../answers';
import { labelsByWireName } from '../input';
import type { Json } from '../provider';
import type { Problem } from '../../transport/failures';
import { INPUT_NAMES } from './names';

const INPUT_LABELS = labelsByWireName(INPUT_NAMES);

type Sentence = (context: Json, message: string) => string;

/** fal's error types (docs.fal.ai/errors) as sentences. Messages change, types do not. */
const SENTENCES: { [type: string]: Sentence } = {
	content_policy_violation: () => 'was refused by the content policy',
	no_media_generated: () => 'led to no video',
	image_too_small: ({ min_width, min_height }) => `is too small${size(min_width, min_height, ', at least')}`,
	image_too_large: ({ max_width, max_height }) => `is too large${size(max_width, max_height, ', at most')}`,
	image_load_error: (_, message) => `could not be loaded${statusIn(message)}`,
	file_download_error: (_, message) => `could not be downloaded${statusIn(message)}`,
	face_detection_error: () => 'shows no face that the model could find',
	file_too_large: ({ max_size }) =>
		`is too large a file${asNumber(max_size) ? ` (at most ${max_size} bytes)` : ''}`,
	unsupported_image_format: ({ supported_formats }) =>
		`has a format that is not supported${list(supported_formats, '; use ')}`,
	feature_not_supported: (_, message) => `asks for something that is not supported (${message})`,
	one_of: ({ expected }) => `is not one of its options${list(expected, ': ')}`,
	literal_error: ({ expected }, message) =>
		asString(expected) ? `is not one of its options: ${String(expected)}` : lowerFirst(message),
	enum: ({ expected }, message) =>
		asString(expected) ? `is not one of its options: ${String(expected)}` : lowerFirst(message),
	sequence_too_long: ({ max_length }) => `has too many entries${atMost(max_length)}`,
	sequence_too_short: () => 'has too few entries',
	missing: () => 'is missing',
	internal_server_error: () => 'the model broke down while it made the video',
	downstream_service_unavailable: () => 'the service behind the model was not available',
	downstream_service_error: () => 'the service behind the model refused the job',
	generation_timeout: () => 'the model took too long to make the video',
};

/** What to do about it, by fal's error type. */
const REMEDIES: { [type: string]: string } = {
	content_policy_violation: 'Change the prompt or the image, then run the item again.',
	no_media_generated: 'Change the prompt or the image, then run the item again.',
	image_load_error:
		"Open the address in a private browser window: it must show the image itself. Or set 'Image Source' to Binary Data.",
	file_download_error:
		"Open the address in a private browser window: it must show the image itself. Or set 'Image Source' to Binary Data.",
	internal_server_error: 'Run the item again later.',
	downstream_service_unavailable: 'Run the item again later.',
	generation_timeout: 'Run the item again later.',
};

/** Infrastructure errors (`error_type`) as sentences. */
const INFRASTRUCTURE: { [type: string]: string } = {
	request_timeout: 'the job was not started in time',
	startup_timeout: 'no machine was ready in time',
	runner_connection_timeout: 'the machine could not be reached in time',
	runner_disconnected: 'the machine was lost while it made the video',
	runner_scheduling_failure: 'no machine could be had',
	runner_incomplete_response: 'the machine sent only a part of its answer',
	runner_server_error: 'the machine broke down while it made the video',
	internal_error: 'fal.ai broke down while it ran the job',
	client_cancelled: 'the job was cancelled',
};

const RUN_LATER = 'Run the item again later. See https://status.fal.ai if it goes on.';

/**
 * Says what one of fal's answers means that is no success: model errors (`detail[]`), infrastructure errors
 * (`error_type`), the platform's (`error.message`), and gateways that answer with HTML.
 */
export function falProblem(
	status: number,
	headers: { [name: string]: string },
	content: Content,
	requestId?: string,
): Problem {
	const common = { httpStatus: status, ...(requestId === undefined ? {} : { requestId }) };
	const body = asObject(content.json);
	const details = body && detailsOf(body);
	if (status === 401 || status === 403) return { ...keyProblem(status, body), ...common };
	if (details && details.length > 0) {
		const types = details.map(({ type }) => type);
		return {
			message: details.map(({ sentence }) => sentence).join('; '),
			description:
				types.map((type) => entryOf(REMEDIES, type)).find((remedy) => remedy) ?? whatToChange(status),
			...common,
		};
	}
	const type = asString(body?.error_type) ?? headers['x-fal-error-type'];
	const known = entryOf(INFRASTRUCTURE, type);
	if (known) return { message: `fal.ai: ${known}`, description: RUN_LATER, ...common };
	const said =
		body && (asWords(body.detail) ?? asWords(asObject(body.error)?.message) ?? asWords(body.error));
	if (status === 429) {
		return {
			message: `fal.ai takes no more requests right now${said ? `: ${said}` : ''}`,
			description: "Wait a little, or lower 'Concurrency' in the options.",
			...common,
		};
	}
	if (said) return { message: `fal.ai: ${said}`, description: whatToChange(status), ...common };
	if (status === 422 && body) return { ...UNEXPLAINED, ...common };
	return {
		message:
			status >= 500
				? `fal.ai is not available right now (HTTP ${status})`
				: `fal.ai answered with HTTP ${status} and nothing that this node understands`,
		description: status >= 500 ? RUN_LATER : 'Check the endpoints in the credential.',
		...common,
	};
}

/** A refused input about which fal's answer says nothing that can be read. */
const UNEXPLAINED = {
	message: 'fal.ai: the input was refused, and no reason was given',
	description: 'Change the prompt or the image, then run the item again.',
};

/**
 * Whether JSON is an error in one of fal's own shapes (fal docs: errors): `detail` as text or as typed entries, or an
 * error with its type. A gateway's JSON proves nothing about what fal did.
 */
export function isFalError(body: Json | undefined): boolean {
	if (!body) return false;
	if (asWords(body.detail) || hasTypedDetail(body)) return true;
	const error = asObject(body.error);
	if (error) return asWords(error.type) !== undefined && asWords(error.message) !== undefined;
	return asWords(body.error) !== undefined && asWords(body.error_type) !== undefined;
}

/** Whether an error carries the model's own typed entries. */
export function hasTypedDetail({ detail }: Json): boolean {
	return Array.isArray(detail) && detail.some((entry) => asWords(asObject(entry)?.type) !== undefined);
}

/** The same for an answer about a job. */
export function falJobProblem(
	status: number,
	headers: { [name: string]: string },
	content: Content,
	requestId: string,
): Problem {
	if (status === 404 && asObject(content.json)?.status === 'NOT_FOUND') {
		return unknownJob('fal.ai', requestId);
	}
	return falProblem(status, headers, content, requestId);
}

function whatToChange(status: number): string {
	return status >= 500 ? RUN_LATER : 'Change what it names, then run the item again.';
}

function keyProblem(status: number, body: Json | undefined): { message: string; description: string } {
	const said = asWords(body?.detail) ?? asWords(asObject(body?.error)?.message) ?? '';
	if (/balance|locked/i.test(said)) {
		return {
			message: 'The balance of the fal.ai account is used up',
			description: `Top it up at https://fal.ai/dashboard/billing, then run the item again. fal.ai said: ${said}`,
		};
	}
	if (/access/i.test(said)) {
		return {
			message: 'The API key may not use this model at fal.ai',
			description: `Give the key of the credential 'Luma Ray Fal API' access to it at https://fal.ai/dashboard/keys. fal.ai said: ${said}`,
		};
	}
	return {
		message: `fal.ai does not accept the API key${status === 403 ? ' for this' : ''}`,
		description:
			"Check 'API Key' in the credential 'Luma Ray Fal API': it has the form id:secret and comes from https://fal.ai/dashboard/keys.",
	};
}

function detailsOf(body: Json): Array<{ type: string; sentence: string }> | undefined {
	if (!Array.isArray(body.detail)) return undefined;
	return body.detail.flatMap((entry) => {
		const detail = asObject(entry);
		if (!detail) return [];
		const type = asWords(detail.type) ?? '';
		const message = asWords(detail.msg) ?? type;
		const said = entryOf(SENTENCES, type)?.(asObject(detail.ctx) ?? {}, message) ?? lowerFirst(message);
		const location = Array.isArray(detail.loc) ? detail.loc.filter((part) => part !== 'body') : [];
		const [field, ...within] = location.filter((part) => asWords(part) ?? asNumber(part) !== undefined);
		// Without a word of its own and without a field, an entry says nothing.
		if (field === undefined) return said === '' ? [] : [{ type, sentence: upperFirst(said) }];
		if (said === '') return [{ type, sentence: `${labelOf(field)}: was refused, and no reason was given` }];
		const label = labelOf(field);
		const index = within.find((part) => typeof part === 'number') as number | undefined;
		return [{ type, sentence: `${label}${index === undefined ? '' : ` (entry ${index + 1})`}: ${said}` }];
	});
}

function labelOf(field: unknown): string {
	return entryOf(INPUT_LABELS, String(field)) ?? String(field);
}

function size(width: unknown, height: unknown, word: string): string {
	return asNumber(width) && asNumber(height) ? `${word} ${width}×${height} pixels` : '';
}

function list(values: unknown, lead: string): string {
	const words = Array.isArray(values) ? values.filter((value) => asWords(value) ?? asNumber(value)) : [];
	return words.length > 0 ? `${lead}${words.join(', ')}` : '';
}

function atMost(value: unknown): string {
	return asNumber(value) === undefined ? '' : ` (at most ${String(value)})`;
}

/** The HTTP status that a download's message names, e.g. "Failed to download the file: 403". */
function statusIn(message: string): string {
	const status = /\b[45]\d\d\b/.exec(message);
	return status ? ` (${status[0]})` : '';
}

function lowerFirst(text: string): string {
	return text.charAt(0).toLowerCase() + text.slice(1);
}

function upperFirst(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
