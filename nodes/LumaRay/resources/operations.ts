import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	NodeOperationError,
} from 'n8n-workflow';

import { restoreInput } from '../transport/suspension';
import { ownToolCall } from '../transport/tool';
import { continuesOnFail } from './continues';
import { providerField } from './fields';
import { cancel, cancelFields } from './generation/cancel';
import { get, getFields } from './generation/get';
import { getMany, getManyFields } from './generation/getMany';
import { wait, waitFields } from './generation/wait';
import { estimateCost, estimateCostFields } from './model/estimateCost';
import { getModel } from './model/get';
import { itemError } from './itemError';
import { problemOfError } from './messages';
import { badItem } from './output';
import { closeMemory, paidJobs } from './nodeMemory';
import { animate, animateFields } from './video/animate';

/** Every resource with its operations: what the person can choose, and what then runs. */

type Operation = (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

const OPERATIONS: { [resource: string]: { [operation: string]: Operation } } = {
	video: { animate },
	generation: { cancel, get, getMany, wait },
	model: { estimateCost, get: getModel },
};

export const resourceFields: INodeProperties[] = [
	// First, right below the credential that it picks.
	providerField,
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: [
			// What the node is for comes first: n8n lists its actions in this order.
			{ name: 'Video', value: 'video' },
			{ name: 'Generation', value: 'generation' },
			{ name: 'Model', value: 'model' },
		],
		default: 'video',
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['video'] } },
		options: [
			{
				name: 'Animate Image',
				value: 'animate',
				action: 'Animate an image into a video',
				description: 'Make a video of 5 or 10 seconds that starts with an image',
			},
		],
		default: 'animate',
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['generation'] } },
		options: [
			{
				name: 'Get',
				value: 'get',
				action: 'Get a video generation',
				description: 'See how a job stands, and get its video when it is ready',
			},
			{
				name: 'Get Many',
				value: 'getMany',
				action: 'Get many video generations',
				description: "List the account's newest jobs on this model",
			},
			{
				name: 'Wait',
				value: 'wait',
				action: 'Wait for a video generation',
				description: 'Wait for the video of a job that was submitted before',
			},
			{
				name: 'Cancel',
				value: 'cancel',
				action: 'Cancel a video generation',
				description: 'End a job before its video is made',
			},
		],
		default: 'get',
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: ['model'] } },
		options: [
			{
				name: 'Estimate Cost',
				value: 'estimateCost',
				action: 'Estimate the cost of video clips',
				description: 'See what clips would cost before anything is paid',
			},
			{
				name: 'Get',
				value: 'get',
				action: 'Get the description of the model',
				description: 'See how the provider describes the model now, and what changed',
			},
		],
		default: 'get',
	},
	...animateFields,
	...getFields,
	...getManyFields,
	...waitFields,
	...cancelFields,
	...estimateCostFields,
];

/**
 * What the canvas shows under the node's name: the readable names of resource and operation, as an expression. An
 * expression may not hold two closing braces in a row, so the names lie in one flat object.
 */
const READABLE_NAMES = {
	'video:animate': 'Animate Image',
	'generation:cancel': 'Generation: Cancel',
	'generation:get': 'Generation: Get',
	'generation:getMany': 'Generation: Get Many',
	'generation:wait': 'Generation: Wait',
	'model:estimateCost': 'Model: Estimate Cost',
	'model:get': 'Model: Get',
};
export const subtitle = `={{ (${JSON.stringify(READABLE_NAMES)})[$parameter["resource"] + ":" + $parameter["operation"]] }}`;

/** Runs the operation that the person chose. */
export async function runOperation(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	restoreInput(context);
	const own = ownToolCall(context);
	try {
		if (!own) return [allBad(context, sharedCallError(context))];
		const run = async () => {
			const resource = own.getNodeParameter('resource', 0);
			const operation = own.getNodeParameter('operation', 0);
			return await OPERATIONS[resource][operation].call(own);
		};
		return continuesOnFail(own) ? await run().catch((error: Error) => [allBad(own, error)]) : await run();
	} finally {
		// Also that of a call that was refused: naming the jobs of an earlier call has opened it.
		closeMemory(own ?? context);
	}
}

/** Two calls at once that n8n does not keep apart: this one would order what the other one asked for. */
function sharedCallError(context: IExecuteFunctions): NodeOperationError {
	return itemError(
		context,
		0,
		'Another call of this tool is running, and this version of n8n mixes up their arguments',
		'Nothing was submitted. Call the tool again when the other call has ended.',
	);
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
