import type { Job } from '../providers/provider';
import type { Problem } from '../transport/failures';
import { createPool } from './pool';
import { lookAtJob } from './look';
import { runJobs, type Result, type RunSetting, type Task } from './run';

/** Looks at once when a parked run wakes. */
const LOOKS_AT_ONCE = 10;
/** Seconds until a parked run wakes by itself: a share of the age of its youngest job, within bounds. */
const WAKE = { shareOfAge: 0.25, shortestSeconds: 60, longestSeconds: 300 } as const;

/** What a parked run knows beyond its jobs. Plain data, saved with the memory. */
export interface Parking {
	/** Unix time in milliseconds at which the run began to wait; its deadline counts from here. */
	since: number;
	/** Request ids of jobs that have ended. */
	ended: string[];
	/** Items that were refused; they are not submitted again while the others are waited for. */
	bad: Array<{ index: number; problem: Problem }>;
}

/** A job that a parked run waits for. */
export interface Pending {
	index: number;
	job: Job;
	status: string;
	queuePosition?: number;
}

export type Suspended<Stored> =
	| { end: 'results'; results: Array<Result<Stored>> }
	/** `wakeAt`: Unix time in milliseconds of the next look; `since`: of the first. */
	| { end: 'pending'; pending: Pending[]; wakeAt: number; since: number }
	| { end: 'stopped' };

/**
 * One pass of a run that parks: submits what is not yet submitted, looks once at every unfinished job, and either
 * says what to wait for or, when all has ended (or the deadline has passed), ends exactly as `runJobs` would.
 */
export async function runSuspended<Stored>(
	tasks: Task[],
	setting: RunSetting<Stored>,
): Promise<Suspended<Stored>> {
	const { memory, clock, signal } = setting;
	const parking = memory.parking() ?? { since: clock.now(), ended: [], bad: [] };
	const isBad = (index: number) => parking.bad.some((bad) => bad.index === index);
	const submitted = await runJobs(
		tasks.filter(({ index }) => !isBad(index)),
		{ ...setting, follow: 'none' },
	);
	if (!submitted) return { end: 'stopped' };
	for (const result of submitted) {
		if (!result.ok) parking.bad.push({ index: result.index, problem: result.problem });
	}
	if (setting.failFast && parking.bad.length > 0) return { end: 'results', results: submitted };

	const pending: Pending[] = [];
	let anyFailed = false;
	const looking = createPool(LOOKS_AT_ONCE);
	await Promise.all(
		submitted.map(async ({ index, job }) => {
			if (!job || parking.ended.includes(job.requestId)) return;
			const looked = await looking(async () => await lookAtJob(job, setting.provider, clock, signal));
			// A look that fails in passing says nothing about the job; one that fails for good is the last pass's matter.
			if (!looked.ok && looked.passing) pending.push({ index, job, status: 'unknown' });
			else if (looked.ok && ['queued', 'running'].includes(looked.value.status)) {
				const { status, queuePosition } = looked.value;
				pending.push({ index, job, status, ...(queuePosition === undefined ? {} : { queuePosition }) });
			} else {
				parking.ended.push(job.requestId);
				anyFailed ||= !looked.ok || looked.value.status !== 'succeeded';
			}
		}),
	);
	if (signal.aborted) return { end: 'stopped' };

	const left = parking.since + setting.timeoutMs - clock.now();
	if (pending.length > 0 && left > 0 && !(setting.failFast && anyFailed)) {
		memory.park(parking);
		pending.sort((one, other) => one.index - other.index);
		return {
			end: 'pending',
			pending,
			wakeAt: clock.now() + wakeInMs(pending, setting, left),
			since: parking.since,
		};
	}
	memory.unpark();
	const results = await runJobs(
		tasks.filter(({ index }) => !isBad(index)),
		{ ...setting, follow: 'poll', timeoutMs: Math.max(0, left) },
	);
	if (!results) return { end: 'stopped' };
	const bad = parking.bad.map(({ index, problem }): Result<Stored> => ({ index, ok: false, problem }));
	return { end: 'results', results: [...bad, ...results] };
}

function wakeInMs(
	pending: Pending[],
	{ clock, pollIntervalSeconds }: RunSetting<unknown>,
	leftMs: number,
): number {
	const youngest = Math.max(...pending.map(({ job }) => job.submittedAt));
	const grown = ((clock.now() - youngest) / 1000) * WAKE.shareOfAge;
	const seconds = pollIntervalSeconds ?? Math.min(WAKE.longestSeconds, grown);
	return Math.min(leftMs, Math.max(WAKE.shortestSeconds, seconds) * 1000);
}
