import { NodeApiError, NodeOperationError, type INode, type JsonObject } from 'n8n-workflow';

import type { Problem } from '../models/problem';
import { wordProblem } from './messages';

/**
 * A problem as an error of n8n. The message names the item and says what happened to it. The description says what to
 * do next, and always includes the request ID of a paid job.
 * @param itemIndex absent for a problem that is not about an item
 * @param more sentences to add after what to do
 */
export function toNodeError(
	node: INode,
	problem: Problem,
	itemIndex?: number,
	more: string[] = [],
): NodeApiError | NodeOperationError {
	const worded = wordProblem(problem, more);
	const { description } = worded;
	const message = itemIndex === undefined ? worded.message : `${worded.message} [item ${itemIndex}]`;
	if (problem.httpStatus === undefined) {
		return new NodeOperationError(node, message, { description, itemIndex });
	}
	const httpCode = String(problem.httpStatus);
	const response = { message, description, httpCode } satisfies JsonObject;
	return new NodeApiError(node, response, { message, description, httpCode, itemIndex });
}
