import type { INode } from 'n8n-workflow';

import type { Problem } from '../../models/problem';
import { toNodeError } from '../nodeError';

/** Corrects the reason of a problem if the time of the poll was up: the lower layers report every abort as a Stop. */
export function timeUp(problem: Problem, signal: AbortSignal): Problem {
	if (!signal.aborted) return problem;
	const why = 'tookTooLong';
	if (problem.name === 'noAnswer') return { ...problem, data: { ...problem.data, why } };
	if (problem.name === 'notDownloaded') return { ...problem, data: { ...problem.data, download: { why } } };
	return problem;
}

/**
 * The error of a poll. n8n marks the credential for a 401 and waits after a 429.
 * @param retryAfterMs milliseconds that the provider asks to wait, which n8n reads from `failure` (n8n 2.41,
 * poll-backoff-policy)
 */
export function pollError(node: INode, problem: Problem, retryAfterMs?: number): Error {
	const error = toNodeError(node, problem, undefined);
	if (problem.httpStatus !== 429) return error;
	return Object.assign(error, {
		failure: { cause: 'rate-limited', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
	});
}
