import type { Feed, Job, LogLine, Outcome, Progress, Provider, Reading } from '../providers/provider';
import { asksForFewer } from '../providers/rates';
import { backoffMs } from '../transport/backoff';
import type { Clock } from '../transport/clock';
import type { JobEvents } from './jobEvents';
import type { Forecast } from './forecast';
import { STATUS_TRIES } from './status';
import { nextPollMs, shouldHaveEnded } from './pace';
import { createSteadyTime } from './steadyTime';
import type { Problem } from '../models/problem';

export interface FollowContext {
	provider: Provider;
	clock: Clock;
	jobEvents: JobEvents;
	/** Absent if the user wants polling only. */
	feed?: Feed;
	/** Stops following immediately. The job keeps running. */
	signal: AbortSignal;
	/** When the wait ends (Unix time in milliseconds). */
	deadline: number;
	/** Aborts with `signal`, or a certain time after the deadline. This ends a read that still waits for its turn. */
	inTime: AbortSignal;
	pollIntervalSeconds?: number;
	forecast: Forecast;
}

export type FollowResult =
	| { end: 'outcome'; outcome: Outcome }
	/** The deadline has passed. */
	| { end: 'timeout'; status: Progress['phase'] }
	/** The status cannot be read, for example because of a wrong key or an unknown ID. */
	| { end: 'unreadable'; problem: Problem }
	| { end: 'stopped' };

/**
 * Waits for the end of a job. A read that fails transiently is repeated with backoff until the deadline: a failed poll
 * does not fail the job. Events of the feed only say when to poll; the provider's answer to a poll decides.
 * @param kind jobs of one kind take about the same time
 * @param known whether the provider has accepted or shown this job before, so that a 404 is transient
 */
export async function followJob(
	job: Job,
	kind: string,
	known: boolean,
	context: FollowContext,
): Promise<FollowResult> {
	const { clock, jobEvents, signal, deadline, inTime, forecast } = context;
	const now = createSteadyTime(clock);
	const startedAt = now();
	const failures = createFailures(known, clock);
	let [ended, polled] = [false, false];
	/** Whether the stream that now covers the job has reported on it. */
	let reported = false;
	// A job that was just submitted is not polled immediately. A job of an earlier run may have ended long ago.
	const isFresh = known && job.submittedAt >= startedAt - 1_000;
	const record = createProgressRecord(job, clock, isFresh);
	let polledAt = startedAt;
	// Counted from the last poll, so a stream that reconnects again and again cannot postpone polls for long.
	const nextPoll = () => polledAt + pauseMsOf(job, kind, polledAt - startedAt, isFresh, reported, context);
	let nextPollAt = isFresh ? nextPoll() : startedAt;
	const timedOut = () => ({ end: 'timeout', status: record.phase() }) as const;

	for (;;) {
		const pauseMs = Math.min(nextPollAt, deadline) - now();
		if (pauseMs > 0) {
			const event = await jobEvents.wait(job.requestId, pauseMs, signal);
			now(pauseMs);
			if (event === 'replan') {
				reported = false;
				if (!failures.any()) nextPollAt = nextPoll();
				continue;
			}
			if (event !== undefined) {
				record.add(event, true);
				ended = event.phase === 'ended';
				// Only the first "still running" event postpones the next poll: the event of the end may get lost.
				if (!ended && !reported && !failures.any()) {
					reported = true;
					nextPollAt = nextPoll();
				}
				if (!ended) continue;
			}
		}
		if (signal.aborted) return { end: 'stopped' };
		// Even after the deadline, a job is polled once. If it has just ended, its result is read once.
		if (polled && (!ended || failures.any()) && now() >= deadline) return timedOut();
		polled = true;
		const isDue = isFresh && shouldHaveEnded(now() - startedAt, forecast.expected(kind));
		const reading = await readJob(job, ended, isDue ? record.phase() : undefined, context);
		polledAt = now();
		if (signal.aborted) return { end: 'stopped' };
		if (!reading.ok && inTime.aborted) return timedOut();
		if (!reading.ok) {
			const pause = failures.add(reading, ended);
			if (pause === undefined) return { end: 'unreadable', problem: reading.problem };
			// A rate limit says nothing about the job. Any other failure may mean that it has not ended after all.
			ended = ended && asksForFewer(reading.problem.httpStatus);
			nextPollAt = now() + pause;
			continue;
		}
		failures.end();
		if ('status' in reading.value) {
			if (isFresh && reading.value.status === 'succeeded') forecast.learn(kind, now() - startedAt);
			return { end: 'outcome', outcome: record.complete(reading.value) };
		}
		record.add(reading.value, false);
		ended = reading.value.phase === 'ended';
		nextPollAt = ended ? now() : nextPoll();
	}
}

/**
 * Counts the reads of a job that failed one after another.
 * @param known whether the provider has accepted or shown the job, so that a 404 is transient
 */
function createFailures(known: boolean, clock: Clock) {
	let isKnown = known;
	let failed = 0;
	let gone = 0;
	return {
		any: () => failed > 0,
		/** @returns milliseconds until the next read, or undefined if more reads do not help */
		add(reading: Reading<unknown> & { ok: false }, ended: boolean): number | undefined {
			// Providers keep a video for a limited time. If it is gone, more tries do not help.
			if (ended && reading.notFound) gone++;
			const mayAppear = reading.notFound === true && isKnown && gone < STATUS_TRIES;
			if (!reading.transient && !mayAppear) return undefined;
			return backoffMs(++failed, clock, reading.retryAfterMs);
		},
		/** A read succeeded. */
		end(): void {
			failed = 0;
			isKnown = true;
		},
	};
}

/** @param duePhase the last known phase of a job that should have ended */
async function readJob(
	job: Job,
	ended: boolean,
	duePhase: Progress['phase'] | undefined,
	{ provider, inTime }: FollowContext,
): Promise<Reading<Outcome | Progress>> {
	if (ended) return await provider.outcome(job, inTime);
	if (duePhase !== undefined && provider.skipsStatus()) {
		// Reads of jobs that may have ended must not hold up other polls.
		const reading = await provider.outcome(job, inTime, 'poll');
		if (reading.ok && reading.value.status === 'succeeded' && !reading.value.problem) return reading;
		if (!reading.ok && reading.problem.name === 'notEnded') {
			// An end that was reported before is not true, or reads would follow each other without a pause.
			return { ok: true, value: { phase: duePhase === 'ended' ? 'running' : duePhase } };
		}
		if (!reading.ok && asksForFewer(reading.problem.httpStatus)) return reading;
		// Only a video proves the end. For anything else, ask for the status.
	}
	return await provider.progress(job, inTime);
}

/**
 * Milliseconds from the last poll of a job to the next one.
 * @param ageMs milliseconds from the start of following to the last poll
 * @param isFresh whether the job was submitted when following started
 * @param reported whether a stream covers the job and has reported on it
 */
function pauseMsOf(
	{ requestId }: Job,
	kind: string,
	ageMs: number,
	isFresh: boolean,
	reported: boolean,
	{ feed, jobEvents, forecast, clock, pollIntervalSeconds }: FollowContext,
): number {
	const covered = feed?.covers(requestId) ?? false;
	const replan = () => jobEvents.emit(requestId, 'replan');
	const state = {
		ageMs,
		covered,
		proven: reported || jobEvents.haveReportedAnEnd(),
		spared: isFresh && !covered && forecast.isSpared(kind, requestId, replan),
		expectedMs: forecast.expected(kind),
		ownSeconds: pollIntervalSeconds,
	};
	return nextPollMs(state, clock);
}

/**
 * Records the progress of a job, to add values that the outcome does not report.
 * @param isFresh whether the job was just submitted, so it cannot have ended yet
 */
function createProgressRecord(job: Job, clock: Clock, isFresh: boolean) {
	let phase: Progress['phase'] = 'queued';
	let wasUnfinished = isFresh;
	let runningSince: number | undefined;
	let runSeconds: number | undefined;
	let logs: LogLine[] | undefined;
	return {
		phase: () => phase,
		/** An event of a stream has only the new lines of the log, a poll the whole log. */
		add(progress: Progress, isEvent: boolean): void {
			phase = progress.phase;
			wasUnfinished ||= phase !== 'ended';
			if (phase === 'running') runningSince ??= clock.now();
			runSeconds = progress.runSeconds ?? runSeconds;
			if (progress.logs) logs = isEvent ? [...(logs ?? []), ...progress.logs] : progress.logs;
		},
		complete(outcome: Outcome): Outcome {
			// A job that had ended before it was first polled may have ended at any time.
			const completedAt = outcome.completedAt ?? (wasUnfinished ? clock.now() : undefined);
			const observedRun =
				runningSince === undefined || completedAt === undefined
					? undefined
					: (completedAt - runningSince) / 1000;
			const observedQueue =
				runningSince === undefined || job.submittedAt === 0
					? undefined
					: (runningSince - job.submittedAt) / 1000;
			return {
				...outcome,
				...(completedAt === undefined ? {} : { completedAt }),
				runSeconds: outcome.runSeconds ?? runSeconds ?? observedRun,
				queueSeconds: outcome.queueSeconds ?? observedQueue,
				logs: outcome.logs ?? logs,
			};
		},
	};
}
