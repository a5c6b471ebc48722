import type { Clock } from '../transport/clock';
import { createRate, type Lane, type RateLimits, type Verdict } from '../transport/rate';
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

const rates = new WeakMap<Clock, Map<string, () => Lane>>();

/**
 * Opens a lane at the rate of this name. Each process has one clock, so the clock identifies the process.
 * @param name the kind of request and the address
 */
function laneAt(clock: Clock, name: string, limits: RateLimits): Lane {
	const ofProcess = rates.get(clock) ?? new Map<string, () => Lane>();
	rates.set(clock, ofProcess);
	const openLane = ofProcess.get(name) ?? createRate(clock, limits);
	ofProcess.set(name, openLane);
	return openLane();
}

/** Sends one execution's reads of jobs at the rate that the provider allows. */
export interface PacedReads {
	/** Checks whether a job has ended. */
	poll<T>(signal: AbortSignal, read: () => Promise<Reading<T>>): Promise<Reading<T>>;
	/** Reads the outcome of a job that has ended. Goes before all polls of the execution. */
	result<T>(signal: AbortSignal, read: () => Promise<Reading<T>>): Promise<Reading<T>>;
	lane: Lane;
}

/**
 * @param address where the provider answers reads
 * @param account identifies the account at the provider
 */
export function pacedReads(clock: Clock, address: string, account = ''): PacedReads {
	const lane = laneAt(clock, `read ${address} ${account}`, READS);
	return {
		poll: async (signal, read) => await lane(read, { signal, judge: verdictOn }),
		result: async (signal, read) => await lane(read, { signal, urgent: true, judge: verdictOn }),
		lane,
	};
}

/**
 * Sends one execution's submits at the rate that the provider accepts.
 * @param address where the provider accepts jobs
 * @param account identifies the account at the provider
 */
export function pacedSubmits(clock: Clock, address: string, account = ''): Provider['inTurn'] {
	const lane = laneAt(clock, `submit ${address} ${account}`, SUBMITS);
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
