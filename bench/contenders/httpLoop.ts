import 'reflect-metadata';

import { createRequire } from 'node:module';
import { join } from 'node:path';

import { Container } from '@n8n/di';
import { BinaryDataService, ExecutionLifecycleHooks, WorkflowExecute } from 'n8n-core';
import {
	createRunExecutionData,
	NodeHelpers,
	Workflow,
	type IDataObject,
	type INodeExecutionData,
	type INodeType,
	type INodeTypes,
	type IVersionedNodeType,
	type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

import { installHost, NEWEST_N8N } from '../../harness/n8n';
import { INPUT, MODEL, mustHaveMade, type Contender } from './contender';
import type { Target } from '../processes/sandbox';

/**
 * What users build without this package: a loop that submits, waits, polls and decides. It runs n8n's own nodes in
 * n8n's own engine.
 */
export const httpLoop: Contender = async (load, target) => {
	const nodeTypes = await loadNodeTypes();
	await Container.get(BinaryDataService).init();
	return async () => {
		const workflow = loopWorkflow(target, load.download ?? false, nodeTypes);
		const start = workflow.getNode('Submit')!;
		const items: INodeExecutionData[] = Array.from({ length: load.items }, () => ({ json: {} }));
		const data = createRunExecutionData({
			executionData: { nodeExecutionStack: [{ node: start, data: { main: [items] }, source: null }] },
		});
		const execution = new WorkflowExecute(ADDITIONAL_DATA, 'manual', data);
		const { resultData } = (await execution.processRunExecutionData(workflow)).data;
		if (resultData.error) throw resultData.error;
		// The last node runs once per round of the loop in which a job has ended.
		const runs = resultData.runData[load.download ? 'Download' : 'Result'];
		mustHaveMade(runs.flatMap((run) => run.data?.main[0] ?? []).length, load);
	};
};

/** Seconds between two polls: the Wait node's default. */
const WAIT_SECONDS = 5;

function loopWorkflow(target: Target, download: boolean, nodeTypes: INodeTypes): Workflow {
	const request = (name: string, parameters: IDataObject) => ({
		...nodeOf(name, 'httpRequest', 4.2),
		parameters: {
			sendHeaders: true,
			headerParameters: { parameters: [{ name: 'Authorization', value: `Key ${target.key}` }] },
			options: {},
			...parameters,
		} as never,
	});
	return new Workflow({
		id: 'workflow',
		name: 'Loop',
		nodes: [
			request('Submit', {
				method: 'POST',
				url: `${target.queueUrl}/${MODEL}`,
				sendBody: true,
				specifyBody: 'json',
				jsonBody: JSON.stringify(INPUT),
			}),
			{
				...nodeOf('Wait', 'wait', 1.1),
				parameters: { resume: 'timeInterval', amount: WAIT_SECONDS, unit: 'seconds' },
			},
			request('Status', { url: '={{ $json.status_url }}' }),
			{
				...nodeOf('Completed?', 'if', 2.2),
				parameters: {
					conditions: {
						options: { caseSensitive: true, typeValidation: 'strict', version: 2 },
						combinator: 'and',
						conditions: [
							{
								id: '1',
								leftValue: '={{ $json.status }}',
								rightValue: 'COMPLETED',
								operator: { type: 'string', operation: 'equals' },
							},
						],
					},
					options: {},
				},
			},
			request('Result', { url: '={{ $json.response_url }}' }),
			request('Download', {
				url: '={{ $json.video.url }}',
				sendHeaders: false,
				options: { response: { response: { responseFormat: 'file' } } },
			}),
		],
		connections: {
			Submit: to('Wait'),
			Wait: to('Status'),
			Status: to('Completed?'),
			'Completed?': { main: [...to('Result').main, ...to('Wait').main] },
			...(download ? { Result: to('Download') } : {}),
		},
		active: false,
		nodeTypes,
		settings: { executionOrder: 'v1' },
	});
}

function nodeOf(name: string, type: string, typeVersion: number) {
	return { id: name, name, type, typeVersion, position: [0, 0] as [number, number] };
}

function to(node: string) {
	return { main: [[{ node, type: 'main' as const, index: 0 }]] };
}

/** n8n's own nodes, loaded from a real n8n, because no package in the registry contains only them. */
async function loadNodeTypes(): Promise<INodeTypes> {
	const { folder } = await installHost(NEWEST_N8N);
	const load = createRequire(join(folder, 'package.json'));
	const nodes = 'n8n-nodes-base/dist/nodes';
	const types: { [type: string]: INodeType | IVersionedNodeType } = {
		httpRequest: new (load(`${nodes}/HttpRequest/HttpRequest.node.js`).HttpRequest)(),
		wait: new (load(`${nodes}/Wait/Wait.node.js`).Wait)(),
		if: new (load(`${nodes}/If/If.node.js`).If)(),
	};
	return {
		getByName: (type) => types[type],
		getByNameAndVersion: (type, version) => NodeHelpers.getVersionedNodeType(types[type], version),
		getKnownTypes: () => ({}),
	};
}

/** The data that n8n's server passes to an execution, limited to what these nodes use. */
const ADDITIONAL_DATA = {
	hooks: new ExecutionLifecycleHooks('manual', '1', { id: 'workflow', name: 'Loop' } as never),
	executionId: '1',
	currentNodeExecutionIndex: 0,
	variables: {},
	setExecutionStatus: () => undefined,
	logAiEvent: () => undefined,
	webhookWaitingBaseUrl: 'http://127.0.0.1/webhook-waiting',
	formWaitingBaseUrl: 'http://127.0.0.1/form-waiting',
	restApiUrl: '',
	instanceBaseUrl: '',
	webhookBaseUrl: '',
	webhookTestBaseUrl: '',
} as unknown as IWorkflowExecuteAdditionalData;
