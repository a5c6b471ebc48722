import { falTable } from '../../ray/fal';
import type { Content, HttpResult } from '../../transport/http';
import {
	asObject,
	asRequestId,
	asString,
	jsonOf,
	unansweredSubmission,
	unsuccessfulSubmission,
} from '../answers';
import { namedInput } from '../input';
import { SUBMIT_TIMEOUT_MS } from '../patience';
import type { Job, Json, Order, Submission } from '../provider';
import { INPUT_NAMES } from './names';
import type { FalPrices } from './prices';
import { falProblem, isFalError } from './problems';
import { outcomeOf } from './results';
import type { FalWire } from './wire';

/** The two requests that cost money: the submit to the queue, and the blocking call. */

/**
 * Puts a job into the queue. No signal ends it: what is in the air must be answered.
 * @param imageUrl the image as `placeImage` placed it
 */
export async function submitJob(
	{ http, endpoints, clock }: FalWire,
	order: Order,
	imageUrl: string,
): Promise<Submission> {
	const submittedAt = clock.now();
	const result = await http.authenticated({
		method: 'POST',
		url: `${endpoints.queueUrl}/${falTable.model}`,
		query: order.webhookUrl === undefined ? undefined : { fal_webhook: order.webhookUrl },
		headers: submitHeaders(order),
		body: toFalInput(order, imageUrl),
		timeoutMs: SUBMIT_TIMEOUT_MS,
	});
	const body = jsonOf(result);
	const requestId = asRequestId(body?.request_id);
	if (!body || !requestId) {
		const submission = unsuccessful(result, clock.now());
		return submission.fate === 'open' ? { ...submission, imageUrl } : submission;
	}
	const urls = Object.fromEntries(
		['status_url', 'response_url', 'cancel_url'].flatMap((key) => {
			const url = asString(body[key]);
			return url === undefined ? [] : [[key, url]];
		}),
	);
	return { fate: 'accepted', jobs: [{ provider: 'fal', requestId, submittedAt, urls }], raw: body };
}

/**
 * Sends the blocking call and waits for the video.
 * @param imageUrl the image as `placeImage` placed it
 * @param timeoutMs how long the answer may take
 */
export async function generateVideo(
	{ http, endpoints, clock }: FalWire,
	prices: FalPrices,
	order: Order,
	imageUrl: string,
	timeoutMs: number,
	signal: AbortSignal,
): Promise<Submission> {
	const submittedAt = clock.now();
	const result = await http.authenticated({
		method: 'POST',
		url: `${endpoints.runUrl}/${falTable.model}`,
		headers: submitHeaders(order),
		body: toFalInput(order, imageUrl),
		timeoutMs,
		signal,
	});
	const body = jsonOf(result);
	if (!result.answered || !body) return unsuccessful(result, clock.now());
	const requestId = asRequestId(result.headers['x-fal-request-id']) ?? '';
	const actualUsd = await prices.billedUsd(result.headers, signal);
	const outcome = outcomeOf(body, actualUsd, endpoints.queueUrl);
	const jobs: Job[] = [{ provider: 'fal', requestId, submittedAt }];
	return { fate: 'accepted', jobs, outcomes: [outcome], raw: body };
}

/** What a paid request means that was answered with anything but the model's output. */
function unsuccessful(result: HttpResult<Content>, now: number): Submission {
	if (!result.answered) return unansweredSubmission(result, 'fal');
	const { status, headers, body } = result;
	const error = asObject(body.json);
	const named = [error, asObject(error?.error)].flatMap((part) =>
		[part?.request_id, part?.gateway_request_id].filter((id) => id !== undefined && id !== null),
	);
	const requestId = named.map(asRequestId).find((id) => id !== undefined) ?? headers['x-fal-request-id'];
	const problem = falProblem(status, headers, body, requestId);
	// The start timeout that the person set has passed: fal gave the job up before it began.
	const refused = status === 504 && headers['x-fal-request-timeout-type'] === 'user';
	const shown = { refused, ownError: isFalError(error), namesJob: named.length > 0 };
	const about = { provider: 'fal', now } as const;
	return unsuccessfulSubmission(result, problem, { ...shown, lacks: 'requestId' }, about);
}

/** The model's input by fal's names. What is the model's default is sent too, so that the request says it all. */
function toFalInput({ input, options }: Order, imageUrl: string): Json {
	return { ...namedInput(INPUT_NAMES, input, imageUrl), ...options.additionalFields };
}

function submitHeaders({ options }: Order): { [name: string]: string } {
	return {
		...(options.priority === undefined ? {} : { 'X-Fal-Queue-Priority': options.priority }),
		...(options.startTimeoutSeconds === undefined
			? {}
			: { 'X-Fal-Request-Timeout': String(options.startTimeoutSeconds) }),
	};
}
