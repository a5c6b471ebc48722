import type { Clock } from '../transport/clock';
import { createRate, type Lane, type Rate, type RateLimits, type Verdict } from '../transport/rate';
import type { Provider, Reading, Submission } from './provider';

/**
 * The rates of this process: one for the reads and one for the submits of each account at each address of a provider.
 * If a provider refuses requests of one account, that says nothing about other accounts.
 */

/**
 * An answer to a read takes 100 to 300 ms, so 16 reads at once are about 100 per second. `atOnce` also limits how many
 * connections the process has open.
 */
const READS: RateLimits = { firstPerSecond: 500, mostPerSecond: 1_000, atOnce: 16 };
const SUBMITS: RateLimits = { firstPerSecond: 500, mostPerSecond: 1_000, atOnce: 32 };

const rates = new WeakMap<Clock, Map<string, Rate>>();

/**
 * The rate of this name. Each process has one clock, so the clock identifies the process.
 * @param name the kind of request and the address
 */
function rateAt(clock: Clock, name: string, limits: RateLimits): Rate {
	const ofProcess = rates.get(clock) ?? new Map<string, Rate>();
	rates.set(clock, ofProcess);
	const rate = ofProcess.get(name) ?? createRate(clock, limits);
	ofProcess.set(name, rate);
	return rate;
}

/** Sends one execution's reads of jobs at the rate that the provider allows. */
export interface PacedReads {
	/** Checks whether a job has ended. */
	poll<T>(signal: AbortSignal, read: () => Promise<Reading<T>>): Promise<Reading<T>>;
	/** Reads the outcome of a job that has ended. Goes before all polls of the execution. */
	result<T>(signal: AbortSignal, read: () => Promise<Reading<T>>): Promise<Reading<T>>;
	lane: Lane;
	/** Whether the provider has refused reads, or answered slowly, so that each read counts. */
	isLimited(): boolean;
}

/**
 * @param address where the provider answers reads
 * @param account identifies the account at the provider
 */
export function pacedReads(clock: Clock, address: string, account = ''): PacedReads {
	const rate = rateAt(clock, `read ${address} ${account}`, READS);
	const lane = rate.openLane();
	return {
		poll: async (signal, read) => await lane(read, { signal, judge: verdictOn }),
		result: async (signal, read) => await lane(read, { signal, urgent: true, judge: verdictOn }),
		lane,
		isLimited: () => rate.isLimited(),
	};
}

/**
 * Sends one execution's submits at the rate that the provider accepts.
 * @param address where the provider accepts jobs
 * @param account identifies the account at the provider
 */
export function pacedSubmits(clock: Clock, address: string, account = ''): Provider['inTurn'] {
	const lane = rateAt(clock, `submit ${address} ${account}`, SUBMITS).openLane();
	const judge = (submission: Submission | undefined): Verdict =>
		submission?.result === 'refused' && submission.again
			? { refused: true, retryAfterMs: submission.retryAfterMs }
			: { refused: false };
	return async (signal, submit) => await lane(submit, { signal, judge });
}

/** Whether a provider asks for fewer requests with this HTTP status. */
export function asksForFewer(status: number | undefined): boolean {
	return status === 429 || status === 503;
}

function verdictOn(reading: Reading<unknown>): Verdict {
	if (reading.ok || !asksForFewer(reading.problem.httpStatus)) return { refused: false };
	return { refused: true, retryAfterMs: reading.retryAfterMs };
}
