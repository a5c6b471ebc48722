import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { CATALOGUES } from '../providers/catalogues';
import { restoreInput } from '../transport/suspension';
import { ownToolCall } from '../transport/tool';
import { toolDescriptionFields } from './agents';
import { continuesOnFail } from './continues';
import { providerField } from './fields';
import { cancel } from './generation/cancel';
import { get } from './generation/get';
import { getMany } from './generation/getMany';
import { wait } from './generation/wait';
import { estimateCost } from './model/estimateCost';
import { getModel } from './model/get';
import { itemError } from './itemError';
import { problemOfError } from './messages';
import { SHARED_CALL } from './messages/order';
import { refusedValue } from './messages/parameters';
import { fieldsOf, operationField, type Resource } from './operation';
import { badItem } from './output';
import { closeMemory, paidJobs } from './nodeMemory';
import { videoOperations } from './video/operations';

/** Every resource with its operations, in the order of the form: the one place that lists them. */

const RESOURCES: Resource[] = [
	// What the node is for comes first: n8n lists its actions in this order.
	{ name: 'Video', value: 'video', operations: videoOperations, preset: videoOperations[0].value },
	{ name: 'Generation', value: 'generation', operations: [get, getMany, wait, cancel], preset: get.value },
	{ name: 'Model', value: 'model', operations: [estimateCost, getModel], preset: getModel.value },
];

const PROVIDERS = Object.keys(CATALOGUES).map((value) => ({ value }));

const resourceField: INodeProperties = {
	displayName: 'Resource',
	name: 'resource',
	type: 'options',
	noDataExpression: true,
	options: RESOURCES.map(({ name, value }) => ({ name, value })),
	default: 'video',
};

export const resourceFields: INodeProperties[] = [
	// First, right below the credential that it picks.
	providerField,
	resourceField,
	...RESOURCES.map(operationField),
	...RESOURCES.flatMap(toolDescriptionFields),
	...RESOURCES.flatMap(fieldsOf),
];

/** The values of the operations that have a field of this name. */
export function operationsWith(field: string): string[] {
	return RESOURCES.flatMap(({ operations }) => operations)
		.filter(({ fields }) => fields.some(({ name }) => name === field))
		.map(({ value }) => value);
}

/**
 * What the canvas shows under the node's name, as an expression. n8n names a node after its action, so this says that it
 * is Luma Ray. An expression may not hold two closing braces in a row, so the texts are in one flat object.
 */
const READABLE_NAMES = Object.fromEntries(
	RESOURCES.flatMap((resource) =>
		resource.operations.map(({ value, action }) => [`${resource.value}:${value}`, `Luma Ray: ${action}`]),
	),
);
export const subtitle = `={{ (${JSON.stringify(READABLE_NAMES)})[$parameter["resource"] + ":" + $parameter["operation"]] }}`;

/** Runs the operation that the person chose. */
export async function runOperation(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	restoreInput(context);
	const own = ownToolCall(context);
	try {
		if (!own) return [allBad(context, itemError(context, 0, SHARED_CALL))];
		const run = async () => {
			choose(own, providerField, PROVIDERS);
			const { operations, ...resource } = choose(own, resourceField, RESOURCES);
			return await choose(own, operationField({ ...resource, operations }), operations).execute(own);
		};
		return continuesOnFail(own) ? await run().catch((error: Error) => [allBad(own, error)]) : await run();
	} finally {
		// Also that of a call that was refused: naming the jobs of an earlier call has opened it.
		closeMemory(own ?? context);
	}
}

/**
 * What a field chooses. A workflow that was not made in the editor may hold anything.
 * @throws NodeOperationError naming the field and its values
 */
function choose<T extends { value: string }>(
	context: IExecuteFunctions,
	field: INodeProperties,
	choices: readonly T[],
): T {
	const value = context.getNodeParameter(field.name, 0, null);
	const found = choices.find((choice) => choice.value === value);
	if (found) return found;
	const values = choices.map((choice) => choice.value);
	throw itemError(context, 0, refusedValue(field, values));
}

/**
 * Nothing was done for any item, as with a run over its budget or without its credential. What an earlier pass has paid
 * for is named. Were the error thrown, n8n would hand the input on under Continue as if it were good.
 */
function allBad(context: IExecuteFunctions, error: Error): INodeExecutionData[] {
	const provider = String(context.getNodeParameter('provider', 0, ''));
	const paid = paidJobs(context);
	const problem = problemOfError(error);
	return context.getInputData().flatMap((_item, itemIndex) => {
		const ids = paid.get(itemIndex);
		return (ids ?? [undefined]).map((requestId) =>
			badItem(context, itemIndex, problem, { provider, requestId }),
		);
	});
}
