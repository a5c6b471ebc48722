import type { IDataObject } from 'n8n-workflow';

import type { ModelName } from '../../nodes/LumaRay/models/names';
import type { Endpoint, Fault, JobStatus, Sandbox, Service } from '../../sandbox';

export type Follow = 'auto' | 'poll' | 'direct';

/** How a run must end. There must never be more than one job per item. */
export type Ending =
	/** One job and one video. `output`: what the item must contain in addition. */
	| { end: 'succeeds'; output?: object }
	/** Nothing was accepted, and the error says why. */
	| { end: 'refused'; message: RegExp }
	/**
	 * It is unknown whether a job exists. `jobs`: how many really exist. The error says that the outcome is unknown,
	 * and how to check it.
	 */
	| { end: 'open'; jobs: 0 | 1 }
	/** One job, and an error with its ID, or with the false ID that the provider returned. */
	| { end: 'fails'; message: RegExp; id?: string; job?: JobStatus }
	/** One failed job of a blocking call. The provider's answer does not contain its ID. */
	| { end: 'failsUnnamed'; message: RegExp };

/** One fault at one endpoint of one provider, with one setting of Status Updates. */
export interface FaultRow {
	provider: Service;
	endpoint: Endpoint;
	follow: Follow;
	/** A description of the fault. */
	what: string;
	/** A function, if the fault needs an address of the sandbox. */
	fault: Fault | ((sandbox: Sandbox) => Fault);
	/** Which requests it affects (default: the first one). */
	nth?: number | [from: number, to: number];
	ending: Ending;
	/** The operations in which it can occur (default: all). */
	operations?: readonly ModelName[];
	/** How many times the paid request is sent (default: once, or never if nothing is accepted). */
	paidRequests?: number;
	/** Parameters and options of the node, in addition to provider and Follow. */
	parameters?: IDataObject;
	options?: IDataObject;
	/** Whether the files come from the item's binary data. `large`: a video that is uploaded in parts. */
	uploads?: boolean | 'large';
	/** Whether it needs a sandbox that no other case has used, because the node caches what it read. */
	needsOwnSandbox?: boolean;
	/** Whether the job never ends by itself. */
	endless?: boolean;
	/** Other faults that the case needs. */
	besides?: Array<{ endpoint: Endpoint; fault: Fault }>;
	/** Credential fields that override those of the sandbox. */
	credential?: IDataObject;
}

/** A fault in one of the operations. */
export interface FaultCase extends FaultRow {
	operation: ModelName;
}

export function nameOf({ provider, endpoint, follow, what, operation }: FaultCase): string {
	return `${provider} ${endpoint} (${follow}), ${operation}: ${what}`;
}

export const EVERY: [from: number, to: number] = [1, 1_000_000];
/** The message about an answer that reports success without a video. */
export const NO_VIDEO = /returned no video/;
export const SUCCEEDS: Ending = { end: 'succeeds' };
