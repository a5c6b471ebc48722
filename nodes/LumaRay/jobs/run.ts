import type { Feed, Job, Json, Order, Outcome, Provider, Reading } from '../providers/provider';
import { backoffMs } from '../transport/backoff';
import type { Clock } from '../transport/clock';
import { createBells } from './bells';
import { cancelJob } from './cancel';
import { caught } from './caught';
import { claimsOf, findJobs } from './find';
import { followJob, type FollowSetting } from './follow';
import { lostParts, orderKey, type Failure, type KeyedOrder, type Memory, type Remembered } from './memory';
import { createForecast } from './forecast';
import { createTurns } from './pace';
import { createPool } from './pool';
import { submitOrder } from './submit';
import { createUnended, leaveRemembered } from './unended';
import type { Problem } from '../transport/failures';

/** Videos downloaded at once: enough to fill a line, few enough for the memory of a small machine. */
const DOWNLOADS_AT_ONCE = 4;
/** Milliseconds that the first submit waits for the event stream. */
const FEED_PATIENCE_MS = 3_000;
/** Tries of a download; each begins anew. */
const MAX_DOWNLOADS = 5;

const unstored = (reason: string): Problem => ({
	message: `The video is ready but n8n could not store it: ${reason}`,
	description:
		'Look at the disk or the store that n8n keeps binary data in, then retry this execution: that pays nothing.',
});

/** What is asked for one input item: a new job, or one that is known by its request id. */
export type Task = { index: number } & ({ order: Order } | { job: Job });

export interface RunSetting<Stored> {
	provider: Provider;
	clock: Clock;
	/** Stop, and the execution's timeout. */
	signal: AbortSignal;
	memory: Memory;
	/**
	 * How a job's end is noticed: `auto` by event stream with polls behind it, `poll` by polls alone, `direct`
	 * through the provider's blocking call, `none` not at all (submit only).
	 */
	follow: 'auto' | 'poll' | 'direct' | 'none';
	timeoutMs: number;
	/**
	 * Unix time in milliseconds at which an earlier pass of the same execution began to wait for these jobs: the timeout
	 * counts from there, and a job that was cancelled meanwhile is not submitted anew. Absent on the first pass.
	 */
	waitingSince?: number;
	cancelOnTimeout: boolean;
	cancelOnStop: boolean;
	pollIntervalSeconds?: number;
	/** Nothing is submitted any more, and a job that still goes on is given up. */
	lastLook?: boolean;
	/** Submits in the air at once. */
	concurrency: number;
	/** The first bad item ends the run: nothing more is submitted, and nobody waits for the others. */
	failFast: boolean;
	/** Brings the video home, once. Absent where only its address is wanted. */
	collect?: (outcome: Outcome, signal: AbortSignal) => Promise<Reading<Stored>>;
	/** `about` has no request id where a job may have been accepted that nobody can name. */
	log: (message: string, about: Pick<Job, 'provider'> & Partial<Job>, index: number) => void;
}

/**
 * How one job of the run ended; an item has several where several videos were asked for.
 * `answer` is the provider's answer to the submit, where this run sent it.
 */
export type Result<Stored> = { index: number; job?: Job; outcome?: Outcome; answer?: Json } & (
	| { ok: true; job: Job; stored?: Stored }
	/** `halted`: another item ended the run. */
	| ({ ok: false; halted?: boolean } & Failure)
);

/**
 * Submits all tasks, follows all jobs together and collects each when it ends.
 * @returns the results in the order of the tasks, or undefined where the execution was stopped: what was submitted
 * is then being cancelled (or left, with its id in the log, where that was wished)
 */
export async function runJobs<Stored>(
	tasks: Task[],
	setting: RunSetting<Stored>,
): Promise<Array<Result<Stored>> | undefined> {
	const { signal } = setting;
	if (signal.aborted) {
		leaveRemembered(setting.memory, setting);
		return undefined;
	}
	const work = runAll(tasks, setting);
	// The node ends at once on Stop. A submit in the air cannot be called back, so its job is cancelled in the
	// background as soon as its answer names it.
	const stopped = new Promise<undefined>((resolve) =>
		signal.addEventListener('abort', () => resolve(undefined), { once: true }),
	);
	return await Promise.race([work, stopped]);
}

async function runAll<Stored>(tasks: Task[], setting: RunSetting<Stored>): Promise<Array<Result<Stored>>> {
	const { provider, clock, signal, memory } = setting;
	const deadline = setting.lastLook ? clock.now() : (setting.waitingSince ?? clock.now()) + setting.timeoutMs;
	const halt = new AbortController();
	const going = AbortSignal.any([signal, halt.signal]);
	const bells = createBells(clock);
	const submitting = createPool(setting.concurrency);
	const downloading = createPool(DOWNLOADS_AT_ONCE);
	const unended = createUnended(setting);
	const claims = claimsOf(clock);
	memory.requestIds().forEach((requestId) => claims.taken.add(requestId));
	let feed: Feed | undefined;
	const followSetting: FollowSetting = {
		provider,
		clock,
		bells,
		turn: createTurns(clock),
		forecast: createForecast(),
		signal: going,
		deadline,
		pollIntervalSeconds: setting.pollIntervalSeconds,
	};
	if (setting.follow === 'auto') {
		feed = provider.openFeed((requestId, progress) => bells.ring(requestId, progress ?? 'uncovered'));
		followSetting.feed = feed;
		// An end that comes before the stream stands is never told again, so the first submit waits for it a little.
		await Promise.race([feed.ready(), clock.sleep(FEED_PATIENCE_MS, going)]);
	}

	async function runTask(task: Task): Promise<Array<Result<Stored>>> {
		const results = 'job' in task ? [await runKnown(task.index, task.job)] : await runOrders(task);
		for (const result of results) {
			if (result.ok || result.halted) continue;
			memory.keepFailure(task.index, failureIn(result));
		}
		if (setting.failFast && results.some((result) => !result.ok)) halt.abort();
		return results;
	}

	async function runKnown(index: number, job: Job): Promise<Result<Stored>> {
		// So that a Stop between two tries finds it.
		memory.keep(`${index}:${job.requestId}`, { fate: 'accepted', jobs: [job] });
		return await runJob(index, job, setting.waitingSince !== undefined);
	}

	async function runOrders({
		index,
		order,
	}: {
		index: number;
		order: Order;
	}): Promise<Array<Result<Stored>>> {
		memory.keepOrder(index, order);
		const whole = { key: orderKey(provider.id, index, order), order };
		const remembered = memory.recall(whole.key);
		const lost = remembered?.fate === 'accepted' ? lostParts(whole, remembered) : [];
		const results = await Promise.all(
			[whole, ...lost].map(async (keyed) => await runOrder({ index, ...keyed })),
		);
		return results.flat();
	}

	async function runOrder(task: { index: number } & KeyedOrder): Promise<Array<Result<Stored>>> {
		const { index, key, order } = task;
		const blocking = setting.follow === 'direct';
		const remembered = memory.recall(key);
		if (remembered?.fate === 'open') {
			const { problem } = remembered;
			return blocking ? [{ index, ok: false, open: true, problem }] : await settleOpen(task, remembered);
		}
		if (remembered) {
			const isResumed = setting.waitingSince !== undefined;
			if (!isResumed) {
				remembered.jobs.forEach((job) => setting.log('Job of an earlier try taken up', job, index));
			}
			const results = await runAccepted(task, remembered);
			// Whoever stopped the first try and runs the item again wants its video after all.
			if (isResumed || memory.recall(key) || !results.every(wasCancelled)) return results;
		}
		const failure = setting.lastLook ? memory.failureOf(index) : undefined;
		if (failure) return [{ index, ok: false, ...failure }];
		const submission = await submitting(async () => {
			if (going.aborted) return undefined;
			claims.inTheAir.set(order, clock.now());
			const submitted = await submitOrder(order, {
				provider,
				clock,
				signal: going,
				stop: signal,
				deadline,
				blockingMs: blocking ? setting.timeoutMs : undefined,
			});
			claims.inTheAir.delete(order);
			if (!submitted) return undefined;
			if (submitted.fate === 'accepted') claim(key, submitted);
			if (submitted.fate === 'open') {
				const { problem, imageUrl, sentAt } = submitted;
				memory.keep(key, { fate: 'open', sentAt, problem, imageUrl });
				// After a Stop, or a crash, nobody but the log can tell.
				setting.log(problem.message, { provider: provider.id }, index);
			}
			return submitted;
		});
		if (!submission) return [halted(index)];
		if (submission.fate === 'refused') return [{ index, ok: false, problem: submission.problem }];
		if (submission.fate === 'open') {
			const { problem } = submission;
			// A blocking call leaves no job in the queue that could be taken up.
			if (blocking) return [{ index, ok: false, open: true, problem }];
			return await settleOpen(task, submission);
		}
		submission.jobs.forEach((job) => setting.log('Job submitted', job, index));
		const results = await runAccepted(task, submission);
		return results.map((result) => ({ ...result, answer: submission.raw }));
	}

	/** Nobody knows whether the submit was taken: the job is looked for, and never submitted anew. */
	async function settleOpen(
		task: { index: number } & KeyedOrder,
		{ sentAt, problem, imageUrl }: Omit<OpenFate, 'fate'>,
	): Promise<Array<Result<Stored>>> {
		const { index, key, order } = task;
		const jobs = await findJobs({ order, sentAt, imageUrl }, provider, claims, clock);
		if (!jobs) return [{ index, ok: false, open: true, problem }];
		claim(key, { jobs });
		jobs.forEach((job) => setting.log('Job found whose submit was not answered', job, index));
		return await runAccepted(task, { jobs });
	}

	function claim(key: string, { jobs, outcomes }: Accepted): void {
		jobs.forEach(({ requestId }) => claims.taken.add(requestId));
		memory.keep(key, { fate: 'accepted', jobs, ...(outcomes ? { outcomes } : {}) });
	}

	async function runAccepted(
		{ index, key, order }: { index: number } & KeyedOrder,
		{ jobs, outcomes }: Accepted,
	): Promise<Array<Result<Stored>>> {
		const { resolution, duration } = order.input;
		const kind = `${resolution} ${duration}`;
		const results = await Promise.all(
			jobs.map(async (job, place) => {
				const outcome = outcomes?.[place];
				if (outcome) return await conclude(index, job, outcome);
				return await runJob(index, job, true, kind);
			}),
		);
		forgetEnded(key, results);
		return results;
	}

	/** A job that ended badly is no use to a retry, which shall order its video anew. */
	function forgetEnded(key: string, results: Array<Result<Stored>>): void {
		const lost = results.flatMap((result) =>
			!result.ok && result.job && ['failed', 'cancelled'].includes(result.status ?? '') ? [result.job] : [],
		);
		if (lost.length > 0) memory.forget(key, lost);
	}

	async function runJob(index: number, job: Job, known: boolean, kind = ''): Promise<Result<Stored>> {
		unended.add(job, index);
		if (signal.aborted) return { ...halted(index), job };
		if (setting.follow === 'none') return { index, ok: true, job };
		feed?.add(job);
		// What the provider tells now may be fresher than what it told then; a 404 is no hitch any more.
		const told = memory.outcomeOf(job.requestId);
		const followed = await followJob(job, kind, known && !told, followSetting);
		feed?.remove(job.requestId);
		const outcome = followed.end === 'outcome' ? followed.outcome : told;
		if (outcome && followed.end !== 'stopped') {
			unended.remove(job);
			memory.keepOutcome(job.requestId, outcome);
			return await conclude(index, job, outcome);
		}
		if (followed.end === 'untold') return { index, ok: false, job, problem: followed.problem };
		if (followed.end === 'timeout') return await giveUp(index, job, followed.status);
		// Nobody waits for this job any more: the execution was stopped, or another item ended the run.
		return { ...halted(index), job };
	}

	async function conclude(index: number, job: Job, outcome: Outcome): Promise<Result<Stored>> {
		const { requestId } = job;
		// Billed and yet no video: a retry asks for the result again, and pays nothing for it.
		if (outcome.status === 'succeeded' && outcome.problem) {
			return { index, ok: false, job, outcome, problem: { ...outcome.problem, requestId } };
		}
		if (outcome.status !== 'succeeded') {
			const told = outcome.problem ?? { message: `The job was ${outcome.status}` };
			const problem: Problem = { ...told, requestId };
			return { index, ok: false, job, outcome, problem, status: outcome.status };
		}
		const { collect } = setting;
		if (!collect) return { index, ok: true, job, outcome };
		const stored = await downloading(async () => await collectPatiently(outcome, collect));
		if (stored.ok) return { index, ok: true, job, outcome, stored: stored.value };
		// The download broke off because another item ended the run.
		if (going.aborted) return { ...halted(index), job, outcome };
		return { index, ok: false, job, outcome, problem: { ...stored.problem, requestId } };
	}

	async function collectPatiently(
		outcome: Outcome,
		collect: NonNullable<RunSetting<Stored>['collect']>,
	): Promise<Reading<Stored>> {
		for (let tries = 1; ; tries++) {
			const reading = await caught(async () => await collect(outcome, going), unstored);
			if (reading.ok || !reading.passing || tries >= MAX_DOWNLOADS || going.aborted) return reading;
			await clock.sleep(backoffMs(tries, clock, reading.retryAfterMs), going);
		}
	}

	/** The deadline has passed. */
	async function giveUp(index: number, job: Job, phase: string): Promise<Result<Stored>> {
		const { requestId } = job;
		const minutes = Math.round(setting.timeoutMs / 600) / 100;
		const status = phase === 'queued' ? 'queued' : 'running';
		const message = `The video was not ready after ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
		const takeUp = `Take it up with Generation: Wait and request ID ${requestId}, or raise 'Timeout (Minutes)' in the options.`;
		if (!setting.cancelOnTimeout) {
			const description = `The job goes on at ${provider.table.name} and will be billed. ${takeUp}`;
			return { index, ok: false, job, status, problem: { message, description, requestId } };
		}
		const cancelled = await cancelJob(job, provider, clock);
		if (cancelled.ok && cancelled.value.status === 'cancelled') {
			unended.remove(job);
			const description = `The job ${requestId} was cancelled at ${provider.table.name}. Raise 'Timeout (Minutes)' in the options, then run the item again.`;
			return { index, ok: false, job, status: 'cancelled', problem: { message, description, requestId } };
		}
		if (cancelled.ok && cancelled.value.cancelled) {
			const description = `${provider.table.name} was asked to cancel the job, but one in progress may still finish and be billed. ${takeUp}`;
			return { index, ok: false, job, status, problem: { message, description, requestId } };
		}
		const description = `The job could not be cancelled at ${provider.table.name} and may be billed. ${takeUp}`;
		return { index, ok: false, job, status, problem: { message, description, requestId } };
	}

	const work = tasks.map(runTask);
	try {
		return (await Promise.all(work)).flat();
	} finally {
		// Nothing goes on behind a node that has ended, whatever ended it.
		halt.abort();
		await Promise.allSettled(work);
		unended.close();
		feed?.close();
	}
}

/** @returns plain data that can be saved */
export function failureIn({ problem, job, status, open }: Failure): Failure {
	return {
		problem,
		...(job && { job }),
		...(status && { status }),
		...(open && { open }),
	};
}

type OpenFate = Remembered & { fate: 'open' };

/** Jobs that a submit led to. */
type Accepted = Omit<Remembered & { fate: 'accepted' }, 'fate'>;

/** Whether the provider says so, not this run, which cancels jobs itself when the deadline has passed. */
function wasCancelled({ outcome }: Result<unknown>): boolean {
	return outcome?.status === 'cancelled';
}

function halted<Stored>(index: number): Result<Stored> {
	const problem = { message: 'Another item ended the run before this one was done' };
	return { index, ok: false, halted: true, problem };
}
