import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { VideoFacts } from './mp4';
import type { Service } from './requests';
import { now } from './time';

export type JobStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** Why a job failed, in the words of the provider that ran it. */
export interface JobFailure {
	/** HTTP status of the result. Oxen has none: its rows have the status `failed`. */
	status: number;
	message: string;
	body?: unknown;
	headers?: Record<string, string>;
}

/** An accepted job. The real provider would bill it. Times in milliseconds since 1970. */
export interface SandboxJob {
	readonly id: string;
	readonly service: Service;
	/** The endpoint that accepted it: `submit` for the queues, `run` for the blocking calls. */
	readonly endpoint: 'submit' | 'run';
	readonly model: string;
	readonly input: Record<string, unknown>;
	readonly acceptedAt: number;
	readonly runSeconds: number;
	status: JobStatus;
	startedAt?: number;
	completedAt?: number;
	cancelRequestedAt?: number;
	failure?: JobFailure;
	readonly webhookUrl?: string;
	/** Every attempt to deliver the webhook, in order; `status` is missing if there was no answer. */
	readonly deliveries: Array<{ at: number; status?: number }>;
	/** fal's X-Fal-Queue-Priority. */
	readonly priority?: string;
	/** fal's X-Fal-Request-Timeout: the job must start within this many seconds. */
	readonly startTimeoutSeconds?: number;
	/** Oxen's target_namespace. */
	readonly namespace?: string;
	/** Fields of the input that the model does not have and ignores. Nested ones are given as a path. */
	readonly ignored: readonly string[];
	/** The properties of the source video, if the runner could read it. */
	source?: VideoFacts;
}

/**
 * Checks the input when the job starts, as a runner does. A failure ends the job immediately, and the job cannot
 * succeed before the check has finished.
 */
export type Inspection = (job: SandboxJob) => JobFailure | undefined | Promise<JobFailure | undefined>;

export interface JobOrder {
	service: Service;
	endpoint: SandboxJob['endpoint'];
	model: string;
	input: Record<string, unknown>;
	webhookUrl?: string;
	priority?: string;
	startTimeoutSeconds?: number;
	namespace?: string;
	ignored: readonly string[];
}

/** How a provider handles its jobs, apart from what all providers have in common. */
export interface Conduct {
	inspect: Inspection;
	/** The failure of a job that is still queued after its `startTimeoutSeconds`. */
	startTimeoutFailure?: JobFailure;
}

export interface Pace {
	jobSeconds: number | ((index: number, input: Record<string, unknown>) => number);
	queueSeconds: number;
	concurrency: number;
}

/** The timers and state of a job that has not ended: one timer for its next transition, one for its start limit. */
interface LiveJob {
	job: SandboxJob;
	inspect: Inspection;
	/** Resolves when the input of a running job has been checked, if that takes time. */
	inspected?: Promise<void>;
	transition?: NodeJS.Timeout;
	/** Both must be true before the job succeeds: its input has been checked, and it has run long enough. */
	isInspected?: boolean;
	isDue?: boolean;
	startLimit?: NodeJS.Timeout;
}

/**
 * The lifecycle of every job of both providers: queued, running, ended. Nothing polls, because each transition is one
 * timer.
 */
export class JobClock {
	readonly jobs: SandboxJob[] = [];
	private readonly byId = new Map<string, SandboxJob>();
	private readonly live = new Map<SandboxJob, LiveJob>();
	private readonly queued = new Set<SandboxJob>();
	/** Jobs that have been in the queue long enough and wait for other jobs to end. */
	private readonly ready = new Set<LiveJob>();
	private running = 0;
	private readonly changes = new EventEmitter().setMaxListeners(0);

	constructor(private readonly pace: Pace) {}

	accept(order: JobOrder, { inspect, startTimeoutFailure }: Conduct): SandboxJob {
		const { jobSeconds } = this.pace;
		const job: SandboxJob = {
			...order,
			id: randomUUID(),
			acceptedAt: now(),
			runSeconds: typeof jobSeconds === 'number' ? jobSeconds : jobSeconds(this.jobs.length, order.input),
			status: 'queued',
			deliveries: [],
		};
		const live: LiveJob = { job, inspect };
		this.jobs.push(job);
		this.byId.set(job.id, job);
		this.live.set(job, live);
		this.queued.add(job);
		live.transition = setTimeout(() => this.leaveQueue(live), this.pace.queueSeconds * 1000);
		if (order.startTimeoutSeconds !== undefined) {
			live.startLimit = setTimeout(
				() => this.end(job, 'failed', startTimeoutFailure),
				order.startTimeoutSeconds * 1000,
			);
		}
		return job;
	}

	find(service: Service, id: string): SandboxJob | undefined {
		const job = this.byId.get(id);
		return job?.service === service ? job : undefined;
	}

	/** How many queued jobs are before this one. */
	queuePosition(job: SandboxJob): number {
		let position = 0;
		for (const other of this.queued) {
			if (other === job) return position;
			position += 1;
		}
		return 0;
	}

	/** Ends a job. Returns false if it had already ended. */
	cancel(job: SandboxJob, failure?: JobFailure): boolean {
		if (!this.live.has(job)) return false;
		job.cancelRequestedAt = now();
		this.end(job, 'cancelled', failure);
		return true;
	}

	/**
	 * Ends the current phase of a job early: queued becomes running, if the concurrency allows it, and running becomes
	 * succeeded. Resolves once the input of a running job has been checked.
	 */
	async advance(job: SandboxJob): Promise<void> {
		const live = this.live.get(job);
		if (!live) return;
		if (job.status === 'queued') {
			clearTimeout(live.transition);
			this.leaveQueue(live);
			await live.inspected;
		} else {
			await live.inspected;
			this.end(job, 'succeeded');
		}
	}

	/** Calls the listener on each change of this job's status until the returned function is called. */
	onChange(job: SandboxJob, listener: () => void): () => void {
		this.changes.on(job.id, listener);
		return () => this.changes.off(job.id, listener);
	}

	/** Calls the listener each time a job of this service has ended. */
	onEnd(service: Service, listener: (job: SandboxJob) => void): void {
		this.changes.on(`end:${service}`, listener);
	}

	/** Resolves when the job has ended, immediately if it already has. Never resolves after `clear()`. */
	ended(job: SandboxJob): Promise<void> {
		if (!this.live.has(job)) return Promise.resolve();
		return new Promise((resolve) => {
			const stop = this.onChange(job, () => {
				if (this.live.has(job)) return;
				stop();
				resolve();
			});
		});
	}

	/** Deletes every job and stops every timer. */
	clear(): void {
		for (const live of this.live.values()) this.stopTimers(live);
		for (const job of this.jobs) this.changes.removeAllListeners(job.id);
		this.jobs.length = 0;
		this.byId.clear();
		this.live.clear();
		this.queued.clear();
		this.ready.clear();
		this.running = 0;
	}

	private leaveQueue(live: LiveJob): void {
		if (this.running < this.pace.concurrency) this.start(live);
		else this.ready.add(live);
	}

	private start(live: LiveJob): void {
		const { job, inspect } = live;
		this.stopTimers(live);
		this.ready.delete(live);
		this.queued.delete(job);
		this.running += 1;
		job.status = 'running';
		job.startedAt = now();
		live.transition = setTimeout(() => {
			live.isDue = true;
			this.succeedIfDone(live);
		}, job.runSeconds * 1000);
		this.changes.emit(job.id);

		const verdict = inspect(job);
		if (verdict instanceof Promise) live.inspected = verdict.then((failure) => this.hear(live, failure));
		else this.hear(live, verdict);
	}

	private hear(live: LiveJob, failure: JobFailure | undefined): void {
		live.isInspected = true;
		if (failure) this.end(live.job, 'failed', failure);
		else this.succeedIfDone(live);
	}

	private succeedIfDone({ job, isDue, isInspected }: LiveJob): void {
		if (isDue && isInspected) this.end(job, 'succeeded');
	}

	private end(job: SandboxJob, status: JobStatus, failure?: JobFailure): void {
		const live = this.live.get(job);
		if (!live) return;
		this.stopTimers(live);
		this.live.delete(job);
		this.queued.delete(job);
		this.ready.delete(live);
		if (job.status === 'running') this.running -= 1;
		job.status = status;
		job.completedAt = now();
		job.failure = failure;
		this.changes.emit(job.id);
		this.changes.emit(`end:${job.service}`, job);

		const [next] = this.ready;
		if (next && this.running < this.pace.concurrency) this.start(next);
	}

	private stopTimers(live: LiveJob): void {
		clearTimeout(live.transition);
		clearTimeout(live.startLimit);
	}
}
