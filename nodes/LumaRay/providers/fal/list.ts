import { MODEL_NAMES, type ModelName } from '../../models/names';
import {
	asNumber,
	asObject,
	asRequestId,
	asString,
	jsonOf,
	unansweredReading,
	unsuccessfulReading,
} from '../answers';
import { listedInput } from '../input';
import { MAX_PAGE_BYTES, pagesOf, readPages } from '../pages';
import type { Json, ListedJob, ListFilter, Reading } from '../provider';
import { FAL } from './catalogue';
import { falProblem } from './problems';
import { videoOf } from './results';
import type { FalWire } from './wire';

/** Entries on one page of past requests. Fewer than fal allows (100), since each contains the job's input. */
const PAGE_ENTRIES = 50;
/**
 * How many days a list goes back by default. fal keeps inputs and outputs for 30 days (fal docs: data retention).
 * Without a start, its list covers only the last 24 hours (fal docs: platform API, requests by endpoint).
 */
const LISTED_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;
/**
 * How long after its submit a job may end. fal does not say whether its list is limited by submit time or by end time.
 */
const END_MARGIN_MS = DAY_MS;

/**
 * The account's newest jobs with these models, newest first. fal has a separate list for each model.
 * @param since Unix time in milliseconds; `LISTED_DAYS` ago if absent
 */
export async function listJobs(
	wire: FalWire,
	models: readonly ModelName[],
	atMost: number,
	signal: AbortSignal,
	since = wire.clock.now() - LISTED_DAYS * DAY_MS,
	filter?: ListFilter,
): Promise<Reading<ListedJob[]>> {
	const jobs: ListedJob[] = [];
	let failure: (Reading<never> & { ok: false }) | undefined;
	// One that fails ends the others: after a 429, they would wait as long as fal asks.
	const halting = new AbortController();
	const going = AbortSignal.any([signal, halting.signal]);
	const read = async (model: ModelName) => {
		const list = await listModel(wire, model, atMost, going, since, filter);
		if (list.ok) jobs.push(...list.value);
		else {
			failure ??= list;
			halting.abort();
		}
	};
	// In parallel, since a poll of the trigger has little time.
	await Promise.all(models.map(read));
	if (failure) return failure;
	// fal sorts by the end times of the jobs.
	jobs.sort((one, other) => (other.submittedAt ?? 0) - (one.submittedAt ?? 0));
	return { ok: true, value: jobs.slice(0, atMost) };
}

/** Finds the model that made a job in fal's lists of past requests, one list per model. */
export async function findModel(
	{ http, endpoints }: FalWire,
	requestId: string,
	signal: AbortSignal,
): Promise<ModelName | undefined> {
	const isMadeBy = async (model: ModelName) => {
		const url = `${endpoints.apiUrl}/v1/models/requests/by-endpoint`;
		const query = { endpoint_id: FAL.models[model].endpoint, request_id: requestId };
		const items = jsonOf(await http.authenticated({ method: 'GET', url, query, signal }))?.items;
		return Array.isArray(items) && items.some((item) => asObject(item)?.request_id === requestId);
	};
	const made = await Promise.all(MODEL_NAMES.map(isMadeBy));
	return MODEL_NAMES.find((_, place) => made[place]);
}

async function listModel(
	{ http, endpoints, clock }: FalWire,
	model: ModelName,
	atMost: number,
	signal: AbortSignal,
	since: number,
	filter?: ListFilter,
): Promise<Reading<ListedJob[]>> {
	const start = new Date(since).toISOString();
	const end = filter?.until === undefined ? undefined : filter.until + END_MARGIN_MS;
	const readPage = async (
		cursor: string | undefined,
	): Promise<Reading<{ items: ListedJob[]; next?: string }>> => {
		const result = await http.authenticated({
			method: 'GET',
			url: `${endpoints.apiUrl}/v1/models/requests/by-endpoint`,
			query: {
				endpoint_id: FAL.models[model].endpoint,
				start,
				limit: filter?.accepts ? PAGE_ENTRIES : Math.min(atMost, PAGE_ENTRIES),
				expand: 'payloads',
				...(end === undefined || end > clock.now() ? {} : { end: new Date(end).toISOString() }),
				...(cursor === undefined ? {} : { cursor }),
			},
			maxBytes: MAX_PAGE_BYTES,
			signal,
		});
		if (!result.answered) return unansweredReading(result, 'fal');
		const page = jsonOf(result);
		if (!page || !Array.isArray(page.items)) {
			const { status, headers, body } = result;
			return unsuccessfulReading(result, falProblem(status, headers, body), clock.now());
		}
		const items = page.items.flatMap((item) => listedOf(asObject(item), model, endpoints.queueUrl) ?? []);
		const accepts = filter?.accepts;
		const accepted = accepts ? items.filter((item) => accepts(item)) : items;
		return { ok: true, value: { items: accepted, next: asString(page.next_cursor) } };
	};
	return await readPages(atMost, readPage, pagesOf(filter, model), filter?.mostPages);
}

/** One past request (fal docs: platform API, requests by endpoint). */
function listedOf(item: Json | undefined, model: ModelName, home: string): ListedJob | undefined {
	const requestId = asRequestId(item?.request_id);
	if (!item || !requestId) return undefined;
	const code = asNumber(item.status_code);
	const input = asObject(item.json_input);
	const output = asObject(item.json_output);
	const videoUrl = output && videoOf(output, home)?.url;
	const problem =
		code !== undefined && code >= 400 && output
			? falProblem(code, {}, { json: output, text: '' })
			: undefined;
	const [submittedAt, completedAt] = [timeOf(item.sent_at), timeOf(item.ended_at)];
	return {
		model,
		requestId,
		status: statusOf(item, code, videoUrl !== undefined),
		parameters: listedInput(FAL.models[model], input),
		input: input ?? {},
		...(videoUrl === undefined ? {} : { videoUrl }),
		...(problem && { problem }),
		...(submittedAt === undefined ? {} : { submittedAt }),
		...(completedAt === undefined ? {} : { completedAt }),
		actualUsd: null,
		raw: item,
	};
}

/** fal documents no status and no fields that every end has. A job with a time, a code or a video has ended. */
function statusOf(item: Json, code: number | undefined, hasVideo: boolean): ListedJob['status'] {
	const hasEnded = asString(item.ended_at) !== undefined || code !== undefined || hasVideo;
	if (!hasEnded) return asString(item.started_at) ? 'running' : 'queued';
	if (code === 499) return 'cancelled';
	return code === undefined ? (hasVideo ? 'succeeded' : 'failed') : code < 300 ? 'succeeded' : 'failed';
}

/** Unix time in milliseconds. fal's times are UTC, even without a time zone (JavaScript would assume local time). */
export function timeOf(value: unknown): number | undefined {
	const text = asString(value) ?? '';
	const hasZone = /(?:z|[+-]\d{2}:?\d{2})$/i.test(text);
	const time = Date.parse(hasZone || !/\d:\d/.test(text) ? text : `${text}Z`);
	return Number.isNaN(time) ? undefined : time;
}
