import type { IDataObject } from 'n8n-workflow';

import type { ModelName } from '../../nodes/LumaRay/models/names';
import type { Endpoint, Fault, JobStatus, Sandbox, Service } from '../../sandbox';

export type Follow = 'auto' | 'poll' | 'direct';

/** How a run must end. Never more than one job per item, whatever happens. */
export type Ending =
	/** One job, one video. `output`: what its item must hold besides. */
	| { end: 'succeeds'; output?: object }
	/** Nothing was accepted, and the error says why. */
	| { end: 'refused'; message: RegExp }
	/** It is unknown whether a job exists (this many do): the error says so, and how to look for it. */
	| { end: 'open'; jobs: 0 | 1 }
	/** One job, and an error that names it: by its id, or by the one that the provider pretends. */
	| { end: 'fails'; message: RegExp; id?: string; job?: JobStatus }
	/** One failed job of a blocking call, whose answer does not name it. */
	| { end: 'failsUnnamed'; message: RegExp };

/** One fault at one endpoint of one provider, with one setting of Status Updates. */
export interface FaultRow {
	provider: Service;
	endpoint: Endpoint;
	follow: Follow;
	/** What goes wrong, in words. */
	what: string;
	/** Some faults name an address of the sandbox. */
	fault: Fault | ((sandbox: Sandbox) => Fault);
	/** Which requests it affects (default: the first one). */
	nth?: number | [from: number, to: number];
	ending: Ending;
	/** The operations that can meet it (default: all). */
	operations?: readonly ModelName[];
	/** How often the paid request is sent (default: once, or never if nothing is accepted). */
	paidRequests?: number;
	/** Parameters and options of the node beyond provider and follow. */
	parameters?: IDataObject;
	options?: IDataObject;
	/** The files come from the workflow's binary data. `large`: a video that is uploaded in parts. */
	uploads?: boolean | 'large';
	/** It needs a sandbox that no other case has used: the node keeps what it read from it. */
	needsOwnSandbox?: boolean;
	/** The job does not end by itself. */
	endless?: boolean;
	/** Other faults that the case needs. */
	besides?: Array<{ endpoint: Endpoint; fault: Fault }>;
	/** Credential fields over those of the sandbox. */
	credential?: IDataObject;
}

/** A fault as one of the operations meets it. */
export interface FaultCase extends FaultRow {
	operation: ModelName;
}

export function nameOf({ provider, endpoint, follow, what, operation }: FaultCase): string {
	return `${provider} ${endpoint} (${follow}), ${operation}: ${what}`;
}

export const EVERY: [from: number, to: number] = [1, 1_000_000];
/** The words about an answer that reports success without a video. */
export const NO_VIDEO = /returned no video/;
export const SUCCEEDS: Ending = { end: 'succeeds' };
