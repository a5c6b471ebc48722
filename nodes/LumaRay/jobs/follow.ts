import type { Feed, Job, LogLine, Outcome, Progress, Provider, Reading } from '../providers/provider';
import { backoffMs } from '../transport/backoff';
import type { Clock } from '../transport/clock';
import type { Bells } from './bells';
import type { Forecast } from './forecast';
import { LOOK_TRIES } from './look';
import { nextLookMs } from './pace';
import { createSteadyTime } from './steadyTime';
import type { Problem } from '../models/problem';

export interface FollowSetting {
	provider: Provider;
	clock: Clock;
	bells: Bells;
	/** Absent where the person wants polling only. */
	feed?: Feed;
	turn: (signal: AbortSignal) => Promise<void>;
	/** Ends the following at once; the job goes on. */
	signal: AbortSignal;
	/** Unix time in milliseconds after which nobody waits any more. */
	deadline: number;
	pollIntervalSeconds?: number;
	forecast: Forecast;
}

export type Followed =
	| { end: 'outcome'; outcome: Outcome }
	/** The deadline has passed. */
	| { end: 'timeout'; status: Progress['phase'] }
	/** The provider will not tell: wrong key, unknown id. */
	| { end: 'untold'; problem: Problem }
	| { end: 'stopped' };

/**
 * Waits for the end of a job. A read that fails in passing is repeated with backoff until the deadline: a failed
 * poll is no failed job. Reports of the feed only say when to look; what counts is what the provider answers.
 * @param kind what the job has in common with others that take about as long
 * @param known whether the provider has accepted or shown this job before, so that a 404 is a hitch
 */
export async function followJob(
	job: Job,
	kind: string,
	known: boolean,
	setting: FollowSetting,
): Promise<Followed> {
	const { provider, clock, bells, turn, signal, deadline, forecast } = setting;
	const now = createSteadyTime(clock);
	const startedAt = now();
	let isKnown = known;
	let ended = false;
	let failures = 0;
	let missed = 0;
	let looked = false;
	// A job that was just submitted is given time; one of an earlier run may have ended long ago.
	const isFresh = known && job.submittedAt >= startedAt - 1_000;
	const seen = createSightings(job, clock, isFresh);
	const nextPause = () => pauseMsOf(job, kind, now() - startedAt, setting);
	let nextLookAt = startedAt + (isFresh ? nextPause() : 0);

	for (;;) {
		const pauseMs = Math.min(nextLookAt, deadline) - now();
		if (pauseMs > 0) {
			const ring = await bells.wait(job.requestId, pauseMs, signal);
			now(pauseMs);
			if (ring === 'uncovered') {
				nextLookAt = now() + nextPause();
				continue;
			}
			if (ring !== undefined) {
				seen.note(ring, true);
				ended = ring.phase === 'ended';
				// News that it goes on puts no look off: the news of its end may get lost all the same.
				if (!ended) continue;
			}
		}
		if (signal.aborted) return { end: 'stopped' };
		// A job that is taken up late is looked at once all the same: it may have ended long ago.
		if (looked && !ended && now() >= deadline) return { end: 'timeout', status: seen.phase() };
		looked = true;
		await turn(signal);
		const reading: Reading<Outcome | Progress> = ended
			? await provider.outcome(job, signal)
			: await provider.progress(job, signal);
		if (signal.aborted) return { end: 'stopped' };
		if (!reading.ok) {
			// The video of a job that has ended is kept for a limited time; no patience brings it back.
			if (ended && reading.notFound) missed++;
			const passing = reading.passing || (reading.notFound === true && isKnown && missed < LOOK_TRIES);
			if (!passing) return { end: 'untold', problem: reading.problem };
			failures++;
			ended = false;
			nextLookAt = now() + backoffMs(failures, clock, reading.retryAfterMs);
			continue;
		}
		failures = 0;
		isKnown = true;
		if ('status' in reading.value) {
			if (isFresh) forecast.learn(kind, now() - startedAt);
			return { end: 'outcome', outcome: seen.complete(reading.value) };
		}
		seen.note(reading.value, false);
		ended = reading.value.phase === 'ended';
		nextLookAt = now() + (ended ? 0 : nextPause());
	}
}

/** Milliseconds until the next poll of a job that has been followed for `ageMs`. */
function pauseMsOf(job: Job, kind: string, ageMs: number, setting: FollowSetting): number {
	const sight = {
		ageMs,
		covered: setting.feed?.covers(job.requestId) ?? false,
		proven: setting.bells.haveReportedAnEnd(),
		expectedMs: setting.forecast.expected(kind),
		ownSeconds: setting.pollIntervalSeconds,
	};
	return nextLookMs(sight, setting.clock);
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
