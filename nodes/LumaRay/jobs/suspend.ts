import type { Job, Outcome, Reading } from '../providers/provider';
import { STATUS_TRIES, checkStatus, type StatusResult } from './status';
import type { Memory, Parking, PolledJob } from './memory';
import { runJobs } from './run';
import { failureIn, type Result, type RunContext, type Task } from './context';
import { trackUnfinished } from './unfinished';

/** Seconds until a timer wakes a parked run: a share of the age of its youngest job, within limits. */
const WAKE = { shareOfAge: 0.25, shortestSeconds: 60, longestSeconds: 300 } as const;

/**
 * How long the first pass polls its jobs, in milliseconds. The jobs are saved when it parks, and a provider that asks
 * for a pause must not delay that.
 */
const FIRST_POLLS_MS = 10_000;

export interface SuspendSetting<Stored> extends RunContext<Stored> {
	/**
	 * The maximum number of tries of an execution. n8n's Retry On Fail counts tries, too, but starts again at each wake:
	 * you would pay again and again for a job that always fails.
	 */
	tries: number;
}

export type SuspendResult<Stored> =
	| { end: 'results'; results: Array<Result<Stored>> }
	/** `wakeAt`: Unix time in milliseconds of the next status check; `since`: of the first. */
	| { end: 'pending'; pending: PolledJob[]; ended: PolledJob[]; wakeAt: number; since: number }
	| { end: 'stopped' };

/**
 * One pass of a run that parks. It submits the orders (in the first pass only) and polls every unfinished job once. It
 * returns what to wait for or, if all jobs have ended or the deadline has passed, the same as `runJobs`.
 * @param tasks for a run that was parked: the orders that it remembers
 * @param invalid items that failed before they became tasks. They are remembered, so no later pass orders them
 */
export async function runSuspended<Stored>(
	tasks: Task[],
	context: SuspendSetting<Stored>,
	invalid: Parking['bad'] = [],
): Promise<SuspendResult<Stored>> {
	const { memory, clock, signal } = context;
	const parked = memory.parking();
	const parking = parked ?? { since: clock.now(), ended: [], bad: [...invalid] };
	const lastPass = !parked && memory.beginTry() > context.tries;
	if (!parked && !signal.aborted) await forgetCancelled(context);
	const submitted = await runJobs(withoutBad(tasks, parking), {
		...context,
		follow: 'none',
		parks: true,
		search: parked ? 'again' : 'later',
		...(parked && { since: parked.since, resumes: true }),
		lastPass,
	});
	if (!submitted) return stopped(memory);
	const searching = submitted.filter((result) => !result.ok && result.searching);
	const refused = submitted.flatMap((result) => (result.ok || result.searching ? [] : [result]));
	// An item that also has a job stays a task: the last pass reports both.
	const withJob = new Set([...submitted.filter(({ job }) => job), ...searching].map(({ index }) => index));
	const jobless = refused.filter(({ index }) => !withJob.has(index));
	parking.bad.push(...jobless.map((result) => ({ index: result.index, ...failureIn(result) })));
	if (context.failFast && refused.length > 0) {
		// A retry must search for the job of a submit without an answer, and a parked run would not do that.
		memory.unpark();
		return { end: 'results', results: submitted };
	}

	const hasEnded = new Set(parking.ended.map(({ job }) => job?.requestId));
	const jobs = submitted.flatMap(({ index, job }) =>
		job && !hasEnded.has(job.requestId) ? [{ index, job }] : [],
	);
	// The first pass polls with one try only, so that n8n saves the new jobs soon.
	const polled = await pollAll(jobs, parked !== undefined, context);
	if (signal.aborted) return stopped(memory);
	keepOutcomes(polled.outcomes, parking, context);
	parking.ended.push(...polled.ended);
	const pending = [
		...polled.pending,
		...searching.map(({ index }): PolledJob => ({ index, status: 'unknown' })),
	].sort((one, other) => one.index - other.index);

	const leftMs = parking.since + context.timeoutMs - clock.now();
	if (pending.length > 0 && leftMs > 0 && !lastPass && !(context.failFast && polled.anyFailed)) {
		noteUnfinished(parking, pending);
		memory.park(parking);
		const wakeAt = clock.now() + wakeInMs(pending, parking.since, context, leftMs);
		return { end: 'pending', pending, ended: parking.ended, wakeAt, since: parking.since };
	}
	return await collectParked(tasks, parking, { ...context, lastPass });
}

/**
 * Ends a parked run: waits for unfinished jobs, collects the videos and reports failures. Orders nothing.
 */
export async function collectParked<Stored>(
	tasks: Task[],
	parking: Parking,
	context: RunContext<Stored>,
): Promise<SuspendResult<Stored>> {
	context.memory.unpark();
	const results = await runJobs(withoutBad(tasks, parking), {
		...context,
		follow: 'poll',
		search: 'finally',
		since: parking.since,
		resumes: true,
	});
	if (!results) return { end: 'stopped' };
	const bad = parking.bad.map((item): Result<Stored> => ({ ...item, ok: false }));
	return { end: 'results', results: [...bad, ...results] };
}

function withoutBad(tasks: Task[], { bad }: Parking): Task[] {
	const indexes = new Set(bad.map(({ index }) => index));
	return tasks.filter(({ index }) => !indexes.has(index));
}

/** Unparks a stopped run, so that a new start begins with a first pass. */
function stopped(memory: Memory): { end: 'stopped' } {
	memory.unpark();
	return { end: 'stopped' };
}

/** Forgets cancelled jobs of an earlier try, so that this pass orders their videos again. */
async function forgetCancelled(context: RunContext<unknown>): Promise<void> {
	const { memory, provider, clock, signal } = context;
	await Promise.all(
		memory.jobs().map(async ({ key, job }) => {
			if (job.provider !== provider.id) return;
			const polled = await checkStatus(job, provider, clock, signal, 1);
			if (polled.ok && polled.value.status === 'cancelled') memory.forget(key, [job]);
		}),
	);
}

interface OfItem {
	index: number;
	job: Job;
}

/**
 * Polls each job once.
 * @param again whether an earlier pass has polled them
 * @returns the unfinished and the ended jobs, each in the order of `jobs`
 */
async function pollAll(
	jobs: OfItem[],
	again: boolean,
	context: RunContext<unknown>,
): Promise<{
	pending: PolledJob[];
	ended: PolledJob[];
	outcomes: Array<{ job: Job; outcome: Outcome }>;
	anyFailed: boolean;
}> {
	const { provider, clock, signal, memory } = context;
	const unfinished = trackUnfinished(context);
	jobs.forEach(({ index, job }) => unfinished.add(job, index));
	const poll = async (job: Job) => await checkStatus(job, provider, clock, signal, STATUS_TRIES);
	const polls = again
		? await Promise.all(jobs.map(async ({ job }) => await poll(job)))
		: await pollFirst(jobs, context);
	unfinished.close();
	const pending: PolledJob[] = [];
	const ended: PolledJob[] = [];
	const outcomes: Array<{ job: Job; outcome: Outcome }> = [];
	let anyFailed = false;
	polls.forEach((polled, place) => {
		const { index, job } = jobs[place];
		if (isUndecided(polled, job, again, memory)) pending.push({ index, job, status: 'unknown' });
		else if (polled.ok && ['queued', 'running'].includes(polled.value.status)) {
			const { status, queuePosition } = polled.value;
			pending.push({ index, job, status, ...(queuePosition === undefined ? {} : { queuePosition }) });
		} else {
			const outcome = polled.ok ? polled.value.outcome : memory.outcomeOf(job.requestId);
			if (outcome) outcomes.push({ job, outcome });
			const status = (polled.ok ? polled.value.status : outcome?.status) ?? 'unknown';
			ended.push({ index, job, status });
			anyFailed ||= status !== 'succeeded';
		}
	});
	return { pending, ended, outcomes, anyFailed };
}

/** One try of each job, within a bounded time. */
async function pollFirst(
	jobs: OfItem[],
	{ provider, clock, signal }: RunContext<unknown>,
): Promise<Array<Reading<StatusResult>>> {
	const over = new AbortController();
	const late = new AbortController();
	void clock.sleep(FIRST_POLLS_MS, signal, over.signal).then(() => late.abort('late'));
	const polls = await Promise.all(
		jobs.map(async ({ job }) => {
			const polled = await checkStatus(job, provider, clock, late.signal, 1);
			// An aborted check says nothing about the job.
			return polled.ok || !late.signal.aborted ? polled : { ...polled, transient: true };
		}),
	);
	over.abort('over');
	return polls;
}

/** Keeps the outcomes of jobs. If the provider reports no end time, this run sets the time when it noticed the end. */
function keepOutcomes(
	outcomes: Array<{ job: Job; outcome: Outcome }>,
	{ since, unfinished = [] }: Parking,
	{ memory, clock }: RunContext<unknown>,
): void {
	for (const { job, outcome } of outcomes) {
		const sawItEnd = job.submittedAt >= since || unfinished.includes(job.requestId);
		const completedAt = outcome.completedAt ?? (sawItEnd ? clock.now() : undefined);
		memory.keepOutcome(job.requestId, { ...outcome, ...(completedAt === undefined ? {} : { completedAt }) });
	}
}

/** Keeps the pending jobs of earlier runs that a poll has shown to be unfinished. */
function noteUnfinished(parking: Parking, pending: PolledJob[]): void {
	const seen = pending.flatMap(({ job, status }) =>
		job && job.submittedAt < parking.since && status !== 'unknown' ? [job.requestId] : [],
	);
	if (seen.length > 0) parking.unfinished = [...new Set([...(parking.unfinished ?? []), ...seen])];
}

/**
 * Whether the failure of a status check is unrelated to the job. The last pass handles permanent failures. A 404 is
 * transient if the provider has accepted or shown the job and has not reported its end yet.
 */
function isUndecided(polled: Reading<StatusResult>, job: Job, again: boolean, memory: Memory): boolean {
	if (polled.ok) return false;
	const isKnown = (again || job.submittedAt > 0) && !memory.outcomeOf(job.requestId);
	return polled.transient || (polled.notFound === true && isKnown);
}

/** Milliseconds until the next status check: longer for older jobs, but never past the deadline. */
function wakeInMs(
	pending: PolledJob[],
	since: number,
	{ clock, pollIntervalSeconds }: RunContext<unknown>,
	leftMs: number,
): number {
	// If only its request ID is known, a job's age is unknown.
	const youngest = Math.max(...pending.map(({ job }) => job?.submittedAt || since));
	const grown = ((clock.now() - youngest) / 1000) * WAKE.shareOfAge;
	const seconds = pollIntervalSeconds ?? Math.min(WAKE.longestSeconds, grown);
	return Math.min(leftMs, Math.max(WAKE.shortestSeconds, seconds) * 1000);
}
