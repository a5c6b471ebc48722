import type { Job, Outcome } from '../providers/provider';
import type { Problem } from '../models/problem';
import type { Failure, RememberedSubmission } from './memory';

/** What an order's next step depends on. */
export interface Situation {
	/** What was paid for under the order's key. */
	remembered?: RememberedSubmission;
	/** The provider's list shows the jobs of this run; it does not show those of a blocking call. */
	isListed: boolean;
	/** The run was parked and is awake again. */
	resumes: boolean;
	/** The tries of the execution are used up. */
	lastPass: boolean;
	/** How the item last failed in this execution. */
	failure?: Failure;
}

/** The next step of one order. */
export type Decision =
	| { step: 'submit' }
	| { step: 'search'; open: OpenSubmission }
	/** `lost`: how many of the order's videos have failed and have orders of their own. */
	| { step: 'collect'; jobs: Job[]; outcomes?: Outcome[]; lost: number }
	| { step: 'fail'; failure: Failure };

/** A submit that got no answer. */
export type OpenSubmission = Extract<RememberedSubmission, { result: 'open' }>;

const NOT_ORDERED: Problem = { name: 'notOrdered' };
const NO_TRIES_LEFT: Problem = { name: 'noTriesLeft' };

/**
 * Decides what happens to one order, from what is remembered: the table of docs/reliability.md. Only `submit` costs
 * money, and it is never the answer if anything paid for, or perhaps paid for, is remembered.
 */
export function decide({ remembered, isListed, resumes, lastPass, failure }: Situation): Decision {
	if (remembered?.result === 'accepted') {
		const { jobs, outcomes, lost = 0 } = remembered;
		return { step: 'collect', jobs, lost, ...(outcomes && { outcomes }) };
	}
	if (remembered) {
		const { problem } = remembered;
		return isListed
			? { step: 'search', open: remembered }
			: { step: 'fail', failure: { problem, open: true } };
	}
	if (resumes) return { step: 'fail', failure: failure ?? { problem: NOT_ORDERED } };
	if (lastPass) return { step: 'fail', failure: failure ?? { problem: NO_TRIES_LEFT } };
	return { step: 'submit' };
}
