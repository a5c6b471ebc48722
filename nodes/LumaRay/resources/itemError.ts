import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

/**
 * An item that is of no use before anything is paid for it.
 * @param message what is wrong; n8n shows no item beside it, so the item's place is put at its end
 * @param description what to do about it
 */
export function itemError(
	context: IExecuteFunctions,
	itemIndex: number,
	message: string,
	description: string,
): NodeOperationError {
	return new NodeOperationError(context.getNode(), `${message} [item ${itemIndex}]`, {
		itemIndex,
		description,
	});
}
