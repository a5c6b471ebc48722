import { TABLES } from '../../ray/tables';
import { retryAfterMs } from '../../transport/backoff';
import type { Clock } from '../../transport/clock';
import type { Problem } from '../../transport/failures';
import type { Content, Http, HttpResult } from '../../transport/http';
import type { ImageSource } from '../../transport/image';
import { asVideoUrl } from '../../transport/urls';
import { multipart } from '../../transport/multipart';
import {
	asNumber,
	asObject,
	asRequestId,
	asString,
	jsonOf,
	openFate,
	parsedObject,
	unansweredReading,
	unansweredSubmission,
	unsuccessfulReading,
} from '../answers';
import { namedInput, toldInput } from '../input';
import type {
	Cancelled,
	Feed,
	FeedListener,
	Job,
	Json,
	Listed,
	ModelDescription,
	Order,
	Outcome,
	Progress,
	Provider,
	Reading,
	Submission,
} from '../provider';
import { MAX_PAGE_BYTES, readPages } from '../pages';
import { patiently, PRICE_TRIES, SUBMIT_TIMEOUT_MS } from '../patience';
import { keepStream } from '../streams';
import { INPUT_NAMES } from './names';
import { oxenProblem, sentence } from './problems';

export interface OxenEndpoints {
	baseUrl: string;
}

export const OXEN_ENDPOINTS: OxenEndpoints = { baseUrl: 'https://hub.oxen.ai' };

/** Milliseconds that an upload into a repository may take. */
const UPLOAD_TIMEOUT_MS = 300_000;
/** Bytes of a blocking call's answer: it may carry a whole video as base64. */
const MAX_GENERATE_BYTES = 512 * 1024 * 1024;
/**
 * Entries of one page of the generations, however few are wanted: jobs of all models lie there. Oxen allows 1000
 * (Oxen docs: generations).
 */
const PAGE_ENTRIES = 200;
/** Ends of jobs that nobody has asked for yet: the account's other jobs share the event stream. */
const MAX_EARLY_ENDS = 1_000;

const table = TABLES.oxen;
const WHERE_TO_LOOK = 'Look for it at https://www.oxen.ai/ai/generations.';

/** Oxen.ai's queue, blocking call, event stream, models and repositories, as its documentation describes them. */
export function createOxen(http: Http, { baseUrl }: OxenEndpoints, clock: Clock): Provider {
	const queueUrl = `${baseUrl}/api/ai/queue`;
	/** The model as it was described for a price, asked for once. */
	let modelNow: Promise<Reading<ModelDescription>> | undefined;
	const rowUrl = (job: Job) => `${queueUrl}/${encodeURIComponent(job.requestId)}`;

	async function read(url: string, signal: AbortSignal) {
		return await http.authenticated({ method: 'GET', url, signal });
	}

	async function readList(url: string, signal: AbortSignal, query: { [name: string]: string | number }) {
		return await http.authenticated({ method: 'GET', url, query, maxBytes: MAX_PAGE_BYTES, signal });
	}

	/** A job's row: from the queue, or from the generations where the queue has let go of it. */
	async function readRow(job: Job, signal: AbortSignal): Promise<Reading<Json>> {
		const queued = await read(rowUrl(job), signal);
		if (!queued.answered) return unansweredReading(queued, table.name, job.requestId);
		const row = jsonOf(queued);
		if (row && asString(row.status)) return { ok: true, value: row };
		if (queued.status === 404) {
			const generation = await readGeneration(job, signal);
			if (generation) return { ok: true, value: generation };
		}
		const problem = oxenProblem(queued.status, queued.body, job.requestId);
		if (queued.status < 300) return { ok: false, passing: true, problem };
		return unsuccessfulReading(queued, problem, clock.now());
	}

	/** The record of a job, which holds what it cost. */
	async function readGeneration(job: Job, signal: AbortSignal): Promise<Json | undefined> {
		const result = await read(`${baseUrl}/api/ai/generations/${encodeURIComponent(job.requestId)}`, signal);
		return asObject(jsonOf(result)?.generation);
	}

	/** What a paid request means that was answered with anything but accepted jobs. */
	function unsuccessfulSubmission(result: HttpResult<Content>): Submission {
		if (!result.answered) return unansweredSubmission(result, table.name, WHERE_TO_LOOK);
		const { status, headers, body } = result;
		const problem = oxenProblem(status, body);
		const json = asObject(body.json);
		if (status === 429 || (status === 503 && json)) {
			const after = retryAfterMs(headers['retry-after'], clock.now());
			return { fate: 'refused', again: true, retryAfterMs: after, problem };
		}
		// A 200 without generations but with an error is a refusal, not a success.
		const refusedKindly = status < 300 && json?.error !== undefined && isEmptyList(json.generations ?? []);
		if (refusedKindly || (json && status >= 400 && status < 500 && status !== 408)) {
			return { fate: 'refused', again: false, problem };
		}
		const what = status < 300 ? `HTTP ${status} without a generation ID` : problem.message;
		return {
			fate: 'open',
			problem: { ...problem, ...openFate(table.name, what, WHERE_TO_LOOK, status) },
		};
	}

	async function uploadInto(
		{ repository, branch }: { repository: string; branch: string },
		image: ImageSource,
		signal: AbortSignal,
	): Promise<Reading<string>> {
		// The files go into the folder that the path names. A folder per image keeps equal names apart.
		const folder = `n8n-luma-ray/${image.identity.replace(/[^\w-]/g, '-').slice(-60)}`;
		const path = `${baseUrl}/api/repos/${repository}/file/${encodeURIComponent(branch)}/${folder}`;
		const fileName = image.fileName.replace(/[^\w.-]/g, '_');
		const form = multipart(
			{ message: 'Add an image for Luma Ray', name: 'n8n', email: 'n8n@localhost' },
			{ field: 'files[]', fileName, mimeType: image.mimeType, bytes: await image.read() },
		);
		const put = async () =>
			await http.authenticated({
				method: 'PUT',
				url: path,
				headers: { 'content-type': form.contentType },
				body: form.body,
				timeoutMs: UPLOAD_TIMEOUT_MS,
				signal,
			});
		let result = await put();
		if (result.answered && result.status === 404) {
			const [namespace, name] = repository.split('/');
			await http.authenticated({
				method: 'POST',
				url: `${baseUrl}/api/repos`,
				body: { namespace, name, is_public: true },
				signal,
			});
			result = await put();
		}
		if (!result.answered) return unansweredReading(result, table.name);
		if (jsonOf(result)) return { ok: true, value: `${path}/${encodeURIComponent(fileName)}` };
		const problem = oxenProblem(result.status, result.body);
		const about = {
			...problem,
			message: `The image could not be put into the repository ${repository}: ${problem.message}`,
			description: "Check 'Repository' and 'Branch' in the options, and that your key may write there.",
		};
		return unsuccessfulReading(result, about, clock.now());
	}

	return {
		id: 'oxen',
		table,
		inputNames: INPUT_NAMES,

		async placeImage({ image, options }, signal): Promise<Reading<string>> {
			if (typeof image === 'string') return { ok: true, value: image };
			const { imageRepository } = options;
			const fitsInline = image.bytes <= (table.maxInlineImageBytes ?? 0);
			if (imageRepository && (imageRepository.always || !fitsInline)) {
				return await uploadInto(imageRepository, image, signal);
			}
			const base64 = (await image.read()).toString('base64');
			return { ok: true, value: `data:${image.mimeType};base64,${base64}` };
		},

		async submit(order, imageUrl): Promise<Submission> {
			const submittedAt = clock.now();
			const { generations, targetNamespace } = order.options;
			const result = await http.authenticated({
				method: 'POST',
				url: queueUrl,
				body: {
					...toOxenInput(order, imageUrl),
					...(generations === undefined ? {} : { num_generations: generations }),
					...(targetNamespace === undefined ? {} : { target_namespace: targetNamespace }),
					...order.options.additionalFields,
				},
				timeoutMs: SUBMIT_TIMEOUT_MS,
			});
			const body = jsonOf(result);
			const rows = Array.isArray(body?.generations) ? body.generations : [];
			const jobs = rows.flatMap((row): Job[] => {
				const requestId = asRequestId(asObject(row)?.generation_id);
				return requestId ? [{ provider: 'oxen', requestId, submittedAt }] : [];
			});
			if (!body || jobs.length === 0) return unsuccessfulSubmission(result);
			return { fate: 'accepted', jobs, raw: body };
		},

		async generate(order, imageUrl, timeoutMs, signal): Promise<Submission> {
			const submittedAt = clock.now();
			const { targetNamespace, additionalFields } = order.options;
			const result = await http.authenticated({
				method: 'POST',
				url: `${baseUrl}/api/ai/videos/generate`,
				body: {
					...toOxenInput(order, imageUrl),
					...(targetNamespace === undefined ? {} : { target_namespace: targetNamespace }),
					...additionalFields,
				},
				timeoutMs,
				maxBytes: MAX_GENERATE_BYTES,
				signal,
			});
			const body = jsonOf(result);
			const outcomes =
				body && Array.isArray(body.videos)
					? body.videos.flatMap((video) => inlineOutcome(video, baseUrl))
					: [];
			if (!result.answered || !body || outcomes.length === 0) return unsuccessfulSubmission(result);
			// The answer names no job; where the hub numbers its requests, that number is the only trace.
			const requestId = asRequestId(result.headers['x-request-id']) ?? '';
			const jobs = outcomes.map((): Job => ({ provider: 'oxen', requestId, submittedAt }));
			return { fate: 'accepted', jobs, outcomes, raw: body };
		},

		attach: (requestId) => ({ provider: 'oxen', requestId, submittedAt: 0 }),

		async progress(job, signal): Promise<Reading<Progress>> {
			const row = await readRow(job, signal);
			return row.ok ? { ok: true, value: { phase: phaseOf(row.value) } } : row;
		},

		async outcome(job, signal): Promise<Reading<Outcome>> {
			const row = await readRow(job, signal);
			if (!row.ok) return row;
			if (phaseOf(row.value) !== 'ended') {
				const problem = { message: 'The job has not ended', requestId: job.requestId };
				return { ok: false, passing: true, problem };
			}
			const generation = await readGeneration(job, signal);
			return { ok: true, value: outcomeOf({ ...row.value, ...generation }, baseUrl) };
		},

		async cancel(job, signal): Promise<Reading<Cancelled>> {
			const result = await http.authenticated({ method: 'DELETE', url: rowUrl(job), signal });
			if (!result.answered) return unansweredReading(result, table.name, job.requestId);
			if (!jsonOf(result)) {
				const problem = oxenProblem(result.status, result.body, job.requestId);
				return unsuccessfulReading(result, problem, clock.now());
			}
			// What had ended stays as it is, and the answer does not say so.
			const row = await readRow(job, signal);
			const status = row.ok ? asString(row.value.status) : undefined;
			if (status === 'succeeded' || status === 'failed') {
				return { ok: true, value: { cancelled: false, status: 'ended' } };
			}
			return {
				ok: true,
				value: { cancelled: true, status: status === 'cancelled' ? 'cancelled' : 'running' },
			};
		},

		async list(atMost, signal, since = 0): Promise<Reading<Listed[]>> {
			// The queue knows what goes on, the generations what has been; where both know a job, the latter tell more.
			const queued = await readList(queueUrl, signal, { model: table.model });
			const active = listedIn(jsonOf(queued), baseUrl) ?? [];
			const past = await readPages(atMost, async (cursor) => {
				const page = cursor === undefined ? 1 : Number(cursor);
				const result = await readList(`${baseUrl}/api/ai/generations`, signal, {
					page,
					page_size: PAGE_ENTRIES,
				});
				if (!result.answered) return unansweredReading(result, table.name);
				const body = jsonOf(result);
				const items = listedIn(body, baseUrl);
				if (!items) {
					const problem = oxenProblem(result.status, result.body);
					return unsuccessfulReading(result, problem, clock.now());
				}
				const isLast = page >= (asNumber(body?.total_pages) ?? page) || reachesBehind(since, body);
				return { ok: true, value: { items, ...(isLast ? {} : { next: String(page + 1) }) } };
			});
			if (!past.ok) return past;
			// A job that is added while the pages are read moves others to the next page, where they come again.
			const byId = new Map<string, Listed>();
			for (const one of [...past.value, ...active]) {
				if (!byId.has(one.requestId)) byId.set(one.requestId, one);
			}
			const newestFirst = [...byId.values()].sort(
				(one, other) => (other.submittedAt ?? 0) - (one.submittedAt ?? 0),
			);
			return { ok: true, value: newestFirst.slice(0, atMost) };
		},

		async describe(signal): Promise<Reading<ModelDescription>> {
			const result = await read(`${baseUrl}/api/ai/models/${table.model}`, signal);
			if (!result.answered) return unansweredReading(result, table.name);
			const body = jsonOf(result);
			const model = asObject(body?.data) ?? body;
			const schema = asObject(model?.request_schema) ?? asObject(model?.json_request_schema);
			if (model && schema) return { ok: true, value: { schema, raw: model } };
			return unsuccessfulReading(result, oxenProblem(result.status, result.body), clock.now());
		},

		async livePrice(resolution, duration, signal): Promise<number | undefined> {
			modelNow ??= patiently(async () => await this.describe(signal), { clock, signal, tries: PRICE_TRIES });
			const model = await modelNow;
			const pricing = model.ok ? asObject(model.value.raw.pricing) : undefined;
			const perSecond = asNumber(asObject(pricing?.cost_per_second_by_resolution)?.[resolution]);
			return perSecond === undefined ? undefined : perSecond * Number.parseInt(duration, 10);
		},

		openFeed: (listener) => openAccountEvents(http, clock, `${baseUrl}/api/events`, listener),
	};
}

/** Oxen's one stream for the whole account, told only ends, and cancelled jobs not at all. */
function openAccountEvents(http: Http, clock: Clock, url: string, listener: FeedListener): Feed {
	const followed = new Set<string>();
	const earlyEnds = new Set<string>();
	let settle: () => void;
	const settled = new Promise<void>((resolve) => (settle = resolve));
	const stream = keepStream(
		http,
		clock,
		url,
		{},
		({ event, data }) => {
			if (event !== 'media_generation_completed') return;
			const requestId = asRequestId(parsedObject(data)?.generation_id);
			if (!requestId) return;
			if (followed.has(requestId)) listener(requestId, { phase: 'ended' });
			else if (earlyEnds.size < MAX_EARLY_ENDS) earlyEnds.add(requestId);
		},
		(open) => {
			settle();
			if (!open) followed.forEach((requestId) => listener(requestId, undefined));
		},
	);
	return {
		ready: async () => await settled,
		add(job) {
			followed.add(job.requestId);
			// A short job can end before the answer to its submit has been read.
			if (earlyEnds.delete(job.requestId)) listener(job.requestId, { phase: 'ended' });
		},
		remove: (requestId) => void followed.delete(requestId),
		covers: (requestId) => followed.has(requestId) && stream.isOpen(),
		close: () => stream.close(),
	};
}

function toOxenInput({ input }: Order, imageUrl: string): Json {
	return { model: table.model, ...namedInput(INPUT_NAMES, input, imageUrl) };
}

/** A status that is unknown means: keep waiting. */
function phaseOf(row: Json): Progress['phase'] {
	const status = asString(row.status);
	if (status === 'succeeded' || status === 'failed' || status === 'cancelled') return 'ended';
	return status === 'queued' ? 'queued' : 'running';
}

function outcomeOf(row: Json, home: string): Outcome {
	const [enqueued, started, completed] = [row.enqueued_at, row.started_at, row.completed_at].map(asNumber);
	const common = {
		actualUsd: usdOf(row.cost),
		...(completed === undefined ? {} : { completedAt: completed * 1000 }),
		...(enqueued === undefined || started === undefined ? {} : { queueSeconds: started - enqueued }),
		...(started === undefined || completed === undefined ? {} : { runSeconds: completed - started }),
		raw: row,
	};
	if (row.status !== 'succeeded') {
		return { status: row.status === 'cancelled' ? 'cancelled' : 'failed', problem: whyBadly(row), ...common };
	}
	const url = asVideoUrl(row.result_url, home);
	if (!url) {
		const problem = {
			message: 'Oxen.ai says that the job succeeded, but names no video that can be fetched',
			description: WHERE_TO_LOOK,
		};
		return { status: 'succeeded', problem, ...common };
	}
	return { status: 'succeeded', video: { url, ...nameIn(url) }, ...common };
}

function whyBadly(row: Json): Problem {
	if (row.status === 'cancelled') {
		return { message: 'The job was cancelled', description: 'Run the item again for a new job.' };
	}
	return sentence(asString(row.error_message) ?? 'the job ended without a video');
}

/** One video of the blocking call's answer: an address, or the video itself. */
function inlineOutcome(value: unknown, home: string): Outcome[] {
	const video = asObject(value);
	const base64 = asString(video?.b64_json);
	const url = asVideoUrl(video?.url, home);
	if (base64) {
		const inline = { base64, contentType: 'video/mp4', fileName: 'video.mp4' };
		// The raw answer would double the video in memory and swell the item.
		return [{ status: 'succeeded', inline, actualUsd: null, raw: { b64_json: '(attached as binary data)' } }];
	}
	if (!video || !url) return [];
	return [{ status: 'succeeded', video: { url, ...nameIn(url) }, actualUsd: null, raw: video }];
}

function nameIn(url: string): { contentType: string; fileName?: string } {
	const name = URL.canParse(url) ? new URL(url).pathname.split('/').pop() : undefined;
	return { contentType: 'video/mp4', ...(name ? { fileName: name } : {}) };
}

/** The model's jobs in a list of the queue or of the generations; undefined where it is no list. */
function listedIn(body: Json | undefined, home: string): Listed[] | undefined {
	if (!body || !Array.isArray(body.generations)) return undefined;
	return body.generations.flatMap((entry) => {
		const row = asObject(entry);
		// The generations hold the account's jobs of every model.
		if (row?.model_name !== undefined && row.model_name !== table.model) return [];
		return listedOf(row, home) ?? [];
	});
}

/** Whether a page of the generations, newest first, goes back beyond this Unix time in milliseconds. */
function reachesBehind(since: number, body: Json | undefined): boolean {
	const rows = Array.isArray(body?.generations) ? body.generations : [];
	return rows.some((row) => (asNumber(asObject(row)?.enqueued_at) ?? Infinity) * 1000 < since);
}

function listedOf(row: Json | undefined, home: string): Listed | undefined {
	const requestId = asRequestId(row?.generation_id);
	if (!row || !requestId) return undefined;
	const status = asString(row.status);
	const videoUrl = asVideoUrl(row.result_url, home);
	const errorMessage = asString(row.error_message);
	const [submitted, completed] = [asNumber(row.enqueued_at), asNumber(row.completed_at)];
	return {
		requestId,
		status:
			status === 'queued' || status === 'succeeded' || status === 'failed' || status === 'cancelled'
				? status
				: 'running',
		...toldInput(INPUT_NAMES, row),
		...(videoUrl === undefined ? {} : { videoUrl }),
		...(errorMessage === undefined ? {} : { errorMessage }),
		...(submitted === undefined ? {} : { submittedAt: submitted * 1000 }),
		...(completed === undefined ? {} : { completedAt: completed * 1000 }),
		actualUsd: usdOf(row.cost),
		raw: row,
	};
}

/** Oxen gives costs as decimal strings. */
function usdOf(value: unknown): number | null {
	const usd = typeof value === 'string' && value !== '' ? Number(value) : value;
	return typeof usd === 'number' && Number.isFinite(usd) ? usd : null;
}

function isEmptyList(value: unknown): boolean {
	return Array.isArray(value) && value.length === 0;
}
