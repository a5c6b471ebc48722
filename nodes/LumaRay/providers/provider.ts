import type { Catalogue } from '../models/catalogue';
import type { Addresses } from '../models/files';
import type { ModelName, ProviderId } from '../models/names';
import type { Input } from '../models/parameters';
import type { Estimate, LivePrice } from '../models/prices';
import type { Problem } from '../models/problem';

/** A provider's pages for people: its jobs, API keys, billing and, if it has one, its status. */
export interface ProviderLinks {
	jobs: string;
	keys: string;
	billing: string;
	status?: string;
}

/** Any JSON object, as a provider sent it. */
export type Json = { [key: string]: unknown };

/** A job that a provider accepted (and will bill). Plain data: it is saved with the execution. */
export interface Job {
	provider: ProviderId;
	/** Absent for a job known by its request ID alone. */
	model?: ModelName;
	requestId: string;
	/** Unix time in milliseconds. Zero for a job known by its request id alone. */
	submittedAt: number;
	/** Addresses that the provider's answer named for this job, by the provider's own keys. */
	urls?: { [key: string]: string };
	/** Where the provider was given the files of the order; those that went inside the request are not among them. */
	addresses?: Addresses;
}

/** What a submit came to. Only `accepted` is billed for sure; `open` may be. */
export type Submission =
	/** One job, or one per generation. `outcomes` where the answer already holds the videos (blocking call). */
	| { result: 'accepted'; jobs: Job[]; outcomes?: Outcome[]; raw: Json }
	/** Never taken. `again`: the same request may be sent once more, after `retryAfterMs` where it is given. */
	| { result: 'refused'; again: boolean; retryAfterMs?: number; problem: Problem }
	/** Nobody knows: the answer never came or proves nothing. It must not be sent again. */
	| { result: 'open'; problem: Problem };

/** What reading came to. `passing`: the same read may go well later. */
export type Reading<T> =
	| { ok: true; value: T }
	| { ok: false; transient: boolean; notFound?: boolean; retryAfterMs?: number; problem: Problem };

export interface LogLine {
	message: string;
	timestamp?: string;
	level?: string;
}

/** How far a job is. `ended` says nothing about how: the outcome does. */
export interface Progress {
	phase: 'queued' | 'running' | 'ended';
	queuePosition?: number;
	/** The provider's id of the model that makes the video, if the provider reports it. */
	model?: string;
	/** Seconds on the machine, where the provider tells with the end. */
	runSeconds?: number;
	logs?: LogLine[];
}

export interface RemoteVideo {
	url: string;
	contentType?: string;
	fileName?: string;
	/** Bytes, as the provider says. */
	fileSize?: number;
}

/** How a job ended. */
export interface Outcome {
	status: 'succeeded' | 'failed' | 'cancelled';
	/** Where the video lies; absent where `inline` holds it, and where the job ended badly. */
	video?: RemoteVideo;
	/** The EXR export beside the video, one picture or a ZIP of them, if the job was asked for one. */
	exrFile?: RemoteVideo;
	/** The video itself, base64, where the answer carried it: its only copy. */
	inline?: { base64: string; contentType: string; fileName: string };
	/** Why, where the job ended badly. */
	problem?: Problem;
	/** The provider's id of the model that made the video, if the provider reports it. */
	model?: string;
	/** USD that the provider billed; null where it does not tell. */
	actualUsd: number | null;
	/** Seconds in the queue and on the machine, where the provider tells. */
	queueSeconds?: number;
	runSeconds?: number;
	/** Unix time in milliseconds, where the provider tells. */
	completedAt?: number;
	logs?: LogLine[];
	/** The provider's answer as it came. */
	raw: Json;
}

/** What a provider's list tells of a job's input: files by their addresses. What is absent is not told. */
export type ListedInput = Input<never>;

/** A model's input by the names of a wire. `unknown`: inputs with a file whose address is not known. */
export interface WireInput {
	input: Json;
	unknown: string[];
}

/** One job in a provider's list of jobs. */
export interface ListedJob {
	/** Absent if the list does not say. */
	model?: ModelName;
	requestId: string;
	/** The job's input as the list shows it, by the names of the wire. A parameter that is not in it is not shown. */
	input: Json;
	/** The same input by the names of the form: its `videoUrl` is the source, not the result. */
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

/** Which jobs of a list count. They are checked here, whatever the provider filters itself. */
export interface ListFilter {
	/** Absent: every one. */
	accepts?(one: ListedJob): boolean;
	/** Oxen: only jobs of this namespace. Without it, those that the list shows by default. */
	namespace?: string;
	/** Unix time in milliseconds; jobs that were submitted later are not accepted, so they need not be read. */
	until?: number;
}

/** How a provider describes the model right now. */
export interface ModelDescription {
	/** The schema of the model's input (JSON Schema, type object). */
	schema: Json;
	/** What a unit costs now, if the description says so in a way that is known. */
	price?: LivePrice;
	/** The provider's whole answer. */
	raw: Json;
}

/** What a cancel came to. */
export interface CancelResult {
	/** Whether the provider took the cancel; false where the job had ended before. */
	cancelled: boolean;
	/** `cancelled`: it has ended by this; `running`: asked to end, it may still finish; `ended`: it had ended before. */
	status: 'cancelled' | 'running' | 'ended';
}

/** One job to submit. */
export interface Order {
	model: ModelName;
	/** The provider makes the workflow's own files reachable first. */
	input: Input;
	options: OrderOptions;
	/** What the job is expected to cost. */
	estimate: Estimate;
	/** Where the provider is asked to report the end of the job, if it can. */
	webhookUrl?: string;
}

/** An order whose files the provider can reach. */
export interface ReadyOrder {
	order: Order;
	/** Where the provider finds the files of the order: addresses, or data URIs. */
	addresses: Addresses;
}

/** Wishes for one job beyond the model's input. A provider reads those it knows. */
export interface OrderOptions {
	/** Sent as it is, over everything else: for what a provider adds later. */
	additionalFields?: Json;
	/** fal: how soon the queue takes the job. */
	priority?: 'normal' | 'low';
	/** fal: seconds within which the job must have started. */
	startTimeoutSeconds?: number;
	/** Oxen: the namespace that pays and keeps the result. */
	targetNamespace?: string;
	/** Oxen: how many videos, 1 to 4. */
	generations?: number;
	/** Oxen: how binary data reaches it; inside the request unless a repository is to hold it. */
	imageRepository?: { repository: string; branch: string; always: boolean };
}

/**
 * Reports of jobs as they happen, best effort: whoever listens asks the provider for the truth.
 * `progress` undefined means that the feed covers the job from now on, or no longer.
 */
export type FeedListener = (requestId: string, progress: Progress | undefined) => void;

export interface Feed {
	/**
	 * Starts to report on a job, or keeps it in line until the feed has room for it.
	 * @param kind what it has in common with jobs that take about as long
	 */
	add(job: Job, kind: string): void;
	/** Waits until events would arrive, or the feed knows that none will for a while. */
	ready(): Promise<void>;
	/** No more reports on this job; frees what it held. */
	remove(requestId: string): void;
	/** Whether an end of this job would be reported right now. */
	covers(requestId: string): boolean;
	close(): void;
}

/**
 * One provider's wire. A method sends the few requests that its answer takes, and none of them again because it failed
 * in transient: the caller repeats reads (see patience.ts), all but the parts of a large upload. None throws for what a network or a provider
 * does. After `signal` aborts, a read ends at once with a problem that is not transient, since no other try is wanted.
 */
export interface Provider {
	readonly id: ProviderId;
	readonly catalogue: Catalogue;
	/** Makes the files of an order reachable for the provider. Free, and may be repeated. */
	prepare(order: Order, signal: AbortSignal): Promise<Reading<ReadyOrder>>;
	/** Sends the paid request, once. No signal ends it: what is in the air must be answered. */
	submit(ready: ReadyOrder): Promise<Submission>;
	/**
	 * Lets a submit wait until the provider is likely to take it, then runs it; once the signal has aborted, at once.
	 * @param submit sends the paid request, or nothing if the signal has aborted
	 */
	inTurn(signal: AbortSignal, submit: () => Promise<Submission | undefined>): Promise<Submission | undefined>;
	/**
	 * The provider's blocking call: sends the paid request, once, and waits for the video.
	 * @param timeoutMs how long the answer may take
	 */
	generate(ready: ReadyOrder, timeoutMs: number, signal: AbortSignal): Promise<Submission>;
	/** How many jobs a submit of this order asks for. A provider may accept fewer. */
	jobsAsked(order: Order): number;
	/** A job known by its request ID, and by its model if an order of ours must have made it. */
	attach(requestId: string, model?: ModelName): Job;
	progress(job: Job, signal: AbortSignal): Promise<Reading<Progress>>;
	outcome(job: Job, signal: AbortSignal): Promise<Reading<Outcome>>;
	/** Asks for the job's end. Idempotent. */
	cancel(job: Job, signal: AbortSignal): Promise<Reading<CancelResult>>;
	/**
	 * Opens the provider's event streams. Called before the first submit.
	 * @param expectedMs how long a job of a kind takes, in milliseconds, if that is known
	 */
	openFeed(listener: FeedListener, expectedMs: (kind: string) => number | undefined): Feed;
	/**
	 * The newest jobs of the account on these models, newest first, `atMost` at the most.
	 * @param since Unix time in milliseconds; older jobs may be left out. Without it, how far back a list goes differs
	 * from provider to provider
	 * @param filter which of them are wanted
	 */
	list(
		models: readonly ModelName[],
		atMost: number,
		signal: AbortSignal,
		since?: number,
		filter?: ListFilter,
	): Promise<Reading<ListedJob[]>>;
	/** A model as the provider describes it now. Free. */
	describe(model: ModelName, signal: AbortSignal): Promise<Reading<ModelDescription>>;
	/**
	 * What a unit of a model costs on this account now; undefined if the answer does not say so in a way that is known.
	 * Free. Absent if the description has the price.
	 */
	livePrice?(model: ModelName, signal: AbortSignal): Promise<Reading<LivePrice | undefined>>;
}
