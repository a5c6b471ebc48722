import type { Catalogue } from '../models/catalogue';
import type { Addresses } from '../models/files';
import type { ModelName, ProviderId } from '../models/names';
import type { Input } from '../models/parameters';
import type { Estimate, LivePrice } from '../models/prices';
import type { Problem } from '../models/problem';

/** A provider's web pages for users: jobs, API keys, billing and, if it has one, the status page. */
export interface ProviderLinks {
	jobs: string;
	keys: string;
	billing: string;
	status?: string;
}

/** Any JSON object, as a provider sent it. */
export type Json = { [key: string]: unknown };

/** A job that a provider accepted and will bill. Plain data, since it is saved with the execution. */
export interface Job {
	provider: ProviderId;
	/** Absent if only the request ID is known. */
	model?: ModelName;
	requestId: string;
	/** Unix time in milliseconds. Zero if only the request ID is known. */
	submittedAt: number;
	/** Addresses from the provider's answer for this job, by the provider's own keys. */
	urls?: { [key: string]: string };
	/** Addresses of the files of the order, without those that were sent inside the request. */
	addresses?: Addresses;
}

/** The result of a submit. `accepted` is billed; `open` may be. */
export type Submission =
	/** One job, or one per generation. `outcomes`: set if the answer already has the videos (blocking call). */
	| { result: 'accepted'; jobs: Job[]; outcomes?: Outcome[]; raw: Json }
	/** Not accepted. `again`: you can send the same request again, after `retryAfterMs` if it is set. */
	| { result: 'refused'; again: boolean; retryAfterMs?: number; problem: Problem }
	/** It is unknown whether the job was accepted: no answer came, or it proves nothing. Never send it again. */
	| { result: 'open'; problem: Problem };

/** The result of a read. `transient`: the same read may succeed later. */
export type Reading<T> =
	| { ok: true; value: T }
	| { ok: false; transient: boolean; notFound?: boolean; retryAfterMs?: number; problem: Problem };

export interface LogLine {
	message: string;
	timestamp?: string;
	level?: string;
}

/** The progress of a job. `ended` does not say whether it succeeded: read the outcome for that. */
export interface Progress {
	phase: 'queued' | 'running' | 'ended';
	queuePosition?: number;
	/** The provider's ID of the model that makes the video, if the provider reports it. */
	model?: string;
	/** Seconds on the machine, if the provider reports them when the job ends. */
	runSeconds?: number;
	logs?: LogLine[];
}

export interface RemoteVideo {
	url: string;
	contentType?: string;
	fileName?: string;
	/** Bytes, as the provider reports them. */
	fileSize?: number;
}

/** How a job ended. */
export interface Outcome {
	status: 'succeeded' | 'failed' | 'cancelled';
	/** Where the video is. Absent if the job failed, or if `inline` holds the video. */
	video?: RemoteVideo;
	/** The EXR export of the video, one picture or a ZIP of them, if the job included one. */
	exrFile?: RemoteVideo;
	/** The video itself as base64, if the answer contained it. This is the only copy. */
	inline?: { base64: string; contentType: string; fileName: string };
	/** Why the job failed, or why it has no video. */
	problem?: Problem;
	/** The provider's ID of the model that made the video, if the provider reports it. */
	model?: string;
	/** USD that the provider billed; null if it does not say. */
	actualUsd: number | null;
	/** Seconds in the queue and on the machine, if the provider reports them. */
	queueSeconds?: number;
	runSeconds?: number;
	/** Unix time in milliseconds, if the provider reports it. */
	completedAt?: number;
	logs?: LogLine[];
	/** The provider's unchanged answer. */
	raw: Json;
}

/**
 * The part of a job's input that a provider's list shows, with files as addresses. A parameter that is absent is not
 * shown.
 */
export type ListedInput = Input<never>;

/**
 * A model's input, keyed by the provider's names. `unknown`: the names of inputs with a file whose address is not
 * known.
 */
export interface WireInput {
	input: Json;
	unknown: string[];
}

/** One job in a provider's list of jobs. */
export interface ListedJob {
	/** Absent if the list does not say. */
	model?: ModelName;
	requestId: string;
	/** The job's input as the list shows it, keyed by the provider's names. */
	input: Json;
	/** The same input, keyed by the names of the form. Its `videoUrl` is the source, not the result. */
	parameters?: ListedInput;
	status: 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';
	/** The result, not the source. */
	videoUrl?: string;
	/** Why it failed, if the list says so. */
	problem?: Problem;
	/** Unix times in milliseconds. */
	submittedAt?: number;
	completedAt?: number;
	actualUsd: number | null;
	raw: Json;
}

/** Which jobs of a list to return. */
export interface ListFilter {
	/** Called for every job, even if the provider filters its list too. Absent: every job is returned. */
	accepts?(one: ListedJob): boolean;
	/** Oxen: only jobs of this namespace. Without it, the jobs that Oxen lists by default. */
	namespace?: string;
	/** Unix time in milliseconds. `accepts` refuses jobs that were submitted later, so you do not have to read them. */
	until?: number;
	/** The maximum number of pages to read from each list of the provider. */
	mostPages?: number;
	/**
	 * The pages that earlier reads got, by the provider's name of the list: this read continues after them. Empty for the
	 * first read. If a read fails, they stay for the next one.
	 */
	lists?: Map<string, PagesRead<ListedJob>>;
}

/** The pages of a list that were read. */
export interface PagesRead<T> {
	items: T[];
	pages: number;
	/** The provider's cursor of the next page; absent before the first page and after the last. */
	next?: string;
	/** Whether the list has more pages than the maximum to read. */
	isCut?: boolean;
}

/** A provider's current description of a model. */
export interface ModelDescription {
	/** The schema of the model's input (JSON Schema, type object). */
	schema: Json;
	/** The current price of a unit, if the description contains a price in a known format. */
	price?: LivePrice;
	/** The provider's whole answer. */
	raw: Json;
}

/** The result of a cancel. */
export interface CancelResult {
	/** Whether the provider accepted the cancel; false if the job had already ended. */
	cancelled: boolean;
	/** `cancelled`: the cancel ended the job. `running`: the job may still finish. `ended`: it had already ended. */
	status: 'cancelled' | 'running' | 'ended';
}

/** One job to submit. */
export interface Order {
	model: ModelName;
	/** May hold files of the workflow. `Provider.prepare` makes them reachable. */
	input: Input;
	options: OrderOptions;
	/** The expected cost of the job. */
	estimate: Estimate;
	/** The address to which the provider reports the end of the job, if it can. */
	webhookUrl?: string;
}

/** An order whose files the provider can reach. */
export interface ReadyOrder {
	order: Order;
	/** The files of the order as addresses or data URIs. */
	addresses: Addresses;
}

/** Options for one job, in addition to the model's input. Each provider reads the ones that it knows. */
export interface OrderOptions {
	/** Sent unchanged, and replaces any other field of the same name. For inputs that a provider adds later. */
	additionalFields?: Json;
	/** fal: the job's priority in the queue. */
	priority?: 'normal' | 'low';
	/** fal: seconds within which the job must have started. */
	startTimeoutSeconds?: number;
	/** Oxen: the namespace that pays for the job and keeps the result. */
	targetNamespace?: string;
	/** Oxen: how many videos, 1 to 4. */
	generations?: number;
	/** Oxen: the repository for binary data. Without it, binary data is sent inside the request. */
	imageRepository?: { repository: string; branch: string; always: boolean };
}

/**
 * Called when a job changes. Reports can be missing or wrong, so the listener must check with the provider. If
 * `progress` is undefined, the feed has started or stopped covering the job.
 */
export type FeedListener = (requestId: string, progress: Progress | undefined) => void;

export interface Feed {
	/**
	 * Starts to report on a job, or queues the job until the feed has room for it.
	 * @param kind jobs of the same kind take about the same time
	 */
	add(job: Job, kind: string): void;
	/** Waits until the feed can receive events, or knows that it cannot for a while. */
	ready(): Promise<void>;
	/** Stops reporting on this job and frees its stream. */
	remove(requestId: string): void;
	/** Whether the feed would report the end of this job right now. */
	covers(requestId: string): boolean;
	close(): void;
}

/**
 * One provider's API. No method sends a request again after a transient failure: the caller repeats reads (see
 * patience.ts). Only the parts of a large upload are repeated here. No method throws because of a network or provider
 * failure. When `signal` aborts, a read ends immediately with a problem that is not transient, so that it is not
 * repeated.
 */
export interface Provider {
	readonly id: ProviderId;
	readonly catalogue: Catalogue;
	/** Makes the files of an order reachable for the provider. It is free and can be repeated. */
	prepare(order: Order, signal: AbortSignal): Promise<Reading<ReadyOrder>>;
	/** Sends the paid request, once. No signal aborts it, because the answer must not be lost. */
	submit(ready: ReadyOrder): Promise<Submission>;
	/**
	 * Holds a submit back until the provider is likely to accept it, then runs it. If the signal aborts, runs it
	 * immediately.
	 * @param submit sends the paid request; it must send nothing if the signal has aborted
	 */
	inTurn(signal: AbortSignal, submit: () => Promise<Submission | undefined>): Promise<Submission | undefined>;
	/**
	 * The provider's blocking call: sends the paid request, once, and waits for the video.
	 * @param timeoutMs how long the answer may take
	 */
	generate(ready: ReadyOrder, timeoutMs: number, signal: AbortSignal): Promise<Submission>;
	/** How many jobs a submit of this order requests. A provider may accept fewer. */
	jobsAsked(order: Order): number;
	/** Makes a job from its request ID. Pass the model only if it is certain. */
	attach(requestId: string, model?: ModelName): Job;
	progress(job: Job, signal: AbortSignal): Promise<Reading<Progress>>;
	/** @param turn `result`, the default, goes before the polls of the execution. `poll`: the job may not have ended */
	outcome(job: Job, signal: AbortSignal, turn?: 'poll' | 'result'): Promise<Reading<Outcome>>;
	/**
	 * Whether each read counts, because the provider limits them, and a status has nothing that the user asked for. Then
	 * read the outcome of a job that should have ended without its status. The problem `notEnded` says that it has not.
	 */
	skipsStatus(): boolean;
	/** Cancels the job. Idempotent. */
	cancel(job: Job, signal: AbortSignal): Promise<Reading<CancelResult>>;
	/**
	 * Opens the provider's event streams. Called before the first submit.
	 * @param expectedMs how long a job of this kind takes, in milliseconds, if it is known
	 */
	openFeed(listener: FeedListener, expectedMs: (kind: string) => number | undefined): Feed;
	/**
	 * The account's newest jobs with these models, newest first, and no more than `atMost`.
	 * @param since Unix time in milliseconds; older jobs may be left out. Without it, each provider's list covers a
	 * different time
	 * @param filter which jobs to return
	 */
	list(
		models: readonly ModelName[],
		atMost: number,
		signal: AbortSignal,
		since?: number,
		filter?: ListFilter,
	): Promise<Reading<ListedJob[]>>;
	/** The provider's current description of a model. Free. */
	describe(model: ModelName, signal: AbortSignal): Promise<Reading<ModelDescription>>;
	/**
	 * The current price of a unit of a model on this account; undefined if the answer has no price in a known format.
	 * Free. Absent if the description has the price.
	 */
	livePrice?(model: ModelName, signal: AbortSignal): Promise<Reading<LivePrice | undefined>>;
}
