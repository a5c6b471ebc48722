import type { Job, Json, Order, Outcome, Provider, Reading } from '../providers/provider';
import type { Problem } from '../models/problem';
import type { Clock } from '../transport/clock';
import type { Failure, Memory } from './memory';
import type { RecentMemory } from './recent';

/** The input and the results of a run, shared by all its parts. */

/** The work for one input item: order a job, remembered under a key, or continue a job known by its request ID. */
export type Task = { index: number } & ({ order: Order; key: string } | { job: Job });

export type OrderTask = Extract<Task, { order: Order }>;

/** An entry about a job in n8n's log. */
export type LogEvent =
	| { name: 'submitted' | 'reused' | 'found' }
	/**
	 * After a Stop. `askedToEnd`: a job in progress may still finish. `hadEnded`: it ended before the Stop.
	 * `leftRunning`: Cancel on Stop is off. `noCredential`: the node no longer has a credential for the job's provider.
	 */
	| { name: 'cancelled' | 'askedToEnd' | 'hadEnded' | 'leftRunning' | 'noCredential' }
	/** The provider's answer contains fewer jobs than the submit asked for. */
	| { name: 'fewerNamed'; data: { asked: number; named: number } }
	| { name: 'unknownOutcome' | 'notCancelled'; problem: Problem };

export interface RunContext<Stored> {
	provider: Provider;
	clock: Clock;
	/** Aborts on Stop and on the execution's timeout. */
	signal: AbortSignal;
	memory: Memory | RecentMemory;
	/**
	 * How the run finds out that a job has ended: `auto` by event stream, with polls as a backup; `poll` by polls only;
	 * `direct` by the provider's blocking call; `none` not at all (submit only).
	 */
	follow: 'auto' | 'poll' | 'direct' | 'none';
	timeoutMs: number;
	/** When the timeout started (Unix time in milliseconds), if an earlier pass started to wait. */
	since?: number;
	/** The run was parked and has been resumed: it collects its jobs and orders nothing new. */
	resumes?: boolean;
	/** The execution has no tries left: order nothing, and do not wait for jobs that still run. */
	lastPass?: boolean;
	/**
	 * How to search the provider's list for the job of a submit without an answer. `patient` (default): several reads
	 * with pauses. `later`: not in this pass. `again`: one read now, more in later passes. `finally`: one last read.
	 */
	search?: 'patient' | 'later' | 'again' | 'finally';
	/** This pass only submits and polls. A later pass collects the videos and reports what is missing. */
	parks?: boolean;
	cancelOnTimeout: boolean;
	cancelOnStop: boolean;
	/** Whether a Stop after the end of the run still cancels its unfinished jobs. */
	cancelsUnfinished?: boolean;
	pollIntervalSeconds?: number;
	/** Submits in flight at once. */
	concurrency: number;
	/** The first failed item ends the run: it submits nothing more and stops waiting for the other items. */
	failFast: boolean;
	/** Downloads the video, with several tries (see `storeFile`). Never throws. Absent if only the URL is needed. */
	collect?: (outcome: Outcome, signal: AbortSignal) => Promise<Reading<Stored>>;
	/** `about` has no request ID if it is unknown whether the provider accepted a job. */
	log: (event: LogEvent, about: Pick<Job, 'provider'> & Partial<Job>, index: number) => void;
}

/**
 * How one job of the run ended. An item that asks for several videos has several results.
 * `answer` is the provider's answer to the submit, if this run sent it.
 */
export type Result<Stored> = { index: number; job?: Job; outcome?: Outcome; answer?: Json } & (
	| { ok: true; job: Job; stored?: Stored }
	/** `halted`: another item ended the run. `searching`: a later pass searches for the job. */
	| ({ ok: false; halted?: boolean; searching?: boolean } & Failure)
);

/** The failure of an item, as plain data that can be saved. */
export function failureIn({ problem, job, status, open }: Failure): Failure {
	return {
		problem,
		...(job && { job }),
		...(status && { status }),
		...(open && { open }),
	};
}

/** The run stopped waiting for this item: another item ended the run, or the execution was stopped. */
export function halted<Stored>(index: number): Result<Stored> {
	return { index, ok: false, halted: true, problem: { name: 'halted' } };
}
