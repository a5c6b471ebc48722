import type { Problem } from '../models/problem';
import type { Job, Json, Order, Outcome, Provider, ReadyOrder } from '../providers/provider';
import { decide, type Decision } from './decide';
import { blockingCall } from './direct';
import { findJobs } from './find';
import { followJob } from './follow';
import { timeOutJob } from './timeOut';
import { lostParts, type RememberedSubmission } from './memory';
import type { Scope } from './scope';
import { failureIn, halted, type OrderTask, type Result, type Task } from './context';
import { submitOrder, type SubmitResult } from './submit';

/** For this many milliseconds after a submit without an answer, each wake searches for its job: a list may lag. */
const SEARCH_FOR_MS = 5 * 60_000;

/**
 * Runs one task to its end: a job with a known request ID, or an order with all its videos.
 * @returns one result per video
 */
export async function runTask<Stored>(scope: Scope<Stored>, task: Task): Promise<Array<Result<Stored>>> {
	const { memory, failFast } = scope.context;
	const results = 'job' in task ? [await runKnown(scope, task)] : await runOrders(scope, task);
	for (const result of results) {
		if (!result.ok && !result.halted && !result.searching) memory.keepFailure(task.index, failureIn(result));
	}
	if (failFast && results.some((result) => !result.ok && !result.searching)) scope.halt();
	return results;
}

async function runKnown<Stored>(
	scope: Scope<Stored>,
	{ index, job }: { index: number; job: Job },
): Promise<Result<Stored>> {
	// Remembered, so that a Stop between two tries finds it.
	scope.context.memory.keep(`${index}:${job.requestId}`, { result: 'accepted', jobs: [job] });
	return await runJob(scope, index, job, scope.context.resumes === true);
}

/** Runs an order, and one order for each of its videos that failed in an earlier try. */
async function runOrders<Stored>(scope: Scope<Stored>, task: OrderTask): Promise<Array<Result<Stored>>> {
	const { memory } = scope.context;
	memory.keepOrder(task.index, task.key, task.order);
	const remembered = memory.recall(task.key);
	const lost = remembered?.result === 'accepted' ? lostParts(task, remembered) : [];
	const results = await Promise.all(
		[task, ...lost].map(async ({ key, order }) => await runOrder(scope, { index: task.index, key, order })),
	);
	return results.flat();
}

/** Runs one order, step by step, until its jobs have ended or it has failed. */
async function runOrder<Stored>(scope: Scope<Stored>, task: OrderTask): Promise<Array<Result<Stored>>> {
	const { memory, follow, resumes = false, lastPass = false } = scope.context;
	let answer: Json | undefined;
	/** Whether this run has submitted or found the jobs; if not, an earlier try did. */
	let isOwn = resumes;
	// From this run only: the memory may change in the meantime, and a run must never submit an order twice.
	let remembered = memory.recall(task.key);
	for (;;) {
		const next = decide({
			remembered,
			isListed: follow !== 'direct',
			resumes,
			lastPass,
			failure: memory.failureOf(task.index),
		});
		switch (next.step) {
			case 'fail':
				return [{ index: task.index, ok: false, ...next.failure }];
			case 'collect': {
				if (!isOwn) logReused(scope, task, next.jobs);
				const results = await collectAll(scope, task, next);
				// If the user stopped the first try and runs the item again, order it again.
				const isGone = !isOwn && !memory.recall(task.key) && results.every(wasCancelled);
				if (!isGone) return results.map((result) => (answer ? { ...result, answer } : result));
				// Other calls that share the job see the cancel, too. Only one of them may order it again.
				if ('reuse' in memory) await memory.reuse(task, scope.context);
				isOwn = true;
				remembered = memory.recall(task.key);
				break;
			}
			case 'search': {
				const found = await search(scope, task, next);
				if ('problem' in found) return [found];
				isOwn = true;
				remembered = found;
				break;
			}
			case 'submit': {
				const submitted = await submit(scope, task);
				if (!submitted) return [halted(task.index)];
				if (submitted.result === 'refused') {
					return [{ index: task.index, ok: false, problem: submitted.problem }];
				}
				if (submitted.result === 'accepted') answer = submitted.raw;
				isOwn = true;
				remembered = submitted;
			}
		}
	}
}

function logReused({ context }: Scope<unknown>, { index }: OrderTask, jobs: Job[]): void {
	jobs.forEach((job) => context.log({ name: 'reused' }, job, index));
}

/**
 * Sends the order's paid request and remembers the outcome.
 * @returns undefined if the run ended before anything was sent
 */
async function submit(scope: Scope<unknown>, task: OrderTask): Promise<SubmitResult | undefined> {
	const { context, going, claims, deadline } = scope;
	const { provider, clock, signal, memory, log } = context;
	const { index, key, order } = task;
	return await scope.submitting(async () => {
		if (going.aborted) return undefined;
		try {
			const isBlocking = context.follow === 'direct';
			const post = isBlocking
				? blockingCall(context, signal)
				: async (ready: ReadyOrder) => await provider.submit(ready);
			const inTurn = isBlocking ? undefined : provider.inTurn;
			const send = async (ready: ReadyOrder) => {
				// Not before the upload of the files, which may take long: no listed job can belong to this order yet.
				claims.inFlight.set(order, clock.now());
				return await post(ready);
			};
			const submitted = await submitOrder(order, {
				provider,
				clock,
				signal: going,
				deadline,
				send,
				inTurn,
			});
			if (submitted?.result === 'accepted') {
				claim(scope, task, submitted);
				submitted.jobs.forEach((job) => log({ name: 'submitted' }, job, index));
				const [asked, named] = [provider.jobsAsked(order), submitted.jobs.length];
				if (named < asked && !submitted.outcomes) {
					log({ name: 'fewerNamed', data: { asked, named } }, { provider: provider.id }, index);
				}
			}
			if (submitted?.result === 'open') {
				const { problem, addresses, sentAt } = submitted;
				memory.keep(key, { result: 'open', sentAt, problem, addresses });
				// After a Stop or a crash, only the log shows it.
				log({ name: 'unknownOutcome', problem }, { provider: provider.id }, index);
			}
			return submitted;
		} finally {
			claims.inFlight.delete(order);
		}
	});
}

type AcceptedOrder = RememberedSubmission & { result: 'accepted' };

/** Remembers the jobs of an order and claims them for it. */
function claim(
	{ context, claims }: Scope<unknown>,
	{ key, order }: OrderTask,
	{ jobs, outcomes }: Pick<AcceptedOrder, 'jobs' | 'outcomes'>,
): AcceptedOrder {
	jobs.forEach(({ requestId }) => claims.taken.add(requestId));
	const missing = outcomes ? 0 : context.provider.jobsAsked(order) - jobs.length;
	const accepted: AcceptedOrder = {
		result: 'accepted',
		jobs,
		...(outcomes ? { outcomes } : {}),
		...(missing > 0 ? { missing } : {}),
	};
	context.memory.keep(key, accepted);
	return accepted;
}

/**
 * Searches for the jobs of a submit without an answer, and remembers them if they are found.
 * @returns the jobs or, if they were not found, the failed result of the order
 */
async function search(
	scope: Scope<unknown>,
	task: OrderTask,
	{ open }: Decision & { step: 'search' },
): Promise<(Result<never> & { ok: false }) | AcceptedOrder> {
	const { context, claims } = scope;
	const { sentAt, problem, addresses } = open;
	const { index, order } = task;
	const { provider, clock, search: how = 'patient' } = context;
	const unfound = { index, ok: false, open: true, problem } as const;
	if (how === 'later') return { ...unfound, searching: true };
	const submission = { order, sentAt, addresses };
	const jobs = await findJobs(submission, provider, claims, clock, how !== 'patient');
	if (!jobs) return { ...unfound, searching: how === 'again' && clock.now() < sentAt + SEARCH_FOR_MS };
	jobs.forEach((job) => context.log({ name: 'found' }, job, index));
	return claim(scope, task, { jobs });
}

/** Follows and collects the jobs of an order. Failed jobs are forgotten, so that a retry orders them again. */
async function collectAll<Stored>(
	scope: Scope<Stored>,
	{ index, key, order }: OrderTask,
	{ jobs, outcomes, lost }: Decision & { step: 'collect' },
): Promise<Array<Result<Stored>>> {
	const kind = kindOf(order);
	const results = await Promise.all(
		jobs.map(async (job, place) => {
			const outcome = outcomes?.[place];
			if (outcome) return await scope.conclude(index, job, outcome);
			return await runJob(scope, index, job, true, kind);
		}),
	);
	const { memory, parks, provider } = scope.context;
	const failed = results.flatMap((result) =>
		!result.ok && result.job && ['failed', 'cancelled'].includes(result.status ?? '') ? [result.job] : [],
	);
	if (failed.length > 0) memory.forget(key, failed);
	// A blocking call answers with videos, not with jobs. A pass that parks reports missing jobs only at the end.
	if (outcomes || parks) return results;
	return [...results, ...missingOf(index, order, jobs.length + lost, provider)];
}

/**
 * One failed result for each generation that was ordered, but has no job in the provider's answer. It is never
 * submitted again: the answer does not say whether the provider accepted it.
 * @param named how many jobs of the order are known, including jobs that have failed since
 */
function missingOf(index: number, order: Order, named: number, provider: Provider): Array<Result<never>> {
	const asked = provider.jobsAsked(order);
	if (asked <= named) return [];
	const problem: Problem = { name: 'missingGeneration', data: { provider: provider.id, asked, named } };
	return Array.from({ length: asked - named }, () => ({ index, ok: false, problem }));
}

/** The kind of an order: orders of one kind take about the same time. */
function kindOf({ model, input: { resolution, duration } }: Order): string {
	return `${model} ${resolution} ${duration}`;
}

/** @param known whether the provider has accepted or shown this job before, so that a 404 is transient */
async function runJob<Stored>(
	scope: Scope<Stored>,
	index: number,
	job: Job,
	known: boolean,
	kind = '',
): Promise<Result<Stored>> {
	const { context, unfinished, follow } = scope;
	const { memory, signal } = context;
	unfinished.add(job, index);
	if (signal.aborted) return { ...halted(index), job };
	if (context.follow === 'none') return { index, ok: true, job };
	follow.feed?.add(job, kind);
	// An outcome from an earlier pass. The provider may answer with a newer one, but now a 404 is final.
	const seen = memory.outcomeOf(job.requestId);
	const followed = await followJob(job, kind, known && !seen, follow);
	follow.feed?.remove(job.requestId);
	follow.forecast.leave(kind, job.requestId);
	// An earlier pass may know the end time if the provider does not report it.
	const outcome = followed.end === 'outcome' ? withEnd(followed.outcome, seen) : seen;
	if (outcome && followed.end !== 'stopped') {
		unfinished.remove(job);
		memory.keepOutcome(job.requestId, outcome);
		return await scope.conclude(index, job, outcome);
	}
	if (followed.end === 'unreadable') return { index, ok: false, job, problem: followed.problem };
	if (followed.end === 'timeout') {
		const failure = await timeOutJob(job, followed.status, context);
		if (failure.status === 'cancelled') unfinished.remove(job);
		return { index, ok: false, ...failure };
	}
	// The run stopped waiting for the job: the execution was stopped, or another item ended the run.
	return { ...halted(index), job };
}

function withEnd(outcome: Outcome, seen: Outcome | undefined): Outcome {
	const completedAt = outcome.completedAt ?? seen?.completedAt;
	return completedAt === undefined ? outcome : { ...outcome, completedAt };
}

/** Whether the provider reports a cancel. Jobs that this run cancelled at the deadline have no outcome. */
function wasCancelled({ outcome }: Result<unknown>): boolean {
	return outcome?.status === 'cancelled';
}
