import type { Job, Json, Order, Outcome, Provider, Reading } from '../providers/provider';
import type { Clock } from '../transport/clock';
import type { Failure, Memory } from './memory';

/** What every part of a run works with, and what comes out of it. */

/** What is asked for one input item: a new job, or one that is known by its request id. */
export type Task = { index: number } & ({ order: Order } | { job: Job });

export interface RunSetting<Stored> {
	provider: Provider;
	clock: Clock;
	/** Stop, and the execution's timeout. */
	signal: AbortSignal;
	memory: Memory;
	/**
	 * How a job's end is noticed: `auto` by event stream with polls behind it, `poll` by polls alone, `direct`
	 * through the provider's blocking call, `none` not at all (submit only).
	 */
	follow: 'auto' | 'poll' | 'direct' | 'none';
	timeoutMs: number;
	/**
	 * Unix time in milliseconds at which an earlier pass of the same execution began to wait for these jobs: the timeout
	 * counts from there, and a job that was cancelled meanwhile is not submitted anew. Absent on the first pass.
	 */
	waitingSince?: number;
	cancelOnTimeout: boolean;
	cancelOnStop: boolean;
	pollIntervalSeconds?: number;
	/** This pass only submits; a later one collects, and reports what is missing. */
	parks?: boolean;
	/** Nothing is submitted any more, and a job that still goes on is given up. */
	lastLook?: boolean;
	/** Submits in the air at once. */
	concurrency: number;
	/** The first bad item ends the run: nothing more is submitted, and nobody waits for the others. */
	failFast: boolean;
	/** Brings the video home, once. Absent where only its address is wanted. */
	collect?: (outcome: Outcome, signal: AbortSignal) => Promise<Reading<Stored>>;
	/** `about` has no request id where a job may have been accepted that nobody can name. */
	log: (message: string, about: Pick<Job, 'provider'> & Partial<Job>, index: number) => void;
}

/**
 * How one job of the run ended; an item has several where several videos were asked for.
 * `answer` is the provider's answer to the submit, where this run sent it.
 */
export type Result<Stored> = { index: number; job?: Job; outcome?: Outcome; answer?: Json } & (
	| { ok: true; job: Job; stored?: Stored }
	/** `halted`: another item ended the run. */
	| ({ ok: false; halted?: boolean } & Failure)
);

/** How a bad item ended, as plain data that can be saved. */
export function failureIn({ problem, job, status, open }: Failure): Failure {
	return {
		problem,
		...(job && { job }),
		...(status && { status }),
		...(open && { open }),
	};
}

/** Nobody waits for this item any more: another one ended the run, or the execution was stopped. */
export function halted<Stored>(index: number): Result<Stored> {
	const problem = { message: 'Another item ended the run before this one was done' };
	return { index, ok: false, halted: true, problem };
}
