import {
	deepCopy,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type IPairedItemData,
	type IRun,
	type ISourceData,
	type ITaskDataConnections,
	type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

import type { ModelName } from '../../nodes/LumaRay/models/names';
import type { Sandbox, Service } from '../../sandbox';
import { sandboxCredentials } from '../../harness/engine/engine';
import { saved } from '../../harness/engine/parked';
import { formOrder, inTurn } from '../support/family';
import {
	holdJobs,
	linked,
	lumaRayOf,
	nodeOf,
	nodeType,
	ORDERS,
	play,
	recordOf,
	runOnce,
	settingsOf,
	wakeToEnd,
	WAITS,
	type Host,
	type Order,
	type Played,
	type WaitBy,
} from './workflow';

/** Workflows in which Luma Ray runs more than once, or inside another workflow. */

export const STRUCTURES = ['a loop', 'two branches', 'two in a row', 'a sub-workflow'] as const;

export interface StructureCase {
	structure: (typeof STRUCTURES)[number];
	operation: ModelName;
	provider: Service;
	order: Order;
	waitBy: WaitBy;
	alwaysOutputData: boolean;
}

/** Every structure is combined with every operation, both providers and every wait mode. */
export const STRUCTURE_CASES: StructureCase[] = inTurn(
	STRUCTURES.flatMap((structure) =>
		(['fal', 'oxen'] as const).flatMap((provider) =>
			ORDERS.flatMap((order) =>
				WAITS.flatMap((waitBy) =>
					[false, true].map((alwaysOutputData) => ({ structure, provider, order, waitBy, alwaysOutputData })),
				),
			),
		),
	),
	({ structure, provider, waitBy }) => [structure, provider, waitBy].join(),
);

type Built = Pick<Host, 'nodes' | 'connections'> & Partial<Host>;

/** The input items of every structure. */
export const ITEMS = [0, 1, 2].map((number) => ({ number, prompt: `It walks ${number}` }));

export async function playStructure(
	structureCase: StructureCase,
	name: string,
	sandbox: Sandbox,
): Promise<Played> {
	const { structure, order, waitBy } = structureCase;
	const common = {
		settings: settingsOf(order),
		credentials: sandboxCredentials(sandbox),
		sandbox,
		executionId: name,
		waitBy,
		wakesEarly: order === 'v1',
		items: ITEMS.map((item) => ({ json: item })),
		received: [],
	};
	if (structure === 'a sub-workflow') return await playSubWorkflow(structureCase, common);
	return await play({ ...common, ...BUILDERS[structure](structureCase) });
}

const luma = (
	{ operation, provider, waitBy, alwaysOutputData }: StructureCase,
	name = 'Luma Ray',
	parameters: IDataObject = {},
) =>
	lumaRayOf(
		formOrder(provider, operation).parameters,
		waitBy,
		{ downloadVideo: false, ...parameters },
		{ alwaysOutputData },
		name,
	);

const BUILDERS: {
	[structure in Exclude<StructureCase['structure'], 'a sub-workflow'>]: (one: StructureCase) => Built;
} = {
	'a loop': (one) => ({
		nodes: [
			nodeOf('Start', 'pass'),
			nodeOf('Loop', 'loop', { parameters: { batchSize: 1 } }),
			luma(one),
			recordOf(),
		],
		connections: linked({
			Start: [['Loop']],
			Loop: [['Record'], ['Luma Ray']],
			'Luma Ray': [['Loop']],
		}),
		types: { loop: LOOP },
	}),
	'two branches': (one) => ({
		nodes: [
			nodeOf('Start', 'pass'),
			nodeOf('Upper', 'pass'),
			nodeOf('Lower', 'relabel', {}, 1),
			luma(one),
			recordOf(),
		],
		connections: linked({
			Start: [['Upper', 'Lower']],
			Upper: [['Luma Ray']],
			Lower: [['Luma Ray']],
			'Luma Ray': [['Record']],
		}),
		types: { relabel: RELABEL },
	}),
	'two in a row': (one) => ({
		nodes: [
			nodeOf('Start', 'pass'),
			luma(one),
			luma(one, 'Luma Ray 2', { prompt: '={{ $json.parameters.prompt }} again' }),
			recordOf(),
		],
		connections: linked({
			Start: [['Luma Ray']],
			'Luma Ray': [['Luma Ray 2']],
			'Luma Ray 2': [['Record']],
		}),
	}),
};

/** Changes the prompts of its items, so that two branches differ. */
const RELABEL = nodeType({ name: 'relabel' }, async function (this) {
	return [
		this.getInputData().map(({ json }, item) => ({
			json: { ...json, prompt: `${String(json.prompt)} below` },
			pairedItem: { item },
		})),
	];
});

/** n8n's Loop Over Items (Split In Batches, version 3), without its option Reset. */
const LOOP = nodeType(
	{
		name: 'loop',
		outputs: ['main', 'main'],
		properties: [{ displayName: 'Batch Size', name: 'batchSize', type: 'number', default: 1 }],
	},
	executeLoop,
);

/** n8n's Execute Sub-workflow, for all items at once. */
const CALL = nodeType({ name: 'call' }, async function (this) {
	const { data } = await this.executeWorkflow({ id: 'called' }, this.getInputData());
	return data as INodeExecutionData[][];
});

async function executeLoop(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const items = this.getInputData().slice();
	const memory = this.getContext('node') as unknown as {
		items?: INodeExecutionData[];
		processedItems: INodeExecutionData[];
		sourceData: ISourceData;
	};
	const batchSize = this.getNodeParameter('batchSize', 0) as number;
	const batch: INodeExecutionData[] = [];
	if (memory.items === undefined) {
		memory.sourceData = deepCopy(this.getInputSourceData());
		batch.push(...items.splice(0, batchSize));
		memory.items = [...items];
		memory.processedItems = [];
	} else {
		batch.push(...memory.items.splice(0, batchSize));
		const sourceOverwrite = this.getInputSourceData();
		const processed = items.map((item, index) => ({ ...item, pairedItem: { sourceOverwrite, item: index } }));
		memory.processedItems = [...memory.processedItems, ...processed];
		for (const item of batch) {
			const paired = item.pairedItem as IPairedItemData | undefined;
			item.pairedItem = { item: 0, ...paired, sourceOverwrite: memory.sourceData };
		}
	}
	return batch.length === 0 ? [memory.processedItems, []] : [[], batch];
}

/**
 * Luma Ray in a workflow that another workflow calls. The engine itself parks the caller while the called workflow is
 * parked. Afterward, n8n's WaitTracker gives the results to the caller and wakes it. This function does the same.
 */
async function playSubWorkflow(
	one: StructureCase,
	common: Omit<Host, 'nodes' | 'connections'>,
): Promise<Played> {
	const child: Host = {
		...common,
		nodes: [nodeOf('Start', 'pass'), luma(one)],
		connections: linked({ Start: [['Luma Ray']] }),
		executionId: `${common.executionId} (called)`,
	};
	const called: IRun[] = [];
	const executeWorkflow: IWorkflowExecuteAdditionalData['executeWorkflow'] = async (
		_info,
		_data,
		options,
	) => {
		const run = await runOnce({ ...child, items: options.inputData! });
		called.push(run);
		if (!run.finished && run.status !== 'waiting') throw run.data.resultData.error!;
		return {
			executionId: child.executionId,
			data: lastRunOf(run)?.main ?? [null],
			waitTill: run.waitTill,
		};
	};
	const parent: Host = {
		...common,
		nodes: [nodeOf('Start', 'pass'), nodeOf('Call', 'call'), recordOf()],
		connections: linked({ Start: [['Call']], Call: [['Record']] }),
		types: { call: CALL },
		additional: { executeWorkflow },
	};
	const jobs = holdJobs(child);
	const parked = await runOnce(parent);
	if (!parked.waitTill) return { run: parked, received: common.received, wakes: 0 };
	const { run, ...played } = await wakeToEnd(child, called[0], jobs);
	// n8n keeps the caller parked as long as the called workflow is parked.
	if (run.waitTill) return { run, ...played };
	const data = saved(parked);
	const [entry] = data.executionData!.nodeExecutionStack;
	const { error } = run.data.resultData;
	if (error) entry.metadata = { ...entry.metadata, resumeError: error };
	else entry.data = lastRunOf(run)!;
	return { ...played, run: await runOnce(parent, data) };
}

/** The last output of the last node of an execution. */
function lastRunOf({ data }: IRun): ITaskDataConnections | undefined {
	const { runData, lastNodeExecuted } = data.resultData;
	return runData[lastNodeExecuted!]?.at(-1)?.data;
}
