import { sandboxCredentials } from '../../harness/engine/engine';

import {
	NodeConnectionTypes,
	type EngineRequest,
	type EngineResponse,
	type IDataObject,
	type IExecuteFunctions,
	type INode,
	type INodeExecutionData,
	type INodeType,
} from 'n8n-workflow';

import { LumaRay } from '../../nodes/LumaRay/LumaRay.node';
import type { ModelName } from '../../nodes/LumaRay/models/names';
import type { Sandbox, Service } from '../../sandbox';
import { formOrder } from '../support/family';
import { nodeOf, nodeType, runOnce, type Host } from './workflow';

/** Luma Ray as a tool of an AI agent, in both ways that n8n lets agents use tools. */

/**
 * `classic`: AI Agent up to version 2 and other callers. The agent itself calls a handle that n8n creates from the
 * node. `engine`: AI Agent 3, n8n's default. The agent asks the engine to run the tool as a node (`EngineRequest`).
 */
export const PATHS = ['classic', 'engine'] as const;
export type Path = (typeof PATHS)[number];

/** The arguments that the model passes to the tool. */
export type Args = { prompt: string };

/**
 * Calls that the model makes. All calls of a round are made at the same time, and the rounds run one after another.
 */
export type Rounds = Args[][];

/** The answer that the model gets to one call. */
export interface Answer {
	prompt: string;
	/** The items in the tool's answer, unless the tool threw an error. */
	items?: IDataObject[];
	/** The message of the thrown error. */
	thrown?: string;
}

export interface AgentRun {
	answers: Answer[];
	status: string;
	/** The message and the description of the error that ended the execution. */
	error?: string;
}

export interface AgentCase {
	path: Path;
	operation: ModelName;
	provider: Service;
	rounds: Rounds;
	/** Settings of the tool's node. */
	node?: Partial<INode>;
	options?: IDataObject;
	/**
	 * On the classic path, all handles are created before the first one is used, as agents with a batch size above 1
	 * do.
	 */
	handlesFirst?: boolean;
	/** Called between two rounds. */
	between?: () => Promise<void>;
}

/** The tool that n8n creates from a node that is `usableAsTool`. */
export class LumaRayTool extends LumaRay {
	constructor() {
		super();
		const { name, displayName } = this.description;
		Object.assign(this.description, {
			name: `${name}Tool`,
			displayName: `${displayName} Tool`,
			inputs: [],
			outputs: [NodeConnectionTypes.AiTool],
		});
	}
}

/** The part of LangChain's tool interface that agents use. */
interface Tool {
	invoke(args: IDataObject): Promise<string>;
	metadata?: { sourceNodeName?: string };
}

let executions = 0;

/** Runs an agent that makes these calls in n8n's engine. */
export async function agentRun(agentCase: AgentCase, sandbox: Sandbox): Promise<AgentRun> {
	const { path, operation, provider, node, options } = agentCase;
	const order = formOrder(provider, operation).parameters;
	const answers: Answer[] = [];
	const agent = nodeType(
		{
			name: 'agent',
			inputs: [NodeConnectionTypes.Main, { type: NodeConnectionTypes.AiTool }],
		},
		path === 'classic' ? classicAgent(agentCase, answers) : engineAgent(agentCase, answers),
	);
	const tool = nodeOf('Luma Ray', 'lumaRayTool', {
		parameters: {
			...order,
			descriptionType: 'auto',
			prompt: "={{ $fromAI('prompt', 'What happens in the video', 'string') }}",
			options: { ...order.options, pollIntervalSeconds: 1, timeoutMinutes: 1, ...options },
		} as INode['parameters'],
		credentials: {
			lumaRayFalApi: { id: '1', name: 'lumaRayFalApi' },
			lumaRayOxenApi: { id: '1', name: 'lumaRayOxenApi' },
		},
		...node,
	});
	const host: Host = {
		nodes: [nodeOf('Start', 'pass'), nodeOf('Agent', 'agent'), tool],
		connections: {
			Start: { main: [[{ node: 'Agent', type: 'main', index: 0 }]] },
			'Luma Ray': { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] },
		},
		settings: { executionOrder: 'v1' },
		types: { agent, lumaRayTool: new LumaRayTool() },
		credentials: sandboxCredentials(sandbox),
		sandbox,
		executionId: `agent ${++executions}`,
		waitBy: 'wait',
		items: [{ json: { chatInput: 'Make videos' } }],
		received: [],
	};
	const { status, data } = await runOnce(host);
	const error = data.resultData.error as { message: string; description?: string } | undefined;
	return { answers, status, error: error && `${error.message} ${error.description}` };
}

/** Calls handles that n8n creates from the node, as AI Agent up to version 2 does. */
function classicAgent(
	{ rounds, handlesFirst, between }: AgentCase,
	answers: Answer[],
): NonNullable<INodeType['execute']> {
	return async function (this) {
		const handle = async () =>
			((await this.getInputConnectionData(NodeConnectionTypes.AiTool, 0)) as Tool[])[0];
		const handles = handlesFirst ? await Promise.all(rounds.flat().map(handle)) : [];
		for (const [place, round] of rounds.entries()) {
			if (place > 0) await between?.();
			// An agent gets its tools once per item, and uses them for all calls.
			const shared = handlesFirst ? undefined : await handle();
			const calls = round.map(async (args) => await answerOf(shared ?? handles.shift()!, args));
			answers.push(...(await Promise.all(calls)));
		}
		return [[]];
	};
}

async function answerOf(tool: Tool, args: Args): Promise<Answer> {
	try {
		return { prompt: args.prompt, items: JSON.parse(await tool.invoke(args)) as IDataObject[] };
	} catch (error) {
		return { prompt: args.prompt, thrown: (error as Error).message };
	}
}

/** The data about earlier rounds that n8n's agent keeps in the metadata of its requests. */
interface Steps {
	[key: string]: unknown;
	previousRequests: Answer[];
}

/** Asks the engine to run the tool, as AI Agent 3 does: `createEngineRequests` and `buildSteps` of n8n's Tools Agent. */
function engineAgent({ rounds, between }: AgentCase, answers: Answer[]): NonNullable<INodeType['execute']> {
	return async function (
		this: IExecuteFunctions,
		response?: EngineResponse,
	): Promise<INodeExecutionData[][] | EngineRequest> {
		const [tool] = (await this.getInputConnectionData(NodeConnectionTypes.AiTool, 0)) as Tool[];
		const steps = stepsIn(response as EngineResponse<Steps> | undefined);
		answers.splice(0, answers.length, ...steps);
		const place = roundAfter(rounds, steps.length);
		const round = rounds[place];
		if (!round) return [[{ json: { output: 'Done' }, pairedItem: { item: 0 } }]];
		if (place > 0) await between?.();
		return {
			actions: round.map((args, index) => ({
				actionType: 'ExecutionNodeAction' as const,
				nodeName: tool.metadata!.sourceNodeName!,
				input: args,
				type: NodeConnectionTypes.AiTool,
				id: `call_${place}_${index}`,
				metadata: { itemIndex: 0 },
			})),
			metadata: { previousRequests: steps },
		};
	};
}

function stepsIn(response: EngineResponse<Steps> | undefined): Answer[] {
	const earlier = response?.metadata?.previousRequests ?? [];
	const now = (response?.actionResponses ?? []).map(({ action, data }): Answer => {
		const { prompt } = action.input as Args;
		const items = data.data?.ai_tool?.[0]?.map(({ json }) => json);
		if (items && items.length > 0) return { prompt, items };
		return { prompt, thrown: data.error?.message ?? '' };
	});
	return [...earlier, ...now];
}

/** The index of the first round that has not been answered yet. */
function roundAfter(rounds: Rounds, answered: number): number {
	const place = rounds.findIndex((_round, before) => rounds.slice(0, before).flat().length >= answered);
	return place === -1 ? rounds.length : place;
}
