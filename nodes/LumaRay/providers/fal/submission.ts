import type { Content, HttpResult } from '../../transport/http';
import {
	asObject,
	asRequestId,
	asString,
	jsonOf,
	unansweredSubmission,
	unsuccessfulSubmission,
} from '../answers';
import { wireInput } from '../input';
import { SUBMIT_TIMEOUT_MS } from '../patience';
import type { Job, Json, Order, ReadyOrder, Submission } from '../provider';
import { FAL } from './catalogue';
import type { FalPrices } from './prices';
import { falProblem, isFalError } from './problems';
import { outcomeOf } from './results';
import type { FalWire } from './wire';

/** The two requests that cost money: the submit to the queue, and the blocking call. */

/** Submits a job to the queue. No signal aborts it, because the answer must not be lost. */
export async function submitJob({ http, endpoints, clock }: FalWire, ready: ReadyOrder): Promise<Submission> {
	const { order } = ready;
	const { model } = order;
	const submittedAt = clock.now();
	const result = await http.authenticated({
		method: 'POST',
		url: `${endpoints.queueUrl}/${FAL.models[model].endpoint}`,
		query: order.webhookUrl === undefined ? undefined : { fal_webhook: order.webhookUrl },
		headers: submitHeaders(order),
		body: toFalInput(ready),
		timeoutMs: SUBMIT_TIMEOUT_MS,
	});
	const body = jsonOf(result);
	const requestId = asRequestId(body?.request_id);
	if (!body || !requestId) return unsuccessful(result, clock.now(), false);
	const urls = Object.fromEntries(
		['status_url', 'response_url', 'cancel_url'].flatMap((key) => {
			const url = asString(body[key]);
			return url === undefined ? [] : [[key, url]];
		}),
	);
	return { result: 'accepted', jobs: [{ provider: 'fal', model, requestId, submittedAt, urls }], raw: body };
}

/**
 * Sends the blocking call and waits for the video.
 * @param timeoutMs how long the answer may take
 */
export async function generateVideo(
	{ http, endpoints, clock }: FalWire,
	prices: FalPrices,
	ready: ReadyOrder,
	timeoutMs: number,
	signal: AbortSignal,
): Promise<Submission> {
	const { order } = ready;
	const { model } = order;
	const submittedAt = clock.now();
	const result = await http.authenticated({
		method: 'POST',
		url: `${endpoints.runUrl}/${FAL.models[model].endpoint}`,
		headers: submitHeaders(order),
		body: toFalInput(ready),
		timeoutMs,
		signal,
	});
	const body = jsonOf(result);
	if (!result.answered || !body) return unsuccessful(result, clock.now(), true);
	const requestId = asRequestId(result.headers['x-fal-request-id']) ?? '';
	const actualUsd = await prices.billedUsd(model, result.headers, signal);
	const outcome = outcomeOf(body, actualUsd, endpoints.queueUrl);
	const jobs: Job[] = [{ provider: 'fal', model, requestId, submittedAt }];
	return { result: 'accepted', jobs, outcomes: [outcome], raw: body };
}

/** The result of a paid request that did not return an accepted job or the model's output. */
function unsuccessful(result: HttpResult<Content>, now: number, mayHaveRun: boolean): Submission {
	if (!result.answered) return unansweredSubmission(result, 'fal');
	const { status, headers, body } = result;
	const error = asObject(body.json);
	const named = [error, asObject(error?.error)].flatMap((part) =>
		[part?.request_id, part?.gateway_request_id].filter((id) => id !== undefined && id !== null),
	);
	const requestId = named.map(asRequestId).find((id) => id !== undefined) ?? headers['x-fal-request-id'];
	const problem = falProblem(status, headers, body, requestId);
	// The job did not start within the timeout that the user set, so fal dropped it.
	const refused = status === 504 && headers['x-fal-request-timeout-type'] === 'user';
	const shown = { refused, ownError: isFalError(error), namesJob: named.length > 0, mayHaveRun };
	const about = { provider: 'fal', now } as const;
	return unsuccessfulSubmission(
		result,
		problem,
		{ ...shown, lacks: 'requestId', numbersRequests: true },
		about,
	);
}

/** The model's input with fal's names. Defaults are sent as well, so that the request is complete. */
function toFalInput({ order: { model, input, options }, addresses }: ReadyOrder): Json {
	return { ...wireInput(FAL.models[model], input, addresses).input, ...options.additionalFields };
}

function submitHeaders({ options }: Order): { [name: string]: string } {
	return {
		...(options.priority === undefined ? {} : { 'X-Fal-Queue-Priority': options.priority }),
		...(options.startTimeoutSeconds === undefined
			? {}
			: { 'X-Fal-Request-Timeout': String(options.startTimeoutSeconds) }),
	};
}
