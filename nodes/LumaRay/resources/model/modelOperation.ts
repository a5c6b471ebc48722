import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import type { ModelName } from '../../models/names';
import { itemError } from '../itemError';
import { refusedValue } from '../messages/parameters';
import { videoOperations } from '../video/operations';

const [{ value: preset }] = videoOperations;

export const modelOperationField: INodeProperties = {
	displayName: 'Model Operation',
	name: 'modelOperation',
	type: 'options',
	options: videoOperations.map(({ name, value }) => ({ name, value })),
	default: preset,
	description: 'The video operation that uses the model',
};

/**
 * The model that an item asks for.
 * @throws NodeOperationError if an expression returns any other value
 */
export function readModel(context: IExecuteFunctions, index: number): ModelName {
	const value = context.getNodeParameter('modelOperation', index, preset);
	const found = videoOperations.find((operation) => operation.value === value);
	if (found) return found.value;
	const choices = videoOperations.map((operation) => operation.value);
	throw itemError(context, index, refusedValue(modelOperationField, choices));
}
