import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import type { Message } from './messages';

/** An item that cannot be run. n8n shows no item beside the message, so the item's place is put at its end. */
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
