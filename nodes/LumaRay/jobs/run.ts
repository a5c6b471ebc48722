import type { Feed, Job, Order, Provider } from '../providers/provider';
import { createBells } from './bells';
import { createConclusions } from './conclude';
import { claimsOf, findJobs } from './find';
import { followJob, type FollowSetting } from './follow';
import { createForecast } from './forecast';
import { giveUp } from './giveUp';
import { lostParts, orderKey, type KeyedOrder, type Remembered } from './memory';
import { createTurns } from './pace';
import { createPool } from './pool';
import { failureIn, halted, type Result, type RunSetting, type Task } from './setting';
import { submitOrder } from './submit';
import { createUnended, leaveRemembered } from './unended';

/** Milliseconds that the first submit waits for the event stream. */
const FEED_PATIENCE_MS = 3_000;

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
	const conclude = createConclusions(setting, going);
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
			}).finally(() => claims.inTheAir.delete(order));
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
		{ jobs, outcomes, lost = 0 }: Accepted,
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
		// A blocking call answers with its videos, not with jobs. A pass that parks leaves the others to be collected first.
		if (outcomes || setting.parks) return results;
		return [...results, ...missingOf(index, order, jobs.length + lost, provider)];
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
		if (followed.end === 'timeout') {
			const failure = await giveUp(job, followed.status, setting);
			if (failure.status === 'cancelled') unended.remove(job);
			return { index, ok: false, ...failure };
		}
		// Nobody waits for this job any more: the execution was stopped, or another item ended the run.
		return { ...halted(index), job };
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

type OpenFate = Remembered & { fate: 'open' };

/** Jobs that a submit led to. */
type Accepted = Omit<Remembered & { fate: 'accepted' }, 'fate'>;

/**
 * One bad result for each generation that the provider was asked for and did not name a job for. It is never submitted
 * again: the answer does not say whether the provider took it.
 * @param named how many jobs of the order are known, also those that have failed since
 */
function missingOf(index: number, order: Order, named: number, provider: Provider): Array<Result<never>> {
	const asked = provider.jobsAsked(order);
	if (asked <= named) return [];
	const problem = {
		message: `${provider.table.name} was asked for ${asked} generations and named ${named}`,
		description: `This one is missing. It was not submitted again, to avoid paying twice: look for it with Generation: Get Many. If it is not there, run the item again in a new execution for the missing generations only.`,
	};
	return Array.from({ length: asked - named }, () => ({ index, ok: false, problem }));
}

/** Whether the provider says so, not this run, which cancels jobs itself when the deadline has passed. */
function wasCancelled({ outcome }: Result<unknown>): boolean {
	return outcome?.status === 'cancelled';
}
