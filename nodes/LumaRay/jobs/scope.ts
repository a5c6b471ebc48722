import type { Feed } from '../providers/provider';
import { timerMs } from './direct';
import { createJobEvents } from './jobEvents';
import { createConclusions, type Conclude } from './conclude';
import { claimsOf, type Claims } from './find';
import type { FollowContext } from './follow';
import { createForecast } from './forecast';
import { createPool } from './pool';
import type { RunContext } from './context';
import { trackUnfinished, type UnfinishedJobs } from './unfinished';

/** How long the first submit waits for the event stream to open, in milliseconds. */
const FEED_PATIENCE_MS = 3_000;

/**
 * How long after the deadline reads still get their turn, in milliseconds: enough for the reads of 10,000 jobs (200 s)
 * and for the longest pause that a provider may ask for. A provider that asks for endless pauses must not block the
 * run.
 */
const LATE_READS_MS = 5 * 60_000;

/** The state that all orders of a run share. Opened and closed once. */
export interface Scope<Stored> {
	context: RunContext<Stored>;
	/** Aborts when the run stops waiting for its items: on Stop, or if a failed item ends the run. */
	going: AbortSignal;
	/** When the run stops waiting for jobs (Unix time in milliseconds). */
	deadline: number;
	follow: FollowContext;
	submitting: ReturnType<typeof createPool>;
	conclude: Conclude<Stored>;
	unfinished: UnfinishedJobs;
	claims: Claims;
	/** Ends the run: it submits nothing more and stops waiting for jobs. */
	halt(): void;
	close(): void;
}

/** Opens the state that the orders of a run share, including the provider's event stream. */
export async function openScope<Stored>(context: RunContext<Stored>): Promise<Scope<Stored>> {
	const { provider, clock, signal, memory } = context;
	const halting = new AbortController();
	const going = AbortSignal.any([signal, halting.signal]);
	const jobEvents = createJobEvents(clock);
	const forecast = createForecast();
	const deadline = context.lastPass ? clock.now() : (context.since ?? clock.now()) + context.timeoutMs;
	const late = new AbortController();
	const leftMs = Math.max(0, deadline - clock.now());
	void clock.sleep(timerMs(leftMs + LATE_READS_MS), going).then(() => late.abort('late'));
	const unfinished = trackUnfinished(context);
	const claims = claimsOf(clock);
	memory.requestIds().forEach((requestId) => claims.taken.add(requestId));
	let feed: Feed | undefined;
	if (context.follow === 'auto') {
		feed = provider.openFeed(
			(requestId, progress) => jobEvents.emit(requestId, progress ?? 'replan'),
			(kind) => forecast.expected(kind),
		);
		// The stream does not report events from before it was open, so the first submit waits briefly for it.
		await Promise.race([feed.ready(), clock.sleep(FEED_PATIENCE_MS, going)]);
	}
	return {
		context,
		going,
		deadline,
		follow: {
			provider,
			clock,
			jobEvents,
			feed,
			forecast,
			signal: going,
			deadline,
			inTime: AbortSignal.any([going, late.signal]),
			pollIntervalSeconds: context.pollIntervalSeconds,
		},
		submitting: createPool(context.concurrency),
		conclude: createConclusions(context, going),
		unfinished,
		claims,
		halt: () => halting.abort('halted'),
		close() {
			const isWatched = context.cancelsUnfinished && context.follow !== 'none' && !unfinished.isEmpty();
			if (!isWatched) unfinished.close();
			feed?.close();
		},
	};
}
