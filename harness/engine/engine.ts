import 'reflect-metadata';

// Must be the first import, because n8n-core reads this file's settings when it is loaded.
import './environment';

import { Container } from '@n8n/di';
import { BinaryDataService, ExecutionLifecycleHooks, WorkflowExecute } from 'n8n-core';
import {
	createRunExecutionData,
	NodeHelpers,
	Workflow,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type IDataObject,
	type IHttpRequestOptions,
	type INode,
	type INodeCredentialsDetails,
	type INodeExecutionData,
	type INodeType,
	type IRun,
	type IRunExecutionData,
	type ITaskData,
	type IWorkflowExecuteAdditionalData,
	type IWorkflowSettings,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

import { LumaRayFalApi } from '../../credentials/LumaRayFalApi.credentials';
import { LumaRayOxenApi } from '../../credentials/LumaRayOxenApi.credentials';
// With the file extension, because tsx, which runs the benchmark, otherwise resolves '…/LumaRay.node' to
// LumaRay.node.json.
import { LumaRay } from '../../nodes/LumaRay/LumaRay.node.ts';
import type { Sandbox } from '../../sandbox';

/** Runs the node of this repository in a workflow in n8n's own engine. No part of `this` is a mock. */

/** Passes its input on unchanged. */
class Start implements INodeType {
	description = {
		displayName: 'Start',
		name: 'start',
		group: ['transform'],
		version: 1,
		description: '',
		defaults: {},
		inputs: ['main'],
		outputs: ['main'],
		properties: [],
	} as unknown as INodeType['description'];

	execute: INodeType['execute'] = async function (this) {
		return [this.getInputData()];
	};
}

const NODE_TYPES: { [type: string]: INodeType } = {
	start: new Start(),
	lumaRay: new LumaRay(),
	// n8n creates this type if an AI agent uses the node.
	lumaRayTool: new LumaRay(),
};
const CREDENTIAL_TYPES: { [type: string]: ICredentialType } = {
	lumaRayFalApi: new LumaRayFalApi(),
	lumaRayOxenApi: new LumaRayOxenApi(),
};

export type Credentials = { [type: string]: ICredentialDataDecryptedObject };

export interface EngineOptions {
	/** The node's parameters. They override those of a simple Animate Image node. */
	parameters?: IDataObject;
	/** Settings of the node itself: onError, retryOnFail, maxTries, waitBetweenTries. */
	node?: Partial<INode>;
	items?: INodeExecutionData[];
	credentials: Credentials;
	/** Continues an earlier run ("Retry execution"): its data, with the node to run on the stack. */
	data?: IRunExecutionData;
	/** Data of a parked execution to resume. */
	resumes?: boolean;
	/** Settings of the workflow. */
	settings?: IWorkflowSettings;
	/** What started the execution. The default is a manual start. */
	mode?: WorkflowExecuteMode;
	/** Called when the execution has started. It can stop the execution. */
	onStart?: (execution: { cancel(): void }) => void;
}

export interface EngineRun {
	run: IRun;
	/** Items of the node's first output, in its last run. */
	items: INodeExecutionData[];
	/** Items of its error output. */
	errorItems: INodeExecutionData[];
	/** The error that ended the node, if there was one. */
	error?: { message: string; description?: string | null };
	data: IRunExecutionData;
}

export const ANIMATE: IDataObject = {
	resource: 'video',
	operation: 'animate',
	provider: 'fal',
	prompt: 'The tiger walks through the snow',
	imageSource: 'url',
	imageUrl: 'https://images.example.com/tiger.png',
	aspectRatio: '16:9',
	resolution: '540p',
	duration: '5s',
	loop: false,
	referenceImageUrls: [],
	waitMode: 'wait',
	downloadVideo: false,
	outputBinaryField: 'data',
	simplify: true,
	options: {},
};

/** Credentials that point to a sandbox. */
export function sandboxCredentials({ fal, oxen }: Pick<Sandbox, 'fal' | 'oxen'>): Credentials {
	const { key, queueUrl, runUrl, restUrl, apiUrl } = fal;
	return {
		lumaRayFalApi: { apiKey: key, customEndpoints: true, queueUrl, runUrl, restUrl, apiUrl },
		lumaRayOxenApi: { apiKey: oxen.key, customEndpoints: true, baseUrl: oxen.baseUrl },
	};
}

/** Runs Start → Luma Ray in n8n's engine. */
export async function runNode(options: EngineOptions): Promise<EngineRun> {
	await Container.get(BinaryDataService).init();
	const workflow = workflowFor(options);
	const data =
		options.data ??
		createRunExecutionData({
			executionData: {
				nodeExecutionStack: [
					{
						node: workflow.getNode('Start')!,
						data: { main: [options.items ?? [{ json: {} }]] },
						source: null,
					},
				],
			},
		});
	const execution = new WorkflowExecute(
		{
			// "Retry execution" creates a new execution.
			...additionalDataFor(options.credentials, options.data && !options.resumes ? '2' : '1'),
			...(options.resumes ? { restartExecutionId: '1' } : {}),
		},
		options.mode ?? 'manual',
		data,
	).processRunExecutionData(workflow);
	options.onStart?.(execution);
	const run = await execution;
	const taskData = lastRun(run, 'Luma Ray');
	return {
		run,
		items: taskData?.data?.main?.[0] ?? [],
		errorItems: taskData?.data?.main?.[1] ?? [],
		error: taskData?.error ?? run.data.resultData.error,
		data: run.data,
	};
}

/** Start → Luma Ray. */
export function workflowFor(options: EngineOptions): Workflow {
	return new Workflow({
		id: 'workflow',
		name: 'Test',
		nodes: [
			{ id: '1', name: 'Start', type: 'start', typeVersion: 1, position: [0, 0], parameters: {} },
			{
				id: '2',
				name: 'Luma Ray',
				type: 'lumaRay',
				typeVersion: 1,
				position: [0, 0],
				parameters: { ...ANIMATE, ...options.parameters } as INode['parameters'],
				credentials: Object.fromEntries(
					Object.keys(options.credentials).map((type) => [type, { id: '1', name: type }]),
				),
				...options.node,
			},
		],
		connections: { Start: { main: [[{ node: 'Luma Ray', type: 'main', index: 0 }]] } },
		active: false,
		nodeTypes: {
			getByName: (type: string) => NODE_TYPES[type],
			getByNameAndVersion: (type: string, version?: number) =>
				NodeHelpers.getVersionedNodeType(NODE_TYPES[type], version),
			getKnownTypes: () => ({}),
		},
		settings: { executionOrder: 'v1', ...options.settings },
	});
}

function lastRun(run: IRun, node: string): ITaskData | undefined {
	return run.data.resultData.runData[node]?.at(-1);
}

/** What n8n passes to the engine in addition to the workflow. */
export function additionalDataFor(
	credentials: Credentials,
	executionId = '1',
): IWorkflowExecuteAdditionalData {
	return {
		hooks: new ExecutionLifecycleHooks('manual', executionId, { id: 'workflow', name: 'Test' } as never),
		executionId,
		currentNodeExecutionIndex: 0,
		variables: {},
		setExecutionStatus: () => undefined,
		logAiEvent: () => undefined,
		webhookWaitingBaseUrl: 'http://localhost/webhook-waiting',
		formWaitingBaseUrl: 'http://localhost/form-waiting',
		restApiUrl: '',
		instanceBaseUrl: '',
		webhookBaseUrl: '',
		webhookTestBaseUrl: '',
		credentialsHelper: {
			getParentTypes: () => [],
			isCredentialUsableByNode: () => true,
			getDecrypted: async (_data: unknown, { id }: INodeCredentialsDetails, type: string) => {
				if (credentials[type]) return structuredClone(credentials[type]);
				throw new Error(`Credential with ID "${id}" does not exist for type "${type}".`);
			},
			preAuthentication: async () => undefined,
			authenticate: async (
				credential: ICredentialDataDecryptedObject,
				type: string,
				request: IHttpRequestOptions,
			) => await authenticated(credential, type, request),
		},
	} as unknown as IWorkflowExecuteAdditionalData;
}

/** Applies the credential's own `authenticate`, as n8n's CredentialsHelper does. */
async function authenticated(
	credential: ICredentialDataDecryptedObject,
	type: string,
	request: IHttpRequestOptions,
): Promise<IHttpRequestOptions> {
	const { authenticate } = CREDENTIAL_TYPES[type];
	if (typeof authenticate !== 'function') throw new Error(`${type} has no authenticate that outlives a Stop`);
	return await authenticate(credential, request);
}
