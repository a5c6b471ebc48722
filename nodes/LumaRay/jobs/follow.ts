import type { Feed, Job, LogLine, Outcome, Progress, Provider, Reading } from '../providers/provider';
import { asksForFewer } from '../providers/rates';
import { backoffMs } from '../transport/backoff';
import type { Clock } from '../transport/clock';
import type { JobEvents } from './jobEvents';
import type { Forecast } from './forecast';
import { STATUS_TRIES } from './status';
import { nextPollMs } from './pace';
import { createSteadyTime } from './steadyTime';
import type { Problem } from '../models/problem';

export interface FollowContext {
	provider: Provider;
	clock: Clock;
	jobEvents: JobEvents;
	/** Absent where the person wants polling only. */
	feed?: Feed;
	/** Ends the following at once; the job goes on. */
	signal: AbortSignal;
	/** Unix time in milliseconds after which nobody waits any more. */
	deadline: number;
	/** Aborts with `signal`, and some time after the deadline: a read that still waits for its turn is given up. */
	inTime: AbortSignal;
	pollIntervalSeconds?: number;
	forecast: Forecast;
}

export type FollowResult =
	| { end: 'outcome'; outcome: Outcome }
	/** The deadline has passed. */
	| { end: 'timeout'; status: Progress['phase'] }
	/** The provider will not tell: wrong key, unknown id. */
	| { end: 'unreadable'; problem: Problem }
	| { end: 'stopped' };

/**
 * Waits for the end of a job. A read that fails transiently is repeated with backoff until the deadline: a failed
 * poll is no failed job. Reports of the feed only say when to look; what counts is what the provider answers.
 * @param kind what the job has in common with others that take about as long
 * @param known whether the provider has accepted or shown this job before, so that a 404 is a hitch
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
	let isKnown = known;
	let ended = false;
	let failures = 0;
	let missed = 0;
	let polled = false;
	// A job that was just submitted is given time; one of an earlier run may have ended long ago.
	const isFresh = known && job.submittedAt >= startedAt - 1_000;
	const seen = createSightings(job, clock, isFresh);
	let polledAt = startedAt;
	// From the last poll on: a stream that is lost and found again and again never puts a poll off for long.
	const nextPoll = () => polledAt + pauseMsOf(job, kind, polledAt - startedAt, isFresh, context);
	let nextPollAt = isFresh ? nextPoll() : startedAt;

	for (;;) {
		const pauseMs = Math.min(nextPollAt, deadline) - now();
		if (pauseMs > 0) {
			const ring = await jobEvents.wait(job.requestId, pauseMs, signal);
			now(pauseMs);
			if (ring === 'replan') {
				if (failures === 0) nextPollAt = nextPoll();
				continue;
			}
			if (ring !== undefined) {
				seen.note(ring, true);
				ended = ring.phase === 'ended';
				// News that it goes on puts no poll off: the news of its end may get lost all the same.
				if (!ended) continue;
			}
		}
		if (signal.aborted) return { end: 'stopped' };
		// A job that is taken up late is polled at once all the same, and so is the result of one that has just ended.
		if (polled && (!ended || failures > 0) && now() >= deadline)
			return { end: 'timeout', status: seen.phase() };
		polled = true;
		const reading = await readJob(job, ended, context);
		polledAt = now();
		if (signal.aborted) return { end: 'stopped' };
		if (!reading.ok && inTime.aborted) return { end: 'timeout', status: seen.phase() };
		if (!reading.ok) {
			// The video of a job that has ended is kept for a limited time; no patience brings it back.
			if (ended && reading.notFound) missed++;
			const transient = reading.transient || (reading.notFound === true && isKnown && missed < STATUS_TRIES);
			if (!transient) return { end: 'unreadable', problem: reading.problem };
			failures++;
			// A refusal says nothing about the job; anything else may mean that it has not ended after all.
			ended = ended && asksForFewer(reading.problem.httpStatus);
			nextPollAt = now() + backoffMs(failures, clock, reading.retryAfterMs);
			continue;
		}
		failures = 0;
		isKnown = true;
		if ('status' in reading.value) {
			// One that failed may have failed at once, and says nothing about the others.
			if (isFresh && reading.value.status === 'succeeded') forecast.learn(kind, now() - startedAt);
			return { end: 'outcome', outcome: seen.complete(reading.value) };
		}
		seen.note(reading.value, false);
		ended = reading.value.phase === 'ended';
		nextPollAt = ended ? now() : nextPoll();
	}
}

async function readJob(
	job: Job,
	ended: boolean,
	{ provider, inTime }: FollowContext,
): Promise<Reading<Outcome | Progress>> {
	return ended ? await provider.outcome(job, inTime) : await provider.progress(job, inTime);
}

/**
 * Milliseconds from the last poll of a job, when it had been followed for `ageMs`, to the next one.
 * @param isFresh whether it was submitted then
 */
function pauseMsOf(
	{ requestId }: Job,
	kind: string,
	ageMs: number,
	isFresh: boolean,
	{ feed, jobEvents, forecast, clock, pollIntervalSeconds }: FollowContext,
): number {
	const covered = feed?.covers(requestId) ?? false;
	const replan = () => jobEvents.ring(requestId, 'replan');
	const sight = {
		ageMs,
		covered,
		proven: jobEvents.haveReportedAnEnd(),
		spared: isFresh && !covered && forecast.isSpared(kind, requestId, replan),
		expectedMs: forecast.expected(kind),
		ownSeconds: pollIntervalSeconds,
	};
	return nextPollMs(sight, clock);
}

/**
 * What was seen of a job on the way, for what the outcome itself does not tell.
 * @param isFresh whether the job was just submitted, and so is known to be unfinished
 */
function createSightings(job: Job, clock: Clock, isFresh: boolean) {
	let phase: Progress['phase'] = 'queued';
	let wasUnfinished = isFresh;
	let runningSince: number | undefined;
	let runSeconds: number | undefined;
	let logs: LogLine[] | undefined;
	return {
		phase: () => phase,
		/** A stream tells only what is new in the log, a poll the whole of it. */
		note(progress: Progress, isNews: boolean): void {
			phase = progress.phase;
			wasUnfinished ||= phase !== 'ended';
			if (phase === 'running') runningSince ??= clock.now();
			runSeconds = progress.runSeconds ?? runSeconds;
			if (progress.logs) logs = isNews ? [...(logs ?? []), ...progress.logs] : progress.logs;
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
