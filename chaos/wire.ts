import { parametersByWireName, type Catalogue } from '../nodes/LumaRay/models/catalogue';
import type { ModelName, ProviderId } from '../nodes/LumaRay/models/names';
import { isFileParameter } from '../nodes/LumaRay/models/parameters';
import { pacedReads, pacedSubmits, type PacedReads } from '../nodes/LumaRay/providers/rates';
import type { Problem } from '../nodes/LumaRay/models/problem';
import { CATALOGUES } from '../nodes/LumaRay/providers/catalogues';
import { placeFiles, listedInput, wireInput } from '../nodes/LumaRay/providers/input';
import type {
	CancelResult,
	Feed,
	FeedListener,
	Job,
	Json,
	ListedJob,
	Order,
	Outcome,
	Progress,
	Provider,
	Reading,
	ReadyOrder,
	Submission,
	ListedInput,
} from '../nodes/LumaRay/providers/provider';
import { hasEnded, statusAt, type Account, type PaidJob, type SentRequest } from './account';
import type { Answer, FaultDice, ListLie, RequestKind } from './faults';
import { VirtualFeed } from './feed';
import type { Random } from './random';
import type { Process } from './time';

const SUBMIT_TIMEOUT_MS = 60_000;
const READ_TIMEOUT_MS = 30_000;
type Exchange<T> =
	| { answer: 'good'; value: T }
	| { answer: Exclude<Answer, 'good'>; kind?: string; retryAfterMs?: number; value?: T }
	| { answer: 'aborted' };

/** Receives one line of a story's trace. */
export type Trace = (line: string) => void;

/** A provider in memory, as one process reaches it through an unreliable network. */
export class VirtualProvider implements Provider {
	readonly id: ProviderId;
	readonly catalogue: Catalogue;
	/** Facts that the audit needs and that the records of the jobs do not contain. */
	readonly seen = {
		/** Unix time in milliseconds of the last read of a job. */
		lastReadAt: 0,
		/** IDs of jobs with a permanently refused read. */
		unreadable: new Set<string>(),
		/** How many times each job's video was completely downloaded. */
		downloads: new Map<string, number>(),
		/** IDs of jobs with a failed download. */
		notDownloaded: new Set<string>(),
		/** IDs of jobs whose result arrived without a video. */
		withoutVideo: new Set<string>(),
	};
	/** Whether n8n's binary store fails for as long as this process runs the node. */
	private readonly isStoreDown: boolean;
	private readonly reads: PacedReads;
	readonly inTurn: Provider['inTurn'];

	constructor(
		private readonly account: Account,
		private readonly process: Process,
		private readonly dice: FaultDice,
		private readonly random: Random,
		private readonly trace?: Trace,
	) {
		this.id = account.provider;
		this.catalogue = CATALOGUES[this.id];
		this.isStoreDown = dice.rarely('store.down');
		this.reads = pacedReads(process, 'chaos');
		this.inTurn = pacedSubmits(process, 'chaos');
	}

	/** Sends a request. The provider then handles it even if the sender has crashed. */
	private async exchange<T>(
		request: RequestKind,
		about: string,
		timeoutMs: number,
		serve: () => T,
		signal?: AbortSignal,
	): Promise<Exchange<T>> {
		const { time } = this.process;
		if (signal?.aborted) return { answer: 'aborted' };
		const mishap = this.dice.mishap(request);
		this.trace?.(`${request} ${about}${mishap ? `: ${mishap.kind}` : ''}`);
		const slowMs = (mishap?.slowSeconds ?? 0) * 1000;
		const outboundMs = this.random.between(10, 200) + this.random.between(slowMs * 0.75, slowMs);
		const isTaken =
			mishap === undefined || (mishap.taken === 'either' ? this.random.chance(0.5) : mishap.taken);
		let served: { value: T } | undefined;
		if (isTaken) time.at(time.now + outboundMs, () => (served = { value: serve() }));
		const answer = mishap?.answer ?? 'good';
		const waitMs = answer === 'silence' ? timeoutMs : outboundMs + this.random.between(10, 200);
		await this.process.sleep(Math.min(waitMs, timeoutMs), signal);
		if (signal?.aborted) return { answer: 'aborted' };
		if (answer === 'good' && served) return { answer, value: served.value };
		const retryAfterMs = mishap?.retryAfterSeconds && mishap.retryAfterSeconds * 1000;
		const { kind } = mishap ?? {};
		return { answer: answer === 'good' ? 'silence' : answer, kind, retryAfterMs, value: served?.value };
	}

	async prepare(order: Order, signal: AbortSignal): Promise<Reading<ReadyOrder>> {
		return await placeFiles(order, async (file) => {
			if (this.dice.rarely('store.read')) throw new Error('EIO: i/o error, read');
			// Every upload gets a new address, even a repeated upload of the same file.
			const put = () => `https://storage.example/${this.account.uploads++}/${file.identity}`;
			const placed = await this.exchange('upload', file.identity, READ_TIMEOUT_MS, put, signal);
			return placed.answer === 'good' ? { ok: true, value: placed.value } : unread(placed);
		});
	}

	async submit({ order, addresses }: ReadyOrder): Promise<Submission> {
		const submittedAt = this.process.now();
		const sent: SentRequest = { order, addresses, by: this.process, at: this.process.time.now };
		const answered = await this.send('submit', sent, SUBMIT_TIMEOUT_MS);
		sent.answeredAt = this.process.time.now;
		if (answered.answer !== 'good') return unsubmitted(answered);
		const named = answered.value.filter(({ isNameless }) => !isNameless);
		const jobs = named.map(({ id }): Job => ({ provider: this.id, requestId: id, submittedAt }));
		return { result: 'accepted', jobs, raw: {} };
	}

	async generate(
		{ order, addresses }: ReadyOrder,
		timeoutMs: number,
		signal: AbortSignal,
	): Promise<Submission> {
		const sent: SentRequest = { order, addresses, by: this.process, at: this.process.time.now };
		const submission = await this.block(sent, timeoutMs, signal);
		sent.answeredAt = this.process.time.now;
		return submission;
	}

	private async block(sent: SentRequest, timeoutMs: number, signal: AbortSignal): Promise<Submission> {
		const { time } = this.process;
		const submittedAt = this.process.now();
		const answered = await this.send('generate', sent, timeoutMs, signal);
		if (answered.answer !== 'good') return unsubmitted(answered);
		const [job] = answered.value;
		const left = sent.at + timeoutMs - time.now;
		const untilEnd = job.endsAt - time.now;
		const breaksAt = this.dice.strikes('generate.resetWhileWaiting', 0.05) ? untilEnd / 2 : Infinity;
		await this.process.sleep(Math.min(left, untilEnd, breaksAt), signal);
		if (signal.aborted) return unsubmitted({ answer: 'aborted' });
		const status = statusAt(job, time.now);
		if (!hasEnded(status)) return unsubmitted({ answer: 'silence' });
		const outcome = outcomeOf(job, status);
		if (outcome.status !== 'succeeded') {
			// fal answers a failed blocking call with the model's error, in the same format as a refused call.
			return { result: 'refused', again: false, problem: { ...outcome.problem!, requestId: job.id } };
		}
		const accepted: Job = { provider: this.id, requestId: job.id, submittedAt };
		return { result: 'accepted', jobs: [accepted], outcomes: [outcome], raw: {} };
	}

	private async send(
		request: 'submit' | 'generate',
		sent: SentRequest,
		timeoutMs: number,
		signal?: AbortSignal,
	): Promise<Exchange<PaidJob[]>> {
		const { prompt = '' } = sent.order.input;
		if (!signal?.aborted) this.account.sent.push(sent);
		const lie =
			request === 'submit' && (sent.order.options.generations ?? 1) > 1 ? this.dice.lie('submit') : undefined;
		const accept = () => {
			const jobs = this.account.accept(sent, lie === 'fewer' ? 1 : undefined);
			if (lie === 'namesFewer') jobs.slice(1).forEach((job) => (job.isNameless = true));
			this.trace?.(`accepted ${prompt} as ${jobs.map(({ id }) => id).join(', ')}`);
			return jobs;
		};
		return await this.exchange(request, prompt, timeoutMs, accept, signal);
	}

	jobsAsked = ({ options }: Order): number => options.generations ?? 1;

	attach = (requestId: string): Job => ({ provider: this.id, requestId, submittedAt: 0 });

	async progress(job: Job, signal: AbortSignal): Promise<Reading<Progress>> {
		return await this.reads.poll(signal, async () => await this.readProgress(job, signal));
	}

	private async readProgress(job: Job, signal: AbortSignal): Promise<Reading<Progress>> {
		const status = await this.read('progress', job, signal);
		if (!status.ok) return status;
		const phase = hasEnded(status.value) ? 'ended' : status.value === 'queued' ? 'queued' : 'running';
		const lie = phase === 'ended' ? undefined : this.dice.lie('progress');
		if (lie === 'backToQueue') return { ok: true, value: { phase: 'queued' } };
		if (lie === 'unknownStatus') return { ok: true, value: { phase: 'running' } };
		if (lie === 'endedTooEarly') return { ok: true, value: { phase: 'ended' } };
		return { ok: true, value: { phase } };
	}

	async outcome(job: Job, signal: AbortSignal): Promise<Reading<Outcome>> {
		return await this.reads.result(signal, async () => await this.readOutcome(job, signal));
	}

	skipsStatus = (): boolean => this.random.chance(0.5);

	private async readOutcome(job: Job, signal: AbortSignal): Promise<Reading<Outcome>> {
		const status = await this.read('outcome', job, signal);
		if (!status.ok) return status;
		if (!hasEnded(status.value)) {
			return { ok: false, transient: true, problem: { name: 'notEnded' } };
		}
		const paid = this.account.find(job.requestId)!;
		return this.misread(paid, status.value) ?? { ok: true, value: outcomeOf(paid, status.value) };
	}

	/** The wrong answer that replaces the result of a job that has ended, if there is one. */
	private misread(job: PaidJob, status: ReturnType<typeof statusAt>): Reading<Outcome> | undefined {
		const { now } = this.process.time;
		const requestId = job.id;
		const lie = this.dice.lie('outcome');
		const problem = { ...saidProblem(`No result (${lie ?? 'not yet'})`), requestId };
		if (lie === 'recordLags' || lie === 'noUrlYet') job.resultFrom ??= now + this.random.between(0, 60_000);
		if (lie === 'badResult' || now < (job.resultFrom ?? 0)) return { ok: false, transient: true, problem };
		if (lie !== 'noVideo' || status !== 'succeeded') return undefined;
		this.seen.withoutVideo.add(requestId);
		return { ok: true, value: { status, problem, actualUsd: null, raw: {} } };
	}

	private async read(
		request: 'progress' | 'outcome',
		{ requestId }: Job,
		signal: AbortSignal,
	): Promise<Reading<ReturnType<typeof statusAt>>> {
		if (!signal.aborted) this.seen.lastReadAt = this.process.time.now;
		const job = this.account.find(requestId);
		if (!job || this.dice.keyFails()) {
			this.seen.unreadable.add(requestId);
			this.trace?.(`${request} ${requestId}: refused permanently`);
			const problem = saidProblem(job ? 'HTTP 401' : 'HTTP 404', requestId);
			return { ok: false, transient: false, notFound: !job, problem };
		}
		const state = () => statusAt(job, this.process.time.now);
		const read = await this.exchange(request, requestId, READ_TIMEOUT_MS, state, signal);
		return read.answer === 'good' ? { ok: true, value: read.value } : unread(read, requestId);
	}

	async cancel({ requestId }: Job, signal: AbortSignal): Promise<Reading<CancelResult>> {
		const job = this.account.find(requestId);
		if (!job) return unread({ answer: 'notFound' }, requestId);
		job.cancelTriedAt ??= this.process.time.now;
		const takesEffect = this.dice.lie('cancel') !== 'withoutEffect';
		const ask = () => this.account.cancel(job, takesEffect);
		const asked = await this.exchange('cancel', requestId, READ_TIMEOUT_MS, ask, signal);
		if (asked.answer !== 'good') return unread(asked, requestId);
		if (asked.value === 'had ended') return { ok: true, value: { cancelled: false, status: 'ended' } };
		return { ok: true, value: { cancelled: true, status: takesEffect ? 'cancelled' : 'running' } };
	}

	openFeed(listener: FeedListener): Feed {
		return new VirtualFeed(this.account, this.process, listener, this.dice, this.random);
	}

	async list(
		models: readonly ModelName[],
		atMost: number,
		signal: AbortSignal,
	): Promise<Reading<ListedJob[]>> {
		const lie = this.dice.lie('list');
		const rows = () => {
			const { now } = this.process.time;
			const newest = lie === 'lagging' ? now - this.random.between(0, 20_000) : now;
			return this.account.jobs
				.filter(({ acceptedAt }) => acceptedAt <= newest)
				.filter(({ order }) => lie === 'withoutModels' || models.includes(order.model))
				.reverse()
				.slice(0, atMost)
				.map(
					(job): ListedJob => ({
						// Oxen's rows have no model, so the caller gives them the only model that it asked for. The list here
						// does the same.
						model: lie === 'withoutModels' ? models[0] : job.order.model,
						requestId: job.id,
						status: statusAt(job, now),
						...shownInput(job, lie, this.catalogue),
						// Providers report whole seconds.
						...(lie === 'withoutTimes' ? {} : { submittedAt: Math.floor(job.acceptedAt / 1000) * 1000 }),
						actualUsd: null,
						raw: {},
					}),
				);
		};
		const listed = await this.exchange('list', '', READ_TIMEOUT_MS, rows, signal);
		return listed.answer === 'good' ? { ok: true, value: listed.value } : unread(listed);
	}

	/** Downloads a video. The ID of its job stands for its content. */
	async download(outcome: Outcome, signal: AbortSignal): Promise<Reading<string>> {
		const id = outcome.video!.url;
		if (this.isStoreDown || this.dice.rarely('store.write')) {
			this.seen.notDownloaded.add(id);
			throw new Error('ENOSPC: no space left on device, write');
		}
		const fetched = await this.exchange('collect', id, SUBMIT_TIMEOUT_MS, () => id, signal);
		if (fetched.answer !== 'good') {
			this.seen.notDownloaded.add(id);
			return unread(fetched, id);
		}
		this.seen.downloads.set(id, (this.seen.downloads.get(id) ?? 0) + 1);
		return { ok: true, value: id };
	}

	async describe(): Promise<never> {
		throw new Error('A run of jobs does not ask for the model');
	}

	async livePrice(): Promise<never> {
		throw new Error('A run of jobs does not ask for prices');
	}
}

/**
 * What a list shows about a job's input, under the node's names (`parameters`) and under the names on the wire
 * (`input`).
 */
function shownInput(
	{ order, sent }: PaidJob,
	lie: ListLie | undefined,
	{ models }: Catalogue,
): { parameters: ListedInput; input: Json } {
	const entry = models[order.model];
	const { input } = wireInput(entry, order.input, sent.addresses);
	for (const [name, parameter] of parametersByWireName(entry)) {
		const isLeftOut = isFileParameter(parameter) || ['resolution', 'duration'].includes(parameter);
		if ((lie === 'fewParameters' && isLeftOut) || lie === 'withoutPrompts') delete input[name];
	}
	return { parameters: listedInput(entry, input), input };
}

function outcomeOf(job: PaidJob, status: ReturnType<typeof statusAt>): Outcome {
	if (status === 'succeeded') return { status, video: { url: job.id }, actualUsd: null, raw: {} };
	const ending = status === 'cancelled' ? 'cancelled' : 'failed';
	return { status: ending, problem: saidProblem(`The job was ${ending}`), actualUsd: null, raw: {} };
}

function unsubmitted(sent: Exclude<Exchange<PaidJob[]>, { answer: 'good' }>): Submission {
	const problem = saidProblem(sent.answer);
	switch (sent.answer) {
		case 'later':
			return { result: 'refused', again: true, retryAfterMs: sent.retryAfterMs, problem };
		case 'no':
		case 'notFound':
		case 'unsent':
			return { result: 'refused', again: false, problem };
		default: {
			const [named] = sent.answer === 'named' && 'value' in sent ? (sent.value ?? []) : [];
			const because = saidProblem(('kind' in sent ? sent.kind : undefined) ?? sent.answer);
			return {
				result: 'open',
				problem: {
					name: 'unknownOutcome',
					data: { provider: 'fal', because },
					...(named ? { requestId: named.id } : {}),
				},
			};
		}
	}
}

function unread<T>(sent: Exclude<Exchange<unknown>, { answer: 'good' }>, requestId?: string): Reading<T> {
	const final = ['no', 'notFound', 'aborted'].includes(sent.answer);
	return {
		ok: false,
		transient: !final,
		notFound: sent.answer === 'notFound',
		...('retryAfterMs' in sent ? { retryAfterMs: sent.retryAfterMs } : {}),
		problem: saidProblem(sent.answer, requestId),
	};
}

function saidProblem(said: string, requestId?: string): Problem {
	return { name: 'said', data: { provider: 'fal' }, said, ...(requestId ? { requestId } : {}) };
}
