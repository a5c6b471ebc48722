import { additionalDataFor, type Credentials } from '../../harness/engine/engine';

import { Container } from '@n8n/di';
import { BinaryDataService, WorkflowExecute } from 'n8n-core';
import {
	createRunExecutionData,
	NodeHelpers,
	Workflow,
	type IConnections,
	type IDataObject,
	type IExecuteFunctions,
	type INode,
	type INodeExecutionData,
	type INodeType,
	type IRun,
	type IRunExecutionData,
	type IWorkflowExecuteAdditionalData,
	type IWorkflowSettings,
} from 'n8n-workflow';

import { LumaRay } from '../../nodes/LumaRay/LumaRay.node';
import type { Sandbox } from '../../sandbox';
import { sleep } from '../sandbox/support';
import type { FormOrder } from '../support/family';
import { prepareWake, saved } from '../../harness/engine/parked';

/** Runs any workflow in n8n's engine until it has ended, and records what the nodes after Luma Ray receive. */

/** How an execution waits for its jobs: in the process, or parked and woken. */
export const WAITS = ['wait', 'time', 'delivery'] as const;
export type WaitBy = (typeof WAITS)[number];
/** `absent`: workflows that were created before n8n had the setting. */
export const ORDERS = ['v0', 'v1', 'absent'] as const;
export type Order = (typeof ORDERS)[number];

/** More wakes than any of these tests needs. A run that parks more often would never end. */
export const MAX_WAKES = 12;
/** Milliseconds after which a job of the sandbox counts as stuck. */
const STUCK_AFTER_MS = 30_000;

export function settingsOf(order: Order): IWorkflowSettings {
	// Set even if it is empty, so that the harness uses no default.
	return order === 'absent' ? {} : { executionOrder: order };
}

export function waitModeOf(waitBy: WaitBy): IDataObject {
	return { waitMode: waitBy === 'wait' ? 'wait' : 'suspend' };
}

/** One item as a node after Luma Ray received it. */
export interface ReceivedItem {
	json: IDataObject;
	hasFile: boolean;
	/** The `number` of the input item that n8n's item linking finds for this item, or the error if it finds none. */
	origin: unknown;
}

/** One run of a node after Luma Ray. */
export interface Received {
	node: string;
	items: ReceivedItem[];
}

/** A node type for a test. It has one input and one output, unless its description says otherwise. */
export const nodeType = (
	description: { name: string; [key: string]: unknown },
	execute: INodeType['execute'],
): INodeType => ({
	description: {
		displayName: description.name,
		group: ['transform'],
		version: 1,
		description: '',
		defaults: {},
		inputs: ['main'],
		outputs: ['main'],
		properties: [],
		...description,
	} as unknown as INodeType['description'],
	execute,
});

/** Passes its input on. */
const PASS = nodeType({ name: 'pass' }, async function (this) {
	return [this.getInputData()];
});

/** Records its input and passes it on. */
function recorder(received: Received[]): INodeType {
	const properties = [{ displayName: 'Origin', name: 'origin', type: 'string', default: '' }];
	return nodeType({ name: 'record', properties }, async function (this) {
		const items = this.getInputData();
		received.push({
			node: this.getNode().name,
			items: items.map(({ json, binary }, index) => ({
				json: structuredClone(json),
				hasFile: binary !== undefined,
				origin: originOf(this, index),
			})),
		});
		return [items];
	});
}

function originOf(context: IExecuteFunctions, index: number): unknown {
	try {
		return context.getNodeParameter('origin', index);
	} catch (error) {
		return `nowhere: ${(error as Error).message}`;
	}
}

export interface Played {
	run: IRun;
	received: Received[];
	/** How many times the parked execution was woken. */
	wakes: number;
}

export interface Host {
	nodes: INode[];
	connections: IConnections;
	settings: IWorkflowSettings;
	/** Node types in addition to those of this file. */
	types?: { [type: string]: INodeType };
	credentials: Credentials;
	sandbox: Sandbox;
	/** Must be unique among the executions of a process. */
	executionId: string;
	waitBy: WaitBy;
	/** Whether to wake the execution once before the provider reports the end of a job. */
	wakesEarly?: boolean;
	items: INodeExecutionData[];
	/** Overrides what n8n passes to the engine in addition to the workflow. */
	additional?: Partial<IWorkflowExecuteAdditionalData>;
	/** Receives what the nodes after Luma Ray get. */
	received: Received[];
}

let nodeCount = 0;

/** A node of the workflow. Its position on the canvas decides the order of branches in execution order v1. */
export function nodeOf(name: string, type: string, settings: Partial<INode> = {}, row = 0): INode {
	const id = String(++nodeCount);
	return { id, name, type, typeVersion: 1, position: [0, row * 100], parameters: {}, ...settings };
}

/**
 * Luma Ray as in a simple workflow, with the prompt of its input item.
 * @param order the parameters of the operation and the provider
 */
export function lumaRayOf(
	order: FormOrder['parameters'],
	waitBy: WaitBy,
	parameters: IDataObject = {},
	settings: Partial<INode> = {},
	name = 'Luma Ray',
): INode {
	const { options, ...others } = parameters as { options?: IDataObject };
	return nodeOf(name, 'lumaRay', {
		parameters: {
			...order,
			prompt: '={{ $json.prompt }}',
			...waitModeOf(waitBy),
			...others,
			// Polls soon after a lost event, and times out long before the tests do.
			options: {
				...order.options,
				pollIntervalSeconds: 1,
				timeoutMinutes: 1,
				...options,
			},
		} as INode['parameters'],
		credentials: {
			lumaRayFalApi: { id: '1', name: 'lumaRayFalApi' },
			lumaRayOxenApi: { id: '1', name: 'lumaRayOxenApi' },
		},
		...settings,
	});
}

/** A node that records the items it receives and, by n8n's item linking, which input item each of them comes from. */
export function recordOf(name = 'Record', row = 0): INode {
	return nodeOf(name, 'record', { parameters: { origin: "={{ $('Start').item.json.number }}" } }, row);
}

/** Links each node's outputs to nodes: `{ Start: [['Luma Ray']] }`. */
export function linked(links: { [node: string]: string[][] }): IConnections {
	return Object.fromEntries(
		Object.entries(links).map(([node, outputs]) => [
			node,
			{ main: outputs.map((targets) => targets.map((target) => ({ node: target, type: 'main', index: 0 }))) },
		]),
	);
}

/** Runs the workflow from its node `Start` until it has ended, regardless of how many times it parks. */
export async function play(host: Host): Promise<Played> {
	const jobs = holdJobs(host);
	return await wakeToEnd(host, await runOnce(host), jobs);
}

export interface HeldJobs {
	/** Releases the jobs: from now on the provider reports the end of each job that it has accepted so far. */
	release(): void;
}

/**
 * For a suspended run. The provider reports each new job as running until it is released, regardless of the machine's
 * speed, so that each pass that submits also parks.
 */
export function holdJobs({ sandbox, waitBy }: Pick<Host, 'sandbox' | 'waitBy'>): HeldJobs {
	const { jobs, faults } = sandbox;
	const released = new Set<string>();
	const match = ({ url }: { url: string }) => jobs.some(({ id }) => !released.has(id) && url.includes(id));
	if (waitBy !== 'wait') {
		for (const [service, status] of [
			['fal', 'IN_PROGRESS'],
			['oxen', 'running'],
		] as const) {
			faults.add({ service, endpoint: 'status', match, fault: { kind: 'wrongShape', body: { status } } });
		}
	}
	return { release: () => jobs.forEach(({ id }) => released.add(id)) };
}

/**
 * Wakes a parked execution until it has ended. If the case wants it, the first wake comes before its jobs have ended.
 */
export async function wakeToEnd(host: Host, parked: IRun, jobs: HeldJobs): Promise<Played> {
	let run = parked;
	let wakes = 0;
	for (; run.waitTill && wakes < MAX_WAKES; wakes++) {
		await jobsEnded(host.sandbox);
		if (wakes > 0 || !host.wakesEarly) jobs.release();
		const data = saved(run);
		prepareWake(data, host.waitBy === 'delivery' ? 'delivery' : 'time');
		run = await runOnce(host, data);
	}
	return { run, wakes, received: host.received };
}

/** @param data of a parked execution; absent for a new one */
export async function runOnce(host: Host, data?: IRunExecutionData): Promise<IRun> {
	await Container.get(BinaryDataService).init();
	const workflow = workflowOf(host);
	const start = { node: workflow.getNode('Start')!, data: { main: [host.items] }, source: null };
	const additionalData = {
		...additionalDataFor(host.credentials, host.executionId),
		...(data ? { restartExecutionId: host.executionId } : {}),
		...host.additional,
	};
	return await new WorkflowExecute(
		additionalData,
		'trigger',
		data ?? createRunExecutionData({ executionData: { nodeExecutionStack: [start] } }),
	).processRunExecutionData(workflow);
}

function workflowOf({ nodes, connections, settings, types, received }: Host): Workflow {
	const known: { [type: string]: INodeType } = {
		pass: PASS,
		record: recorder(received),
		lumaRay: new LumaRay(),
		...types,
	};
	return new Workflow({
		id: 'workflow',
		name: 'Test',
		// The engine changes the nodes, and n8n loads them from its database again each time. So each run gets a copy.
		nodes: structuredClone(nodes),
		connections: structuredClone(connections),
		active: false,
		nodeTypes: {
			getByName: (type: string) => known[type],
			getByNameAndVersion: (type: string, version?: number) =>
				NodeHelpers.getVersionedNodeType(known[type], version),
			getKnownTypes: () => ({}),
		},
		settings,
	});
}

/** Waits until every job that the sandbox has accepted has ended. */
export async function jobsEnded({ jobs }: Sandbox): Promise<void> {
	for (const deadline = Date.now() + STUCK_AFTER_MS; jobs.some(({ completedAt }) => !completedAt); ) {
		if (Date.now() > deadline) throw new Error('A job of the sandbox did not end');
		await sleep(10);
	}
}

/** Describes a received item in words, based on the jobs that the sandbox really ran. */
export function described({ json, hasFile, origin }: ReceivedItem, { jobs }: Pick<Sandbox, 'jobs'>): string {
	const from = `from item ${String(origin)}`;
	if (Object.keys(json).length === 0) return 'nothing';
	if (json.error) return `error ${from}`;
	const job = jobs.find(({ id }) => id === json.requestId);
	if (!job) return `unknown: ${JSON.stringify(json)}`;
	if (json.status !== 'succeeded') return `job that is ${String(json.status)} ${from}`;
	const told = (json.parameters as IDataObject | null)?.prompt;
	// The job is identified by the video's address, so that a correct prompt with a wrong video is noticed.
	const isOwn = told === job.input.prompt && String(json.videoUrl).includes(job.id);
	const file = hasFile ? ' with its file' : '';
	return isOwn ? `video of "${String(told)}"${file} ${from}` : `wrong video: ${JSON.stringify(json)}`;
}
