import { NodeApiError, NodeOperationError, type INode, type JsonObject } from 'n8n-workflow';

/**
 * What did not go well, in words for the person who reads it: what happened, and how to mend it.
 * A problem is a value and never thrown below `resources/`, so that nobody can forget that it may come.
 */
export interface Problem {
	message: string;
	description?: string;
	/** The provider's HTTP status, where it answered. */
	httpStatus?: number;
	requestId?: string;
}

/** A provider's reason may be a whole page, and n8n shows and saves all of a message. */
const MAX_SHOWN_CHARACTERS = 2_000;

/** A text as far as it is shown: its beginning, with "…" at the end if there was more. */
export function shorten(text: string): string {
	if (text.length <= MAX_SHOWN_CHARACTERS) return text;
	// Not in the middle of a character of two units.
	return `${text.slice(0, MAX_SHOWN_CHARACTERS - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/**
 * A problem as n8n shows it: the message says what happened and to which item, the description how to mend it
 * and, always, the request id of a job that was paid for.
 */
export function toNodeError(
	node: INode,
	problem: Problem,
	itemIndex: number,
): NodeApiError | NodeOperationError {
	const message = `${shorten(problem.message)} [item ${itemIndex}]`;
	const description = describeProblem(problem);
	if (problem.httpStatus === undefined) {
		return new NodeOperationError(node, message, { description, itemIndex });
	}
	const response = { message, description, httpCode: String(problem.httpStatus) } satisfies JsonObject;
	return new NodeApiError(node, response, {
		message,
		description,
		httpCode: String(problem.httpStatus),
		itemIndex,
	});
}

/** The description of a problem, with its request id where it has one. */
export function describeProblem({ description, requestId }: Problem): string {
	const shown = shorten(description ?? '');
	if (!requestId || shown.includes(requestId)) return shown;
	return `${shown ? `${shown} ` : ''}Request ID: ${requestId}`;
}
