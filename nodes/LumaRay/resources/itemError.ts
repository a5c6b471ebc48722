import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import type { Message } from './messages';

/** The error of an item that cannot be run. n8n does not show the item, so the message ends with its index. */
export function itemError(
	context: IExecuteFunctions,
	itemIndex: number,
	{ message, description }: Message,
): NodeOperationError {
	return new NodeOperationError(context.getNode(), `${message} [item ${itemIndex}]`, {
		itemIndex,
		description,
	});
}
