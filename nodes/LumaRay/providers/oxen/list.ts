import type { ModelName } from '../../models/names';
import { asVideoUrl } from '../../transport/urls';
import {
	asNumber,
	asObject,
	asRequestId,
	asString,
	jsonOf,
	ownWords,
	unansweredReading,
	unsuccessfulReading,
} from '../answers';
import { parametersOnWire, listedInput } from '../input';
import { MAX_PAGE_BYTES, pagesOf, readPages } from '../pages';
import type { Json, ListedJob, ListFilter, Reading } from '../provider';
import { OXEN } from './catalogue';
import { oxenProblem, saidProblem } from './problems';
import { queueUrl } from './queue';
import { usdOf } from './results';
import type { OxenWire } from './wire';

const ON_WIRE = parametersOnWire(OXEN);

/**
 * Entries on one page of the generations, even if fewer are needed, since the list has the jobs of all models. Oxen
 * allows 1000 (Oxen docs: generations).
 */
const PAGE_ENTRIES = 200;

/**
 * The account's newest jobs with these models, newest first.
 * @param since Unix time in milliseconds; without it, all generations are read
 * @param filter Oxen filters by `namespace` itself (Oxen docs: list generations, list past generations)
 */
export async function listJobs(
	wire: OxenWire,
	models: readonly ModelName[],
	atMost: number,
	signal: AbortSignal,
	since = 0,
	filter: ListFilter = {},
): Promise<Reading<ListedJob[]>> {
	const { clock, baseUrl } = wire;
	const { namespace, accepts } = filter;
	const ofNamespace: { namespace?: string } = namespace === undefined ? {} : { namespace };
	// The queue has the unfinished jobs, the generations have the past ones. If both have a job, the generations say more.
	const [only, ...others] = models;
	const queued = await readList(wire, queueUrl(wire), signal, {
		...(others.length === 0 ? { model: OXEN.models[only].endpoint } : {}),
		...ofNamespace,
	});
	const accepted = (jobs: ListedJob[]) => (accepts ? jobs.filter((job) => accepts(job)) : jobs);
	const active = accepted(listedIn(jsonOf(queued), models, baseUrl) ?? []);
	const readPage = async (
		cursor: string | undefined,
	): Promise<Reading<{ items: ListedJob[]; next?: string }>> => {
		const page = cursor === undefined ? 1 : Number(cursor);
		const query = { page, page_size: PAGE_ENTRIES, ...ofNamespace };
		const result = await readList(wire, `${baseUrl}/api/ai/generations`, signal, query);
		if (!result.answered) return unansweredReading(result, 'oxen');
		const body = jsonOf(result);
		const items = listedIn(body, models, baseUrl);
		if (!items) {
			const problem = oxenProblem(result.status, result.body);
			return unsuccessfulReading(result, problem, clock.now());
		}
		const isLast = page >= (asNumber(body?.total_pages) ?? page) || reachesBehind(since, body);
		return { ok: true, value: { items: accepted(items), ...(isLast ? {} : { next: String(page + 1) }) } };
	};
	const past = await readPages(atMost, readPage, pagesOf(filter, 'generations'), filter.mostPages);
	if (!past.ok) return past;
	// A job that is added while the pages are read moves others to the next page, where they appear again.
	const byId = new Map<string, ListedJob>();
	for (const one of [...past.value, ...active]) {
		if (!byId.has(one.requestId)) byId.set(one.requestId, one);
	}
	const newestFirst = [...byId.values()].sort(
		(one, other) => (other.submittedAt ?? 0) - (one.submittedAt ?? 0),
	);
	return { ok: true, value: newestFirst.slice(0, atMost) };
}

async function readList(
	{ http }: OxenWire,
	url: string,
	signal: AbortSignal,
	query: { [name: string]: string | number | undefined },
) {
	return await http.authenticated({ method: 'GET', url, query, maxBytes: MAX_PAGE_BYTES, signal });
}

/** The jobs of these models in a list of the queue or of the generations; undefined if it is not a list. */
function listedIn(
	body: Json | undefined,
	models: readonly ModelName[],
	home: string,
): ListedJob[] | undefined {
	if (!body || !Array.isArray(body.generations)) return undefined;
	return body.generations.flatMap((one) => {
		const row = asObject(one);
		// The list of generations also has jobs of other models.
		const model = models.find((name) => OXEN.models[name].endpoint === row?.model_name);
		if (row?.model_name !== undefined && !model) return [];
		return listedOf(row, model ?? (models.length === 1 ? models[0] : undefined), home) ?? [];
	});
}

/**
 * Whether the pages after this one hold only jobs from before this Unix time in milliseconds. Oxen does not document
 * their order, so a page that is not newest first counts only if all of it is older.
 */
function reachesBehind(since: number, body: Json | undefined): boolean {
	const rows = Array.isArray(body?.generations) ? body.generations : [];
	const times = rows.map((row) => (asNumber(asObject(row)?.enqueued_at) ?? Infinity) * 1000);
	const isNewestFirst = times.every((time, place) => place === 0 || time <= times[place - 1]);
	return isNewestFirst ? (times.at(-1) ?? Infinity) < since : times.every((time) => time < since);
}

function listedOf(row: Json | undefined, model: ModelName | undefined, home: string): ListedJob | undefined {
	const requestId = asRequestId(row?.generation_id);
	if (!row || !requestId) return undefined;
	const status = asString(row.status);
	const videoUrl = asVideoUrl(row.result_url, home);
	const said = ownWords(row.error_message);
	const [submitted, completed] = [asNumber(row.enqueued_at), asNumber(row.completed_at)];
	return {
		...(model && { model }),
		requestId,
		status:
			status === 'queued' || status === 'succeeded' || status === 'failed' || status === 'cancelled'
				? status
				: 'running',
		parameters: model ? listedInput(OXEN.models[model], row) : { prompt: asString(row.prompt) },
		input: inputIn(row),
		...(videoUrl === undefined ? {} : { videoUrl }),
		...(said === undefined ? {} : { problem: saidProblem(said) }),
		...(submitted === undefined ? {} : { submittedAt: submitted * 1000 }),
		...(completed === undefined ? {} : { completedAt: completed * 1000 }),
		actualUsd: usdOf(row.cost),
		raw: row,
	};
}

/**
 * The part of a job's input that a row shows. Oxen documents only the prompt (Oxen's OpenAPI: QueueGenerationResponse).
 */
function inputIn(row: Json): Json {
	return Object.fromEntries(Object.entries(row).filter(([name]) => Object.hasOwn(ON_WIRE, name)));
}
