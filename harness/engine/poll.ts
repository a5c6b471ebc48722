import 'reflect-metadata';

// Must be the first import, because n8n-core reads this file's settings when it is loaded.
import './environment';

import { Container } from '@n8n/di';
import { BinaryDataService, PollContext } from 'n8n-core';
import {
	cronNodeOptions,
	NodeHelpers,
	Workflow,
	type IDataObject,
	type INode,
	type INodeExecutionData,
	type INodeProperties,
	type INodeType,
	type WorkflowActivateMode,
} from 'n8n-workflow';

import { additionalDataFor, type Credentials } from './engine';

/** Simulates how n8n 2.41.1 polls a trigger node outside the engine (PollTriggerExecutor in n8n-core). */

export interface PollOptions {
	credentials: Credentials;
	/** The trigger's parameters. They override those of a simple trigger. */
	parameters?: IDataObject;
	/** How many milliseconds n8n allows for a poll. */
	budgetMs?: number;
	/** IDs of the credentials, by type. The default is '1'. */
	credentialIds?: { [type: string]: string };
}

const TRIGGER: IDataObject = {
	provider: 'fal',
	event: 'succeeded',
	downloadVideo: false,
	outputBinaryField: 'data',
	simplify: true,
	options: {},
};

/** The field that n8n adds to every polling node (n8n-core, commonPollingParameters). */
const POLL_TIMES: INodeProperties = {
	displayName: 'Poll Times',
	name: 'pollTimes',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	default: { item: [{ mode: 'everyMinute' }] },
	options: cronNodeOptions,
};

/** One workflow with the trigger, and what n8n's database holds of it. */
export class PollingHost {
	/** The items of each execution that was started, one list per execution. */
	readonly executions: INodeExecutionData[][] = [];
	/** The workflow's static data in n8n's database. */
	saved: IDataObject = {};
	/** Lines that the node wrote to n8n's log. */
	readonly log: string[] = [];
	private workflow?: Workflow;
	private context?: PollContext;
	private static workflows = 0;
	private readonly id = `workflow ${++PollingHost.workflows}`;

	constructor(
		private node: INodeType,
		private readonly options: PollOptions,
	) {}

	/**
	 * Activates the workflow: n8n polls once and saves the static data if the poll succeeds.
	 * @param node the trigger, loaded again from its modules, as after a restart of n8n
	 */
	async activate(
		mode: WorkflowActivateMode = 'activate',
		options: Partial<PollOptions> = {},
		node = this.node,
	): Promise<void> {
		this.node = node;
		await Container.get(BinaryDataService).init();
		Object.assign(this.options, options);
		this.workflow = this.newWorkflow();
		this.context = this.newContext(this.workflow, mode, 'trigger');
		await this.poll();
		this.save();
	}

	/** Runs one scheduled poll. n8n saves the static data if the poll emits items. */
	async poll(): Promise<INodeExecutionData[]> {
		const response = await this.node.poll!.call(this.context!);
		if (response === null) return [];
		this.save();
		this.executions.push(response[0]);
		return response[0];
	}

	/** n8n crashes and starts again. */
	async restart(node: INodeType): Promise<void> {
		await this.activate('init', {}, node);
	}

	/** Does what "Execute step" does in the editor. */
	async runManually(): Promise<INodeExecutionData[]> {
		await Container.get(BinaryDataService).init();
		const context = this.newContext(this.newWorkflow(), 'manual', 'manual');
		return (await this.node.poll!.call(context))?.[0] ?? [];
	}

	/** The request IDs of all items, in the order they were emitted. */
	requestIds(): unknown[] {
		return this.executions.flat().map(({ json }) => json.requestId);
	}

	private save(): void {
		const data = this.workflow!.staticData as IDataObject & { __dataChanged?: boolean };
		if (data.__dataChanged !== true) return;
		this.saved = JSON.parse(JSON.stringify(data)) as IDataObject;
		data.__dataChanged = false;
	}

	private newWorkflow(): Workflow {
		const { credentials, parameters, credentialIds } = this.options;
		const { description } = this.node;
		const loaded: INodeType = {
			description: { ...description, properties: [POLL_TIMES, ...description.properties] },
		};
		const node: INode = {
			id: '1',
			name: 'Luma Ray Trigger',
			type: 'lumaRayTrigger',
			typeVersion: 1,
			position: [0, 0],
			parameters: { ...TRIGGER, ...parameters } as INode['parameters'],
			credentials: Object.fromEntries(
				Object.keys(credentials).map((type) => [type, { id: credentialIds?.[type] ?? '1', name: type }]),
			),
		};
		return new Workflow({
			id: this.id,
			name: 'Test',
			nodes: [node],
			connections: {},
			active: true,
			staticData: JSON.parse(JSON.stringify(this.saved)) as IDataObject,
			nodeTypes: {
				getByName: () => loaded,
				getByNameAndVersion: () => NodeHelpers.getVersionedNodeType(loaded),
				getKnownTypes: () => ({}),
			},
		});
	}

	private newContext(
		workflow: Workflow,
		activation: WorkflowActivateMode,
		mode: 'trigger' | 'manual',
	): PollContext {
		const { credentials, budgetMs = 300_000 } = this.options;
		const context = new PollContext(
			workflow,
			workflow.getNode('Luma Ray Trigger')!,
			additionalDataFor(credentials),
			mode,
			activation,
			undefined,
			undefined,
			undefined,
			undefined,
			undefined,
			() => budgetMs,
		);
		const write = (line: string) => this.log.push(line);
		Object.defineProperty(context, 'logger', {
			value: { warn: write, info: write, error: write, debug: () => undefined },
		});
		return context;
	}
}
