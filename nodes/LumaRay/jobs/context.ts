import type { Job, Json, Order, Outcome, Provider, Reading } from '../providers/provider';
import type { Problem } from '../models/problem';
import type { Clock } from '../transport/clock';
import type { Failure, Memory } from './memory';
import type { RecentMemory } from './recent';

/** What every part of a run works with, and what comes out of it. */

/** What is asked for one input item: a new job under the key that remembers it, or a job known by its request ID. */
export type Task = { index: number } & ({ order: Order; key: string } | { job: Job });

/** A task that orders a job. */
export type OrderTask = Extract<Task, { order: Order }>;

/** What n8n's log says about a job. */
export type LogEvent =
	| { name: 'submitted' | 'reused' | 'found' }
	/**
	 * After a Stop. `askedToEnd`: one in progress may still finish. `hadEnded`: before the Stop. `leftRunning`: as the
	 * user chose. `noCredential`: the node has none for the provider of the job any more.
	 */
	| { name: 'cancelled' | 'askedToEnd' | 'hadEnded' | 'leftRunning' | 'noCredential' }
	/** The provider's answer names fewer jobs than were asked for. */
	| { name: 'fewerNamed'; data: { asked: number; named: number } }
	| { name: 'unknownOutcome' | 'notCancelled'; problem: Problem };

export interface RunContext<Stored> {
	provider: Provider;
	clock: Clock;
	/** Stop, and the execution's timeout. */
	signal: AbortSignal;
	memory: Memory | RecentMemory;
	/**
	 * How a job's end is noticed: `auto` by event stream with polls behind it, `poll` by polls alone, `direct`
	 * through the provider's blocking call, `none` not at all (submit only).
	 */
	follow: 'auto' | 'poll' | 'direct' | 'none';
	timeoutMs: number;
	/** Unix time in milliseconds from which the timeout counts, if an earlier pass began to wait. */
	since?: number;
	/** The run was parked and is awake again: it collects what it has ordered and orders nothing. */
	resumes?: boolean;
	/** The tries of the execution are used up: nothing is ordered, and a job that still runs is no longer waited for. */
	lastPass?: boolean;
	/**
	 * How to search for the job of a submit without an answer in the provider's list: `patient` with a few pauses
	 * (default), `later` not in this pass, `again` by one read and in later passes too, `finally` by one last read.
	 */
	search?: 'patient' | 'later' | 'again' | 'finally';
	/** This pass only submits and polls; a later one collects, and reports what is missing. */
	parks?: boolean;
	cancelOnTimeout: boolean;
	cancelOnStop: boolean;
	/** After the run has ended, a Stop still cancels the jobs that it left behind. */
	cancelsUnfinished?: boolean;
	pollIntervalSeconds?: number;
	/** Submits in flight at once. */
	concurrency: number;
	/** The first failed item ends the run: nothing more is submitted, and the others are not waited for. */
	failFast: boolean;
	/** Downloads the video, with several tries (see `storeFile`). Never throws. Absent if only its address is wanted. */
	collect?: (outcome: Outcome, signal: AbortSignal) => Promise<Reading<Stored>>;
	/** `about` has no request ID if a job may have been accepted whose ID is unknown. */
	log: (event: LogEvent, about: Pick<Job, 'provider'> & Partial<Job>, index: number) => void;
}

/**
 * How one job of the run ended; an item has several if several videos were asked for.
 * `answer` is the provider's answer to the submit, if this run sent it.
 */
export type Result<Stored> = { index: number; job?: Job; outcome?: Outcome; answer?: Json } & (
	| { ok: true; job: Job; stored?: Stored }
	/** `halted`: another item ended the run. `searching`: a later pass searches for the job. */
	| ({ ok: false; halted?: boolean; searching?: boolean } & Failure)
);

/** How a failed item ended, as plain data that can be saved. */
export function failureIn({ problem, job, status, open }: Failure): Failure {
	return {
		problem,
		...(job && { job }),
		...(status && { status }),
		...(open && { open }),
	};
}

/** This item is no longer waited for: another one ended the run, or the execution was stopped. */
export function halted<Stored>(index: number): Result<Stored> {
	return { index, ok: false, halted: true, problem: { name: 'halted' } };
}
