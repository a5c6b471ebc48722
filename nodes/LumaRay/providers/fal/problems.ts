import type { Content } from '../../transport/http';
import { asNumber, asObject, asString, asWords, entryOf, ownWords, unknownJob } from '../answers';
import { parametersOnWire } from '../input';
import type { Json } from '../provider';
import {
	shorten,
	type InfrastructureTrouble,
	type Problem,
	type Refusal,
	type RefusedInput,
	type RemedyName,
} from '../../models/problem';
import { FAL } from './catalogue';

const PARAMETERS = parametersOnWire(FAL);

/** What fal's error types mean (docs.fal.ai/errors). Messages change, types do not. */
const REFUSALS: { [type: string]: (context: Json, message: string) => RefusedInput } = {
	content_policy_violation: () => ({ why: 'contentPolicy' }),
	no_media_generated: () => ({ why: 'noVideo' }),
	image_too_small: ({ min_width, min_height }) => ({ why: 'imageTooSmall', ...size(min_width, min_height) }),
	image_too_large: ({ max_width, max_height }) => ({ why: 'imageTooLarge', ...size(max_width, max_height) }),
	image_load_error: (_, message) => ({ why: 'notLoaded', ...statusIn(message) }),
	file_download_error: (_, message) => ({ why: 'notDownloaded', ...statusIn(message) }),
	face_detection_error: () => ({ why: 'noFace' }),
	file_too_large: ({ max_size }) => ({ why: 'fileTooLarge', ...most(max_size) }),
	unsupported_image_format: ({ supported_formats }) => ({
		why: 'unsupportedFormat',
		...optionsIn(supported_formats),
	}),
	feature_not_supported: (_, message) => ({ why: 'notSupported', said: message }),
	one_of: ({ expected }) => ({ why: 'notAnOption', ...optionsIn(expected) }),
	literal_error: ({ expected }, message) => oneOption(expected, message),
	enum: ({ expected }, message) => oneOption(expected, message),
	sequence_too_long: ({ max_length }) => ({ why: 'tooManyEntries', ...most(max_length) }),
	sequence_too_short: () => ({ why: 'tooFewEntries' }),
	missing: () => ({ why: 'missing' }),
	internal_server_error: () => ({ why: 'modelBroke' }),
	downstream_service_unavailable: () => ({ why: 'serviceUnavailable' }),
	downstream_service_error: () => ({ why: 'serviceRefused' }),
	generation_timeout: () => ({ why: 'modelTooSlow' }),
};

/** The remedy for a refusal, if its HTTP status suggests the wrong one. */
const REMEDIES: { [why in Refusal]?: RemedyName } = {
	contentPolicy: 'changePromptOrImage',
	noVideo: 'changePromptOrImage',
	notLoaded: 'checkImageAddress',
	notDownloaded: 'checkImageAddress',
	modelBroke: 'runLater',
	serviceUnavailable: 'runLater',
	modelTooSlow: 'runLater',
};

/** What fal's infrastructure errors (`error_type`) mean. */
const INFRASTRUCTURE: { [type: string]: InfrastructureTrouble } = {
	request_timeout: 'notStartedInTime',
	startup_timeout: 'noMachineInTime',
	runner_connection_timeout: 'machineNotReached',
	runner_disconnected: 'machineLost',
	runner_scheduling_failure: 'noMachine',
	runner_incomplete_response: 'answerCutShort',
	runner_server_error: 'machineBroke',
	internal_error: 'providerBroke',
	client_cancelled: 'cancelled',
};

/** The maximum number of entries of one answer that a problem keeps, since it is saved with the execution. */
const MAX_ENTRIES = 20;

/**
 * Turns an answer from fal that is not a success into a problem. It knows model errors (`detail[]`), infrastructure
 * errors (`error_type`), the platform's errors (`error.message`), and HTML from a gateway.
 */
export function falProblem(
	status: number,
	headers: { [name: string]: string },
	content: Content,
	requestId?: string,
): Problem {
	const common = { httpStatus: status, ...(requestId === undefined ? {} : { requestId }) };
	const body = asObject(content.json);
	const remedy = status >= 500 ? 'runLater' : 'changeInput';
	if (status === 401 || status === 403) return { ...keyProblem(body), ...common };
	const entries = body && entriesIn(body);
	if (entries && entries.length > 0) {
		const known = entries.map(({ why }) => REMEDIES[why]).find((one) => one !== undefined);
		return { name: 'inputRefused', data: { provider: 'fal', entries }, remedy: known ?? remedy, ...common };
	}
	const type = asString(body?.error_type) ?? headers['x-fal-error-type'];
	const why = entryOf(INFRASTRUCTURE, type);
	if (why) return { name: 'infrastructure', data: { provider: 'fal', why }, ...common };
	const said = [body?.detail, asObject(body?.error)?.message, body?.error].map(ownWords).find(Boolean);
	const about = { data: { provider: 'fal' }, ...common, ...(said === undefined ? {} : { said }) };
	if (status === 429) return { name: 'tooManyRequests', ...about };
	if (said) return { name: 'said', ...about, remedy };
	if (status === 422 && body) return { name: 'inputRefusedSilently', ...about };
	return { name: status >= 500 ? 'unavailable' : 'notUnderstood', ...about };
}

/**
 * Whether JSON is an error in one of fal's own formats (fal docs: errors): `detail` as text or as typed entries, or an
 * error with a type. JSON from a gateway proves nothing about what fal did.
 */
export function isFalError(body: Json | undefined): boolean {
	if (!body) return false;
	if (asWords(body.detail) || hasTypedDetail(body)) return true;
	const error = asObject(body.error);
	if (error) return asWords(error.type) !== undefined && asWords(error.message) !== undefined;
	return asWords(body.error) !== undefined && asWords(body.error_type) !== undefined;
}

/** Whether an error contains the model's own typed entries. */
export function hasTypedDetail({ detail }: Json): boolean {
	return Array.isArray(detail) && detail.some((entry) => asWords(asObject(entry)?.type) !== undefined);
}

/** `falProblem` for an answer about a job. */
export function falJobProblem(
	status: number,
	headers: { [name: string]: string },
	content: Content,
	requestId: string,
): Problem {
	if (status === 404 && asObject(content.json)?.status === 'NOT_FOUND') {
		return unknownJob('fal', requestId);
	}
	return falProblem(status, headers, content, requestId);
}

function keyProblem(body: Json | undefined): Problem {
	const said = ownWords(body?.detail) ?? ownWords(asObject(body?.error)?.message) ?? '';
	const about = { data: { provider: 'fal' } };
	if (/balance|locked/i.test(said)) return { name: 'balanceUsedUp', ...about, said };
	if (/access/i.test(said)) return { name: 'noAccess', ...about, said };
	return { name: 'keyRefused', ...about };
}

function entriesIn(body: Json): RefusedInput[] | undefined {
	if (!Array.isArray(body.detail)) return undefined;
	return body.detail.slice(0, MAX_ENTRIES).flatMap((entry) => {
		const detail = asObject(entry);
		if (!detail) return [];
		const type = ownWords(detail.type) ?? '';
		const message = ownWords(detail.msg) ?? type;
		const location = Array.isArray(detail.loc) ? detail.loc.filter((part) => part !== 'body') : [];
		const [field, ...within] = location.filter((part) => asWords(part) ?? asNumber(part) !== undefined);
		const known = entryOf(REFUSALS, type)?.(asObject(detail.ctx) ?? {}, message);
		// An entry without a known type, a message or a field says nothing.
		if (!known && message === '' && field === undefined) return [];
		const refused: RefusedInput =
			known ?? (message === '' ? { why: 'noReason' } : { why: 'said', said: message });
		const place = within.find((part) => typeof part === 'number') as number | undefined;
		return [
			{
				...refused,
				...(field === undefined ? {} : { parameter: parameterOf(field) }),
				...(field === undefined || place === undefined ? {} : { entry: place }),
			},
		];
	});
}

function parameterOf(field: unknown): string {
	return entryOf(PARAMETERS, String(field)) ?? shorten(String(field));
}

function size(width: unknown, height: unknown): { width?: number; height?: number } {
	const [wide, high] = [asNumber(width), asNumber(height)];
	return wide && high ? { width: wide, height: high } : {};
}

function optionsIn(values: unknown): { options?: string[] } {
	const words = Array.isArray(values) ? values.filter((value) => asWords(value) ?? asNumber(value)) : [];
	return words.length > 0 ? { options: words.map(String).map(shorten).slice(0, MAX_ENTRIES) } : {};
}

/** The allowed options, given as a string instead of a list. */
function oneOption(expected: unknown, message: string): RefusedInput {
	const option = ownWords(expected);
	return option === undefined ? { why: 'said', said: message } : { why: 'notAnOption', options: [option] };
}

function most(value: unknown): { most?: number } {
	const number = asNumber(value);
	return number ? { most: number } : {};
}

/** The HTTP status in a message about a download, e.g. "Failed to download the file: 403". */
function statusIn(message: string): { status?: number } {
	const status = /\b[45]\d\d\b/.exec(message);
	return status ? { status: Number(status[0]) } : {};
}
