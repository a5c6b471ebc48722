import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { providerField } from './fields';
import { cancel, cancelFields } from './generation/cancel';
import { get, getFields } from './generation/get';
import { getMany, getManyFields } from './generation/getMany';
import { wait, waitFields } from './generation/wait';
import { estimateCost, estimateCostFields } from './model/estimateCost';
import { getModel } from './model/get';
import { animate, animateFields } from './video/animate';

/** Every resource with its operations: what the person can choose, and what then runs. */

type Operation = (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

const OPERATIONS: { [resource: string]: { [operation: string]: Operation } } = {
	video: { animate },
	generation: { cancel, get, getMany, wait },
	model: { estimateCost, get: getModel },
};

export const resourceFields: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'Generation', value: 'generation' },
			{ name: 'Model', value: 'model' },
			{ name: 'Video', value: 'video' },
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
				action: 'Animate an image',
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
				name: 'Cancel',
				value: 'cancel',
				action: 'Cancel a generation',
				description: 'End a job before its video is made',
			},
			{
				name: 'Get',
				value: 'get',
				action: 'Get a generation',
				description: 'See how a job stands, and get its video when it is ready',
			},
			{
				name: 'Get Many',
				value: 'getMany',
				action: 'Get many generations',
				description: "List the account's newest jobs on this model",
			},
			{
				name: 'Wait',
				value: 'wait',
				action: 'Wait for a generation',
				description: 'Wait for the video of a job that was submitted before',
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
				action: 'Estimate the cost of clips',
				description: 'See what clips would cost before anything is paid',
			},
			{
				name: 'Get',
				value: 'get',
				action: 'Get the model',
				description: 'See how the provider describes the model now, and what changed',
			},
		],
		default: 'get',
	},
	providerField,
	...animateFields,
	...getFields,
	...getManyFields,
	...waitFields,
	...cancelFields,
	...estimateCostFields,
];

/** Runs the operation that the person chose. */
export async function runOperation(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const resource = context.getNodeParameter('resource', 0);
	const operation = context.getNodeParameter('operation', 0);
	return await OPERATIONS[resource][operation].call(context);
}
