import type { Job } from '../providers/provider';
import { createPool } from './pool';
import { LOOK_TRIES, lookAtJob } from './look';
import type { LookedAt, Memory } from './memory';
import { runJobs } from './run';
import { failureIn, type Result, type RunSetting, type Task } from './setting';
import { createUnended } from './unended';

/** Looks at once when a parked run wakes. */
const LOOKS_AT_ONCE = 10;
/** Seconds until a parked run wakes by itself: a share of the age of its youngest job, within bounds. */
const WAKE = { shareOfAge: 0.25, shortestSeconds: 60, longestSeconds: 300 } as const;

export interface SuspendSetting<Stored> extends RunSetting<Stored> {
	/**
	 * How often an execution may try. n8n's Retry On Fail counts too, but anew whenever a parked execution wakes: a job
	 * that fails each time would be paid without end.
	 */
	tries: number;
}

export type Suspended<Stored> =
	| { end: 'results'; results: Array<Result<Stored>> }
	/** `wakeAt`: Unix time in milliseconds of the next look; `since`: of the first. */
	| { end: 'pending'; pending: LookedAt[]; ended: LookedAt[]; wakeAt: number; since: number }
	| { end: 'stopped' };

/**
 * One pass of a run that parks: submits what is not yet submitted, looks once at every unfinished job, and either
 * says what to wait for or, when all has ended (or the deadline has passed), ends exactly as `runJobs` would.
 * @param tasks in a run that was parked they hold the orders that it remembers
 */
export async function runSuspended<Stored>(
	tasks: Task[],
	setting: SuspendSetting<Stored>,
): Promise<Suspended<Stored>> {
	const { memory, clock, signal } = setting;
	const parked = memory.parking();
	const parking = parked ?? { since: clock.now(), ended: [], bad: [] };
	const lastLook = !parked && memory.beginTry() > setting.tries;
	const pass = { ...setting, waitingSince: parked?.since, lastLook };
	const isBad = (index: number) => parking.bad.some((bad) => bad.index === index);
	const submitted = await runJobs(
		tasks.filter(({ index }) => !isBad(index)),
		{ ...pass, follow: 'none', parks: true },
	);
	if (!submitted) return stopped(memory);
	for (const result of submitted) {
		if (!result.ok) parking.bad.push({ index: result.index, ...failureIn(result) });
	}
	if (setting.failFast && parking.bad.length > 0) return { end: 'results', results: submitted };

	const hasEnded = new Set(parking.ended.map(({ job }) => job.requestId));
	const jobs = submitted.flatMap(({ index, job }) =>
		job && !hasEnded.has(job.requestId) ? [{ index, job }] : [],
	);
	// What was just submitted is better saved soon than looked at with patience.
	const { pending, ended, anyFailed } = await lookAtAll(jobs, parked !== undefined, setting);
	if (signal.aborted) return stopped(memory);
	parking.ended.push(...ended);

	const left = parking.since + setting.timeoutMs - clock.now();
	if (pending.length > 0 && left > 0 && !lastLook && !(setting.failFast && anyFailed)) {
		memory.park(parking);
		const wakeAt = clock.now() + wakeInMs(pending, parking.since, setting, left);
		return { end: 'pending', pending, ended: parking.ended, wakeAt, since: parking.since };
	}
	memory.unpark();
	const results = await runJobs(
		tasks.filter(({ index }) => !isBad(index)),
		{ ...pass, follow: 'poll' },
	);
	if (!results) return { end: 'stopped' };
	const bad = parking.bad.map((item): Result<Stored> => ({ ...item, ok: false }));
	return { end: 'results', results: [...bad, ...results] };
}

/** A run that was stopped and is started once more begins anew. */
function stopped(memory: Memory): { end: 'stopped' } {
	memory.unpark();
	return { end: 'stopped' };
}

interface OfItem {
	index: number;
	job: Job;
}

/**
 * Looks once at each job. Those that have not ended are listed in the order of the items.
 * @param again whether an earlier pass has looked at them
 */
async function lookAtAll(
	jobs: OfItem[],
	again: boolean,
	setting: RunSetting<unknown>,
): Promise<{ pending: LookedAt[]; ended: LookedAt[]; anyFailed: boolean }> {
	const { provider, clock, signal, memory } = setting;
	const looking = createPool(LOOKS_AT_ONCE);
	const unended = createUnended(setting);
	jobs.forEach(({ index, job }) => unended.add(job, index));
	const tries = again ? LOOK_TRIES : 1;
	const look = async (job: Job) => await lookAtJob(job, provider, clock, signal, tries);
	// The provider has accepted or shown it, so a 404 is a hitch, unless the provider has told its end already.
	const isKnown = ({ submittedAt, requestId }: Job) =>
		(again || submittedAt > 0) && !memory.outcomeOf(requestId);
	const looks = await Promise.all(jobs.map(async ({ job }) => await looking(async () => await look(job))));
	unended.close();
	const pending: LookedAt[] = [];
	const ended: LookedAt[] = [];
	let anyFailed = false;
	looks.forEach((looked, place) => {
		const { index, job } = jobs[place];
		// A look that fails in passing says nothing about the job; one that fails for good is the last pass's matter.
		if (!looked.ok && (looked.passing || (looked.notFound && isKnown(job))))
			pending.push({ index, job, status: 'unknown' });
		else if (looked.ok && ['queued', 'running'].includes(looked.value.status)) {
			const { status, queuePosition } = looked.value;
			pending.push({ index, job, status, ...(queuePosition === undefined ? {} : { queuePosition }) });
		} else {
			const outcome = looked.ok ? looked.value.outcome : memory.outcomeOf(job.requestId);
			if (outcome) memory.keepOutcome(job.requestId, outcome);
			const status = (looked.ok ? looked.value.status : outcome?.status) ?? 'unknown';
			ended.push({ index, job, status });
			anyFailed ||= status !== 'succeeded';
		}
	});
	return { pending, ended, anyFailed };
}

/** Milliseconds until the next look: the older the jobs, the longer; never past the deadline. */
function wakeInMs(
	pending: LookedAt[],
	since: number,
	{ clock, pollIntervalSeconds }: RunSetting<unknown>,
	leftMs: number,
): number {
	// Of a job that is known by its request id alone nobody knows the age.
	const youngest = Math.max(...pending.map(({ job }) => job.submittedAt || since));
	const grown = ((clock.now() - youngest) / 1000) * WAKE.shareOfAge;
	const seconds = pollIntervalSeconds ?? Math.min(WAKE.longestSeconds, grown);
	return Math.min(leftMs, Math.max(WAKE.shortestSeconds, seconds) * 1000);
}
