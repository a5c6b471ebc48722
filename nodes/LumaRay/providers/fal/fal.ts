import { TABLES } from '../../ray/tables';
import { retryAfterMs } from '../../transport/backoff';
import type { Clock } from '../../transport/clock';
import type { Content, Http, HttpResult } from '../../transport/http';
import { asVideoUrl, originOf } from '../../transport/urls';
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
	LogLine,
	ModelDescription,
	Order,
	Outcome,
	Progress,
	Provider,
	Reading,
	RemoteVideo,
	Submission,
} from '../provider';
import { MAX_PAGE_BYTES, readPages } from '../pages';
import { patiently, PRICE_TRIES, SUBMIT_TIMEOUT_MS } from '../patience';
import { keepStream, type KeptStream } from '../streams';
import { INPUT_NAMES } from './names';
import { falJobProblem, falProblem } from './problems';

/** What fal asks for one billable unit, as far as it tells. */
interface UnitPrice {
	usd?: number;
	unit?: string;
}

/** fal's hosts, without a closing slash. */
export interface FalEndpoints {
	queueUrl: string;
	runUrl: string;
	restUrl: string;
	apiUrl: string;
}

export const FAL_ENDPOINTS: FalEndpoints = {
	queueUrl: 'https://queue.fal.run',
	runUrl: 'https://fal.run',
	restUrl: 'https://rest.fal.ai',
	apiUrl: 'https://api.fal.ai',
};

/** Milliseconds without progress after which an upload is given up. */
const UPLOAD_TIMEOUT_MS = 120_000;
/** Entries of one page of past requests: fewer than fal allows (100), since each carries the job's input. */
const PAGE_ENTRIES = 50;
/**
 * Days that a list goes back where nobody says how far. fal keeps what went in and came out for 30 days (fal docs: data
 * retention), and without a start its list covers the last 24 hours only (fal docs: platform API, requests by endpoint).
 */
const LISTED_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Status streams open at once; the jobs beyond are polled. Connections are scarce, and a poll costs little. */
const MAX_STREAMS = 8;

/**
 * What fal may call a unit that is one clip of the cheapest kind. It bills other models by the second or by what they
 * compute (fal docs: pricing), and of such a unit nobody knows how many a clip takes.
 */
const CLIP_UNITS = ['unit', 'units', 'video', 'videos'];

const table = TABLES.fal;
/** Jobs live under owner and alias, not under the whole id of the endpoint (fal docs: queue). */
const APPLICATION = table.model.split('/').slice(0, 2).join('/');

const WHERE_TO_LOOK = 'Look for it at https://fal.ai/dashboard/requests.';

/**
 * fal.ai's queue, blocking call, storage and platform API, as its documentation describes them.
 * @param wantLogs asks for the runner's log lines with every status
 */
export function createFal(http: Http, endpoints: FalEndpoints, clock: Clock, wantLogs: boolean): Provider {
	const logsQuery: { [name: string]: string } = wantLogs ? { logs: '1' } : {};
	let unitPrice: Promise<Reading<UnitPrice>> | undefined;

	/** fal says to use the addresses that it returns; one on another host is not believed. */
	function urlOf(job: Job, key: 'status_url' | 'response_url' | 'cancel_url', path: string): string {
		const named = job.urls?.[key];
		if (named !== undefined && originOf(named) === originOf(endpoints.queueUrl)) return named;
		const id = encodeURIComponent(job.requestId);
		return `${endpoints.queueUrl}/${APPLICATION}/requests/${id}${path}`;
	}
	const statusUrl = (job: Job) => urlOf(job, 'status_url', '/status');
	const resultUrl = (job: Job) => urlOf(job, 'response_url', '');
	const cancelUrl = (job: Job) => urlOf(job, 'cancel_url', '/cancel');

	async function readUnitPrice(signal: AbortSignal): Promise<Reading<UnitPrice>> {
		const result = await http.authenticated({
			method: 'GET',
			url: `${endpoints.apiUrl}/v1/models/pricing`,
			query: { endpoint_id: table.model },
			signal,
		});
		if (!result.answered) return unansweredReading(result, table.name);
		const body = jsonOf(result);
		if (Array.isArray(body?.prices)) return { ok: true, value: unitPriceIn(body.prices) };
		const { status, headers } = result;
		return unsuccessfulReading(result, falProblem(status, headers, result.body), clock.now());
	}

	/** What fal asks for one billable unit, asked for once. */
	async function priceOfUnit(signal: AbortSignal, tries: number): Promise<UnitPrice> {
		unitPrice ??= patiently(async () => await readUnitPrice(signal), { clock, signal, tries });
		const price = await unitPrice;
		return price.ok ? price.value : {};
	}

	async function billedUsd(headers: { [name: string]: string }, signal: AbortSignal): Promise<number | null> {
		const units = Number(headers['x-fal-billable-units'] ?? Number.NaN);
		if (!Number.isFinite(units)) return null;
		// The video is there: nobody waits long for what it has cost.
		const { usd } = await priceOfUnit(signal, 1);
		return usd === undefined ? null : units * usd;
	}

	/** A 200 of the model itself: its output. */
	async function succeeded(
		body: Json,
		headers: { [name: string]: string },
		signal: AbortSignal,
	): Promise<Outcome> {
		const video = videoOf(body, endpoints.queueUrl);
		const actualUsd = await billedUsd(headers, signal);
		if (!video) {
			const problem = {
				message: 'fal.ai says that the job succeeded, but its answer names no video that can be fetched',
				description: 'Look at the job at https://fal.ai/dashboard/requests.',
			};
			return { status: 'succeeded', problem, actualUsd, raw: body };
		}
		return { status: 'succeeded', video, actualUsd, raw: body };
	}

	/** What a paid request means that was answered with anything but the model's output. */
	function unsuccessfulSubmission(result: HttpResult<Content>): Submission {
		if (!result.answered) return unansweredSubmission(result, table.name, WHERE_TO_LOOK);
		const { status, headers, body } = result;
		const problem = falProblem(status, headers, body, headers['x-fal-request-id']);
		const isJson = asObject(body.json) !== undefined;
		if (status === 429 || (status === 503 && isJson && asObject(body.json)?.request_id === undefined)) {
			const after = retryAfterMs(headers['retry-after'], clock.now());
			return { fate: 'refused', again: true, retryAfterMs: after, problem };
		}
		// The start timeout that the person set has passed: fal gave the job up before it began.
		const neverStarted = status === 504 && headers['x-fal-request-timeout-type'] === 'user';
		if (neverStarted || (isJson && status >= 400 && status < 500 && status !== 408)) {
			return { fate: 'refused', again: false, problem };
		}
		const what = status < 300 ? `HTTP ${status} without a request ID` : problem.message;
		return {
			fate: 'open',
			problem: { ...problem, ...openFate(table.name, what, WHERE_TO_LOOK, status) },
		};
	}

	return {
		id: 'fal',
		table,
		inputNames: INPUT_NAMES,

		async placeImage({ image }, signal): Promise<Reading<string>> {
			if (typeof image === 'string') return { ok: true, value: image };
			const initiated = await http.authenticated({
				method: 'POST',
				url: `${endpoints.restUrl}/storage/upload/initiate`,
				query: { storage_type: 'fal-cdn-v3' },
				body: { content_type: image.mimeType, file_name: image.fileName },
				signal,
			});
			if (!initiated.answered) return unansweredReading(initiated, `${table.name}'s storage`);
			const places = jsonOf(initiated);
			const uploadUrl = asString(places?.upload_url);
			const fileUrl = asString(places?.file_url);
			if (!uploadUrl || !fileUrl || !originOf(uploadUrl) || !originOf(fileUrl)) {
				const problem = falProblem(initiated.status, initiated.headers, initiated.body);
				return unsuccessfulReading(initiated, problem, clock.now());
			}
			const uploaded = await http.plain({
				method: 'PUT',
				url: uploadUrl,
				headers: { 'content-type': image.mimeType, 'content-length': String(image.bytes) },
				body: await image.open(),
				timeoutMs: UPLOAD_TIMEOUT_MS,
				signal,
			});
			if (!uploaded.answered) return unansweredReading(uploaded, `${table.name}'s storage`);
			if (uploaded.status >= 200 && uploaded.status < 300) return { ok: true, value: fileUrl };
			const problem = falProblem(uploaded.status, uploaded.headers, uploaded.body);
			return unsuccessfulReading(uploaded, problem, clock.now());
		},

		async submit(order, imageUrl): Promise<Submission> {
			const submittedAt = clock.now();
			const result = await http.authenticated({
				method: 'POST',
				url: `${endpoints.queueUrl}/${table.model}`,
				query: order.webhookUrl === undefined ? undefined : { fal_webhook: order.webhookUrl },
				headers: submitHeaders(order),
				body: toFalInput(order, imageUrl),
				timeoutMs: SUBMIT_TIMEOUT_MS,
			});
			const body = jsonOf(result);
			const requestId = asRequestId(body?.request_id);
			if (!body || !requestId) {
				const submission = unsuccessfulSubmission(result);
				return submission.fate === 'open' ? { ...submission, imageUrl } : submission;
			}
			const urls = Object.fromEntries(
				['status_url', 'response_url', 'cancel_url'].flatMap((key) => {
					const url = asString(body[key]);
					return url === undefined ? [] : [[key, url]];
				}),
			);
			return { fate: 'accepted', jobs: [{ provider: 'fal', requestId, submittedAt, urls }], raw: body };
		},

		async generate(order, imageUrl, timeoutMs, signal): Promise<Submission> {
			const submittedAt = clock.now();
			const result = await http.authenticated({
				method: 'POST',
				url: `${endpoints.runUrl}/${table.model}`,
				headers: submitHeaders(order),
				body: toFalInput(order, imageUrl),
				timeoutMs,
				signal,
			});
			const body = jsonOf(result);
			if (!result.answered || !body) return unsuccessfulSubmission(result);
			const requestId = asRequestId(result.headers['x-fal-request-id']) ?? '';
			const outcome = await succeeded(body, result.headers, signal);
			const jobs: Job[] = [{ provider: 'fal', requestId, submittedAt }];
			return { fate: 'accepted', jobs, outcomes: [outcome], raw: body };
		},

		attach: (requestId) => ({ provider: 'fal', requestId, submittedAt: 0 }),

		async progress(job, signal): Promise<Reading<Progress>> {
			const result = await http.authenticated({
				method: 'GET',
				url: statusUrl(job),
				query: logsQuery,
				signal,
			});
			if (!result.answered) return unansweredReading(result, table.name, job.requestId);
			const progress = progressOf(jsonOf(result));
			if (progress) return { ok: true, value: progress };
			const problem = falJobProblem(result.status, result.headers, result.body, job.requestId);
			if (result.status < 300) return { ok: false, passing: true, problem };
			return unsuccessfulReading(result, problem, clock.now());
		},

		async outcome(job, signal): Promise<Reading<Outcome>> {
			const result = await http.authenticated({ method: 'GET', url: resultUrl(job), signal });
			if (!result.answered) return unansweredReading(result, table.name, job.requestId);
			const { status, headers, body } = result;
			const output = jsonOf(result);
			if (output) return { ok: true, value: await succeeded(output, headers, signal) };
			const problem = falJobProblem(status, headers, body, job.requestId);
			const error = asObject(body.json);
			if (status < 300) return { ok: false, passing: true, problem };
			if (status === 400 && /in progress/i.test(asString(error?.detail) ?? '')) {
				return { ok: false, passing: true, problem };
			}
			if (error && isOwnError(status, error, headers)) {
				const cancelled = status === 499 || error.error_type === 'client_cancelled';
				return {
					ok: true,
					value: {
						status: cancelled ? 'cancelled' : 'failed',
						problem,
						actualUsd: await billedUsd(headers, signal),
						raw: error,
					},
				};
			}
			return unsuccessfulReading(result, problem, clock.now());
		},

		async cancel(job, signal): Promise<Reading<Cancelled>> {
			const result = await http.authenticated({ method: 'PUT', url: cancelUrl(job), signal });
			if (!result.answered) return unansweredReading(result, table.name, job.requestId);
			const { status, headers, body } = result;
			if (status >= 200 && status < 300) {
				// 200 and OK: it had not begun. Otherwise a job in progress may still finish.
				const isOk = status === 200 && (asObject(body.json)?.status ?? body.text) === 'OK';
				return { ok: true, value: { cancelled: true, status: isOk ? 'cancelled' : 'running' } };
			}
			if (status === 400 && asObject(body.json)?.status === 'ALREADY_COMPLETED') {
				return { ok: true, value: { cancelled: false, status: 'ended' } };
			}
			const problem = falJobProblem(status, headers, body, job.requestId);
			return unsuccessfulReading(result, problem, clock.now());
		},

		async list(atMost, signal, since = clock.now() - LISTED_DAYS * DAY_MS): Promise<Reading<Listed[]>> {
			const start = new Date(since).toISOString();
			return await readPages(atMost, async (cursor) => {
				const result = await http.authenticated({
					method: 'GET',
					url: `${endpoints.apiUrl}/v1/models/requests/by-endpoint`,
					query: {
						endpoint_id: table.model,
						start,
						limit: Math.min(atMost, PAGE_ENTRIES),
						expand: 'payloads',
						...(cursor === undefined ? {} : { cursor }),
					},
					maxBytes: MAX_PAGE_BYTES,
					signal,
				});
				if (!result.answered) return unansweredReading(result, table.name);
				const body = jsonOf(result);
				if (!body || !Array.isArray(body.items)) {
					const { status, headers } = result;
					return unsuccessfulReading(result, falProblem(status, headers, result.body), clock.now());
				}
				const items = body.items.flatMap((item) => listedOf(asObject(item), endpoints.queueUrl) ?? []);
				return { ok: true, value: { items, next: asString(body.next_cursor) } };
			});
		},

		async describe(signal): Promise<Reading<ModelDescription>> {
			const result = await http.authenticated({
				method: 'GET',
				url: `${endpoints.apiUrl}/v1/models`,
				query: { endpoint_id: table.model, expand: 'openapi-3.0' },
				signal,
			});
			if (!result.answered) return unansweredReading(result, table.name);
			const models = jsonOf(result)?.models;
			const model = Array.isArray(models) ? asObject(models[0]) : undefined;
			const schema = inputSchemaOf(asObject(model?.openapi));
			if (model && schema) return { ok: true, value: { schema, raw: model } };
			const { status, headers, body } = result;
			return unsuccessfulReading(result, falProblem(status, headers, body), clock.now());
		},

		async livePrice(resolution, duration, signal): Promise<number | undefined> {
			const { usd, unit } = await priceOfUnit(signal, PRICE_TRIES);
			if (usd === undefined || !CLIP_UNITS.includes(unit ?? '')) return undefined;
			// One unit is the cheapest clip; the others cost as many units as the price list says (fal's model page).
			const { pricesUsd } = table;
			const units = pricesUsd[resolution][duration] / pricesUsd['540p']['5s'];
			return units * usd;
		},

		openFeed: (listener) => openStatusStreams(http, clock, statusUrl, logsQuery, listener),
	};
}

/** One status stream per job, up to a handful at once. */
function openStatusStreams(
	http: Http,
	clock: Clock,
	statusUrl: (job: Job) => string,
	query: { [name: string]: string },
	listener: FeedListener,
): Feed {
	const streams = new Map<string, KeptStream>();
	/** Jobs beyond the handful: polled until a stream is free. */
	const waiting = new Map<string, Job>();

	function open(job: Job): void {
		const { requestId } = job;
		const stream = keepStream(
			http,
			clock,
			`${statusUrl(job)}/stream`,
			query,
			({ data }) => {
				const progress = progressOf(parsedObject(data));
				if (!progress) return;
				listener(requestId, progress);
				return progress.phase === 'ended' ? 'done' : undefined;
			},
			(isOpen) => {
				if (!isOpen) listener(requestId, undefined);
			},
		);
		streams.set(requestId, stream);
	}

	return {
		add(job) {
			if (streams.size < MAX_STREAMS) open(job);
			else waiting.set(job.requestId, job);
		},
		ready: async () => undefined,
		remove(requestId) {
			waiting.delete(requestId);
			streams.get(requestId)?.close();
			if (!streams.delete(requestId)) return;
			const [next] = waiting.values();
			if (!next) return;
			waiting.delete(next.requestId);
			open(next);
		},
		covers: (requestId) => streams.get(requestId)?.isOpen() ?? false,
		close() {
			waiting.clear();
			streams.forEach((stream) => stream.close());
			streams.clear();
		},
	};
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

/** A status JSON. There is no failed and no cancelled status; one that is unknown means: keep waiting. */
function progressOf(body: Json | undefined): Progress | undefined {
	const status = asString(body?.status);
	if (!body || !status) return undefined;
	const phase = status === 'COMPLETED' ? 'ended' : status === 'IN_QUEUE' ? 'queued' : 'running';
	const queuePosition = asNumber(body.queue_position);
	const runSeconds = asNumber(asObject(body.metrics)?.inference_time);
	const logs = logsOf(body.logs);
	return {
		phase,
		...(queuePosition === undefined ? {} : { queuePosition }),
		...(runSeconds === undefined ? {} : { runSeconds }),
		...(logs === undefined ? {} : { logs }),
	};
}

function logsOf(value: unknown): LogLine[] | undefined {
	if (!Array.isArray(value)) return undefined;
	return value.flatMap((entry) => {
		const line = asObject(entry);
		const message = asString(line?.message);
		if (!line || message === undefined) return [];
		const timestamp = asString(line.timestamp);
		const level = asString(line.level);
		return [{ message, ...(timestamp ? { timestamp } : {}), ...(level ? { level } : {}) }];
	});
}

function videoOf(body: Json, home: string): RemoteVideo | undefined {
	const file = asObject(body.video);
	const url = asVideoUrl(file?.url, home);
	if (!file || !url) return undefined;
	const contentType = asString(file.content_type);
	const fileName = asString(file.file_name);
	const fileSize = asNumber(file.file_size);
	return {
		url,
		...(contentType ? { contentType } : {}),
		...(fileName ? { fileName } : {}),
		...(fileSize === undefined ? {} : { fileSize }),
	};
}

/**
 * Whether an error under the result's address is the job's own end rather than a hitch of the queue: a 4xx that
 * is no matter of key or patience, or a 5xx that carries the model's or the runner's own error type.
 */
function isOwnError(status: number, error: Json, headers: { [name: string]: string }): boolean {
	if (status >= 500) {
		const typed =
			Array.isArray(error.detail) && error.detail.some((entry) => asString(asObject(entry)?.type));
		return typed || asString(error.error_type) !== undefined || headers['x-fal-error-type'] !== undefined;
	}
	return status >= 400 && ![401, 403, 404, 408, 409, 425, 429].includes(status);
}

/** The model's price among those that fal lists; one in another currency is none. */
function unitPriceIn(prices: unknown[]): UnitPrice {
	const price = prices.map(asObject).find((one) => one?.endpoint_id === table.model);
	if (!price || (price.currency !== undefined && price.currency !== 'USD')) return {};
	return { usd: asNumber(price.unit_price), unit: asString(price.unit) };
}

/** One past request (fal docs: platform API, requests by endpoint). */
function listedOf(item: Json | undefined, home: string): Listed | undefined {
	const requestId = asRequestId(item?.request_id);
	if (!item || !requestId) return undefined;
	const code = asNumber(item.status_code);
	const input = asObject(item.json_input);
	const output = asObject(item.json_output);
	const videoUrl = output && videoOf(output, home)?.url;
	const ended = asString(item.ended_at) !== undefined;
	const errorMessage =
		code !== undefined && code >= 400 && output
			? falProblem(code, {}, { json: output, text: '' }).message
			: undefined;
	const [submittedAt, completedAt] = [timeOf(item.sent_at), timeOf(item.ended_at)];
	return {
		requestId,
		status: !ended
			? asString(item.started_at)
				? 'running'
				: 'queued'
			: code === 499
				? 'cancelled'
				: code !== undefined && code < 300
					? 'succeeded'
					: 'failed',
		...toldInput(INPUT_NAMES, input),
		...(videoUrl === undefined ? {} : { videoUrl }),
		...(errorMessage === undefined ? {} : { errorMessage }),
		...(submittedAt === undefined ? {} : { submittedAt }),
		...(completedAt === undefined ? {} : { completedAt }),
		actualUsd: null,
		raw: item,
	};
}

function timeOf(value: unknown): number | undefined {
	const time = Date.parse(asString(value) ?? '');
	return Number.isNaN(time) ? undefined : time;
}

/** The schema of what the endpoint's POST takes, out of its OpenAPI document. */
function inputSchemaOf(openapi: Json | undefined): Json | undefined {
	const schemas = asObject(asObject(openapi?.components)?.schemas);
	const post = asObject(asObject(asObject(openapi?.paths)?.[`/${table.model}`])?.post);
	const content = asObject(asObject(post?.requestBody)?.content);
	const schema = asObject(asObject(content?.['application/json'])?.schema);
	const reference = asString(schema?.$ref);
	return reference ? asObject(schemas?.[reference.split('/').pop()!]) : schema;
}
