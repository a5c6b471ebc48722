import type { Content, HttpResult } from '../../transport/http';
import { asObject, asRequestId, jsonOf, unansweredSubmission, unsuccessfulSubmission } from '../answers';
import { wireInput } from '../input';
import { SUBMIT_TIMEOUT_MS } from '../patience';
import type { Job, Json, Order, ReadyOrder, Submission } from '../provider';
import { OXEN } from './catalogue';
import { isOxenError, jobsNamed, oxenProblem } from './problems';
import { queueUrl } from './queue';
import { inlineOutcome } from './results';
import type { OxenWire } from './wire';

/** The two requests that cost money: the submit to the queue, and the blocking call. */

/** The maximum number of bytes of a blocking call's answer, which may contain a whole video as base64. */
const MAX_GENERATE_BYTES = 512 * 1024 * 1024;
/** The maximum number of generations that one submit can request (Oxen docs: async queue). Oxen refuses more. */
const MAX_GENERATIONS = 4;

/** Submits one job to the queue, or one per generation. No signal aborts it, because the answer must not be lost. */
export async function submitJob(wire: OxenWire, ready: ReadyOrder): Promise<Submission> {
	const { model, options } = ready.order;
	const { http, clock } = wire;
	const submittedAt = clock.now();
	const { generations, targetNamespace, additionalFields } = options;
	const result = await http.authenticated({
		method: 'POST',
		url: queueUrl(wire),
		body: {
			...toOxenInput(ready),
			...(generations === undefined ? {} : { num_generations: generations }),
			...(targetNamespace === undefined ? {} : { target_namespace: targetNamespace }),
			...additionalFields,
		},
		timeoutMs: SUBMIT_TIMEOUT_MS,
	});
	const body = jsonOf(result);
	const rows = Array.isArray(body?.generations) ? body.generations : [];
	const { ids } = jobsNamed({ generations: rows });
	const jobs = ids.map((requestId): Job => ({ provider: 'oxen', model, requestId, submittedAt }));
	if (!body || jobs.length === 0) return unsuccessful(result, clock.now(), false);
	return { result: 'accepted', jobs, raw: body };
}

/**
 * Sends the blocking call and waits for the video.
 * @param timeoutMs how long the answer may take
 */
export async function generateVideo(
	{ http, clock, baseUrl }: OxenWire,
	ready: ReadyOrder,
	timeoutMs: number,
	signal: AbortSignal,
): Promise<Submission> {
	const { model, options } = ready.order;
	const submittedAt = clock.now();
	const { targetNamespace, additionalFields } = options;
	const result = await http.authenticated({
		method: 'POST',
		url: `${baseUrl}/api/ai/videos/generate`,
		body: {
			...toOxenInput(ready),
			...(targetNamespace === undefined ? {} : { target_namespace: targetNamespace }),
			...additionalFields,
		},
		timeoutMs,
		maxBytes: MAX_GENERATE_BYTES,
		signal,
	});
	const body = jsonOf(result);
	const videos = Array.isArray(body?.videos) ? body.videos : [];
	const outcomes = videos.flatMap((video) => inlineOutcome(video, baseUrl));
	if (!result.answered || !body || outcomes.length === 0) {
		return unsuccessful(result, clock.now(), true);
	}
	// The answer does not identify a job. If the hub returns an ID of the HTTP request, it is the only trace.
	const requestId = asRequestId(result.headers['x-request-id']) ?? '';
	const jobs = outcomes.map((): Job => ({ provider: 'oxen', model, requestId, submittedAt }));
	return { result: 'accepted', jobs, outcomes, raw: body };
}

/** The result of a paid request that did not return accepted jobs or videos. */
function unsuccessful(result: HttpResult<Content>, now: number, mayHaveRun: boolean): Submission {
	if (!result.answered) return unansweredSubmission(result, 'oxen');
	const { status, body } = result;
	const json = asObject(body.json);
	const ownError = isOxenError(json);
	const { ids, any: namesJob } = jobsNamed(json);
	// A 200 with an empty list of generations and an error is a refusal, not a success.
	const refused = status < 300 && ownError && Array.isArray(json?.generations) && !namesJob;
	const problem = { ...oxenProblem(status, body), ...(ids.length > 0 ? { requestId: ids[0] } : {}) };
	const shown = { refused, ownError, namesJob, lacks: 'generationId', mayHaveRun } as const;
	return unsuccessfulSubmission(result, problem, shown, { provider: 'oxen', now });
}

/** How many jobs a submit of this order requests. A number in the additional fields replaces the option. */
export function jobsAsked({ options }: Order): number {
	const sent = options.additionalFields?.num_generations;
	return typeof sent === 'number' ? Math.min(sent, MAX_GENERATIONS) : (options.generations ?? 1);
}

function toOxenInput({ order: { model, input }, addresses }: ReadyOrder): Json {
	const entry = OXEN.models[model];
	return { model: entry.endpoint, ...wireInput(entry, input, addresses).input };
}
