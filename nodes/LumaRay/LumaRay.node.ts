import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { providerField } from './resources/fields';
import { animate, animateFields } from './resources/video/animate';

type Operation = (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

const OPERATIONS: { [resource: string]: { [operation: string]: Operation } } = {
	video: { animate },
};

export class LumaRay implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Luma Ray',
		name: 'lumaRay',
		icon: { light: 'file:lumaRay.svg', dark: 'file:lumaRay.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Turn images into video with Luma Ray 3.2 through fal.ai',
		defaults: { name: 'Luma Ray' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{
				name: 'lumaRayFalApi',
				required: true,
				displayOptions: { show: { provider: ['fal'] } },
			},
		],
		properties: [
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				options: [{ name: 'Video', value: 'video' }],
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
			providerField,
			...animateFields,
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const resource = this.getNodeParameter('resource', 0);
		const operation = this.getNodeParameter('operation', 0);
		return await OPERATIONS[resource][operation].call(this);
	}
}
