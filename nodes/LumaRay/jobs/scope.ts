import type { Feed } from '../providers/provider';
import { createBells } from './bells';
import { createConclusions, type Conclude } from './conclude';
import { claimsOf, type Claims } from './find';
import type { FollowSetting } from './follow';
import { createForecast } from './forecast';
import { createPool } from './pool';
import type { RunSetting } from './setting';
import { createUnended, type Unended } from './unended';

/** Milliseconds that the first submit waits for the event stream. */
const FEED_PATIENCE_MS = 3_000;

/** What all orders of a run share. Opened once, closed once. */
export interface Scope<Stored> {
	setting: RunSetting<Stored>;
	/** Aborts when the items are no longer waited for: Stop, or a failed item that ends the run. */
	going: AbortSignal;
	/** Unix time in milliseconds after which no job is waited for. */
	deadline: number;
	follow: FollowSetting;
	submitting: ReturnType<typeof createPool>;
	conclude: Conclude<Stored>;
	unended: Unended;
	claims: Claims;
	/** Ends the run: nothing more is submitted, and no job is waited for. */
	halt(): void;
	close(): void;
}

/** Opens what the orders of a run share, the provider's event stream among it. */
export async function openScope<Stored>(setting: RunSetting<Stored>): Promise<Scope<Stored>> {
	const { provider, clock, signal, memory } = setting;
	const halting = new AbortController();
	const going = AbortSignal.any([signal, halting.signal]);
	const bells = createBells(clock);
	const forecast = createForecast();
	const deadline = setting.lastPass ? clock.now() : (setting.since ?? clock.now()) + setting.timeoutMs;
	const unended = createUnended(setting);
	const claims = claimsOf(clock);
	memory.requestIds().forEach((requestId) => claims.taken.add(requestId));
	let feed: Feed | undefined;
	if (setting.follow === 'auto') {
		feed = provider.openFeed(
			(requestId, progress) => bells.ring(requestId, progress ?? 'replan'),
			(kind) => forecast.expected(kind),
		);
		// An end that comes before the stream is open is never reported again, so the first submit waits for it a little.
		await Promise.race([feed.ready(), clock.sleep(FEED_PATIENCE_MS, going)]);
	}
	return {
		setting,
		going,
		deadline,
		follow: {
			provider,
			clock,
			bells,
			feed,
			forecast,
			signal: going,
			deadline,
			pollIntervalSeconds: setting.pollIntervalSeconds,
		},
		submitting: createPool(setting.concurrency),
		conclude: createConclusions(setting, going),
		unended,
		claims,
		halt: () => halting.abort(),
		close() {
			const isWatched = setting.cancelsLeftovers && setting.follow !== 'none' && !unended.isEmpty();
			if (!isWatched) unended.close();
			feed?.close();
		},
	};
}
