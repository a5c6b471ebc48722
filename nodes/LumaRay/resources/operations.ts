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

/** Lists every resource with its operations, in the order of the form. */

const RESOURCES: Resource[] = [
	// The main purpose comes first, because n8n lists the actions in this order.
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
	// The first field, below the credential that it selects.
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
 * What the canvas shows under the node's name, as an expression. n8n names a node after its action, so this text adds
 * "Luma Ray". An expression must not contain two closing braces in a row, so all text is in one flat object.
 */
const READABLE_NAMES = Object.fromEntries(
	RESOURCES.flatMap((resource) =>
		resource.operations.map(({ value, action }) => [`${resource.value}:${value}`, `Luma Ray: ${action}`]),
	),
);
export const subtitle = `={{ (${JSON.stringify(READABLE_NAMES)})[$parameter["resource"] + ":" + $parameter["operation"]] }}`;

/** Runs the operation that the user chose. */
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
		// A refused call ends its run, too: to read the jobs of an earlier call, it has opened its memory.
		closeMemory(own ?? context);
	}
}

/**
 * The choice of a field. A workflow that was not made in the editor may contain any value.
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
 * The output if no item was run, such as for a run over its budget or without its credential. It names the jobs that an
 * earlier pass has paid for. If it threw under Continue, n8n would pass the input on as if the node had succeeded.
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
