import type { Job, Outcome } from '../providers/provider';
import type { Problem } from '../models/problem';
import type { Failure, RememberedSubmission } from './memory';

/** Everything that decides the next step of an order. */
export interface Situation {
	/** The jobs that were paid for under the order's key. */
	remembered?: RememberedSubmission;
	/** The provider's list shows the jobs of this run. It does not show jobs of a blocking call. */
	isListed: boolean;
	/** The run was parked and has been resumed. */
	resumes: boolean;
	/** The execution has no tries left. */
	lastPass: boolean;
	/** How the item last failed in this execution. */
	failure?: Failure;
}

/** The next step of one order. */
export type Decision =
	| { step: 'submit' }
	| { step: 'search'; open: OpenSubmission }
	/** `lost`: how many videos of the order failed. They have their own orders. */
	| { step: 'collect'; jobs: Job[]; outcomes?: Outcome[]; lost: number }
	| { step: 'fail'; failure: Failure };

/** A submit that got no answer. */
export type OpenSubmission = Extract<RememberedSubmission, { result: 'open' }>;

const NOT_ORDERED: Problem = { name: 'notOrdered' };
const NO_TRIES_LEFT: Problem = { name: 'noTriesLeft' };

/**
 * Decides the next step of an order from the memory and the table in docs/reliability.md. Only `submit` costs money. It
 * is never the next step if the memory contains a job that is or may be paid for.
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
