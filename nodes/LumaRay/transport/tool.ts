import type { IDataObject, IExecuteFunctions, INode, ISupplyDataFunctions } from 'n8n-workflow';

/**
 * The node as an AI tool. n8n calls it in two ways: older agents and MCP with a separate context for each call, AI
 * Agent 3 as a node of the workflow. Only this file uses the private state of those contexts.
 */

/** The part of n8n's context of a tool call that has no types. */
interface ToolState {
	/** The node that has the tool. */
	parentNode?: INode;
	runIndex?: number;
	runExecutionData?: {
		resultData?: { runData?: { [node: string]: Array<{ inputOverride?: unknown } | undefined> } };
	};
}

/** Whether n8n runs the node as an AI tool. */
export function isTool(context: Pick<IExecuteFunctions, 'getNode'>): boolean {
	return context.getNode().type.endsWith('Tool');
}

/** Whether the caller is an MCP client. It stops waiting after a minute and repeats the call. */
export function isMcpCall(context: IExecuteFunctions): boolean {
	return /\.mcpTrigger$/i.test((context as unknown as ToolState).parentNode?.type ?? '');
}

/**
 * The arguments of a tool call, sorted by name, since a model may write them in any order. The ID that AI Agent 3 gives
 * each call is left out.
 */
export function toolArguments(context: IExecuteFunctions): IDataObject {
	const given = Object.entries(context.getInputData()[0]?.json ?? {});
	const sorted = given
		.filter(([name]) => name !== 'toolCallId')
		.sort(([one], [other]) => (one < other ? -1 : 1));
	return Object.fromEntries(sorted);
}

/**
 * The context of this tool call. n8n 2.41 gives two calls that were prepared together the same run index, and then
 * `$fromAI` of the second call returns the arguments of the first one. Such a call gets a new context here.
 * @returns undefined if this version of n8n cannot make a new context: the call must not order anything
 */
export function ownToolCall(context: IExecuteFunctions): IExecuteFunctions | undefined {
	// AI Agent 3 runs the tool as a node, and each call has its own run index.
	if (!isTool(context) || !context.isToolExecution?.()) return context;
	const { runIndex, runExecutionData } = context as unknown as ToolState;
	const runs = runExecutionData?.resultData?.runData?.[context.getNode().name];
	const read = runIndex === undefined ? undefined : runs?.[runIndex]?.inputOverride;
	const input = context.getInputData();
	const readItems = (read as { ai_tool?: Array<Array<{ json?: unknown }>> } | undefined)?.ai_tool?.[0];
	const isOwn = readItems === undefined || isSameCall(readItems[0]?.json, input[0]?.json);
	if (isOwn) return context;
	const { cloneWith, getNextRunIndex } = context as unknown as Partial<ISupplyDataFunctions>;
	if (!cloneWith || !getNextRunIndex) return undefined;
	const next = getNextRunIndex.call(context);
	return cloneWith.call(context, { runIndex: next, inputData: [input] }) as unknown as IExecuteFunctions;
}

function isSameCall(read: unknown, given: IDataObject | undefined): boolean {
	const withoutId = (json: unknown) => JSON.stringify({ ...(json as object), toolCallId: undefined });
	return read === given || withoutId(read) === withoutId(given);
}
