import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import type { Message } from './messages';

/**
 * An item that cannot be run. n8n shows no item beside the message, so the item's place is put at its end.
 * @param words what is wrong and what to do about it
 */
export function itemError(
	context: IExecuteFunctions,
	itemIndex: number,
	...words: [Message] | [message: string, description: string]
): NodeOperationError {
	const [message, description] = words.length === 2 ? words : [words[0].message, words[0].description];
	return new NodeOperationError(context.getNode(), `${message} [item ${itemIndex}]`, {
		itemIndex,
		description,
	});
}
