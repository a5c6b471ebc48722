import type { Problem } from '../../nodes/LumaRay/models/problem';
import { parse, stringify } from 'flatted';

import { openMemory, type Memory, type RunIdentity } from '../../nodes/LumaRay/jobs/memory';
import type {
	Job,
	Json,
	ListedJob,
	Order,
	Outcome,
	Provider,
	Reading,
	Submission,
} from '../../nodes/LumaRay/providers/provider';
import { FAL } from '../../nodes/LumaRay/providers/fal/catalogue';
import { wireInput } from '../../nodes/LumaRay/providers/input';
import type { Process } from '../support/virtualTime';

/** A provider whose answers each test sets, and helpers to create orders, jobs and memories. */

export const IMAGE = 'https://images.example.com/tiger.png';

const ESTIMATE: Order['estimate'] = { usd: 0.5, source: 'table' };

export function orderOf(prompt = 'A tiger', options: Order['options'] = {}): Order {
	const input: Order['input'] = {
		imageUrl: IMAGE,
		prompt,
		aspectRatio: '16:9',
		resolution: '540p',
		duration: '5s',
		loop: false,
		referenceImageUrls: [],
	};
	return { model: 'animate', input, options, estimate: ESTIMATE };
}

export function jobOf(requestId: string, submittedAt = 1): Job {
	return { provider: 'fal', requestId, submittedAt };
}

export function memoryOf(context: Json = {}, identity: Partial<RunIdentity> = {}): Memory {
	return openMemory(context, { run: '0', execution: '1', parameters: {}, ...identity });
}

/** A node's context after n8n has saved and loaded it. */
export function saved(context: Json): Json {
	return parse(stringify(context)) as Json;
}

export const VIDEO: Outcome = {
	status: 'succeeded',
	video: { url: 'https://v3.fal.media/tiger.mp4' },
	actualUsd: null,
	raw: {},
};

/** The result of one submit. */
export type Answer =
	| 'accept'
	| 'refuse'
	/** The answer was lost, and the job does not exist. */
	| 'lose'
	/** The answer was lost, but the job runs. The list shows it after this many milliseconds. */
	| { listedAfterMs: number };

export interface FakeJob {
	job: Job;
	order: Order;
	endsAt: number;
	/** When the list starts to show it (Unix time in milliseconds). */
	listedFrom: number;
	end: Outcome;
	isCancelled?: boolean;
}

/** A provider whose jobs take a minute, unless a test sets another time. */
export class FakeProvider {
	/** The prompts of all paid requests, in order. */
	readonly submits: string[] = [];
	readonly answers: { [prompt: string]: Answer[] } = {};
	readonly jobs: FakeJob[] = [];
	/** How many milliseconds the job of a prompt takes. */
	readonly takesMs: { [prompt: string]: number } = {};
	readonly ends: { [prompt: string]: Outcome } = {};
	lists = 0;

	constructor(private readonly clock: Process) {}

	find(requestId: string): FakeJob | undefined {
		return this.jobs.find(({ job }) => job.requestId === requestId);
	}

	private accept(order: Order, listedAfterMs = 0): Job {
		const { prompt = '' } = order.input;
		const now = this.clock.now();
		const job = jobOf(`job ${this.jobs.length + 1}`, now);
		const endsAt = now + (this.takesMs[prompt] ?? 60_000);
		const end = this.ends[prompt] ?? VIDEO;
		this.jobs.push({ job, order, endsAt, listedFrom: now + listedAfterMs, end });
		return job;
	}

	private submit(order: Order): Submission {
		const { prompt = '' } = order.input;
		this.submits.push(prompt);
		const answer = this.answers[prompt]?.shift() ?? 'accept';
		const problem = said(`The answer to "${prompt}" was ${JSON.stringify(answer)}`);
		if (answer === 'refuse') return { result: 'refused', again: false, problem };
		if (answer === 'lose') return { result: 'open', problem };
		if (answer !== 'accept') {
			this.accept(order, answer.listedAfterMs);
			return { result: 'open', problem };
		}
		const jobs = Array.from({ length: order.options.generations ?? 1 }, () => this.accept(order));
		return { result: 'accepted', jobs, raw: {} };
	}

	private reading<T>({ requestId }: Job, read: (known: FakeJob) => T): Reading<T> {
		const known = this.find(requestId);
		if (known) return { ok: true, value: read(known) };
		return { ok: false, transient: false, notFound: true, problem: said('Unknown job') };
	}

	/** Returns all jobs, because a provider may also list jobs that are older than requested. */
	private listed(): ListedJob[] {
		const now = this.clock.now();
		const shown = this.jobs.filter(({ listedFrom }) => listedFrom <= now);
		return shown.map(({ job, order, isCancelled, endsAt, end }) => ({
			model: order.model,
			requestId: job.requestId,
			status: isCancelled ? 'cancelled' : endsAt <= now ? end.status : 'running',
			submittedAt: job.submittedAt,
			input: wireInput(FAL.models.animate, order.input).input,
			actualUsd: null,
			raw: {},
		}));
	}

	readonly provider: Provider = {
		id: 'fal',
		catalogue: FAL,
		prepare: async (order) => ({ ok: true, value: { order, addresses: {} } }),
		submit: async ({ order }) => this.submit(order),
		inTurn: async (_signal, submit) => await submit(),
		generate: async ({ order }) => this.submit(order),
		jobsAsked: ({ options }) => options.generations ?? 1,
		attach: (requestId) => jobOf(requestId, 0),
		progress: async (job) =>
			this.reading(job, ({ endsAt, isCancelled }) => ({
				phase: isCancelled || endsAt <= this.clock.now() ? 'ended' : 'running',
			})),
		outcome: async (job) =>
			this.reading(job, ({ end, isCancelled }) =>
				isCancelled ? { status: 'cancelled', actualUsd: null, raw: {} } : end,
			),
		skipsStatus: () => false,
		cancel: async (job) =>
			this.reading(job, (known) => {
				known.isCancelled = true;
				return { cancelled: true, status: 'cancelled' };
			}),
		openFeed: () => ({
			add: () => undefined,
			ready: async () => undefined,
			remove: () => undefined,
			covers: () => false,
			close: () => undefined,
		}),
		list: async () => {
			this.lists++;
			return { ok: true, value: this.listed() };
		},
		describe: async () => ({ ok: true, value: { schema: {}, raw: {} } }),
	};
}

/** A problem with a message from a provider. */
export function said(words: string): Problem {
	return { name: 'said', data: { provider: 'fal' }, said: words };
}
