import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

/**
 * Parks an execution so that the node runs again when it wakes. The one place that touches engine state which
 * n8n keeps private; checked with n8n 1.123, 2.4 and 2.41.
 *
 * n8n itself resumes a parked node as disabled: it would hand its input on instead of running. So a second entry of
 * the node, with its input, is put on the engine's stack, and the entry that n8n resumes is left without data.
 */

interface StackEntry {
	node: object;
	data: { main: Array<INodeExecutionData[] | null> };
	source: unknown;
}

interface EngineState {
	getExecuteData?: () => StackEntry | undefined;
	runExecutionData?: { executionData?: { nodeExecutionStack?: StackEntry[] } };
	getWorkflowSettings?: () => { engineType?: string };
}

/** Why an execution cannot be parked here, as a sentence; undefined where it can. */
export function whyNotSuspend(context: IExecuteFunctions): string | undefined {
	const engine = context as unknown as EngineState;
	if (context.getNode().type.endsWith('Tool')) return 'an AI agent waits for the answer of its tool';
	const settings = engine.getWorkflowSettings?.();
	if (settings?.engineType === 'v2') return "this workflow's engine cannot resume executions yet";
	const entry = engine.getExecuteData?.();
	const stack = engine.runExecutionData?.executionData?.nodeExecutionStack;
	const isKnown = Array.isArray(entry?.data?.main) && typeof entry?.node === 'object' && Array.isArray(stack);
	return isKnown ? undefined : 'this version of n8n keeps its executions in another way';
}

/**
 * Parks the execution until a time or until a webhook wakes it. What the node returns next is shown in the editor
 * as its output for as long as it is parked. Call it only where `whyNotSuspend` says nothing.
 */
export async function suspendExecution(context: IExecuteFunctions, until: Date): Promise<void> {
	const engine = context as unknown as Required<EngineState>;
	const entry = engine.getExecuteData()!;
	const stack = engine.runExecutionData.executionData!.nodeExecutionStack!;
	stack.unshift({ node: { ...entry.node }, data: { main: entry.data.main }, source: entry.source });
	entry.data = { main: [null] };
	await context.putExecutionToWait(until);
}

/** The address that wakes this execution once it is parked, with n8n's own token where it has one. */
export function resumeUrlOf(context: IExecuteFunctions): string | undefined {
	const execution = context.getWorkflowDataProxy(0).$execution as { resumeUrl?: unknown } | undefined;
	return typeof execution?.resumeUrl === 'string' ? execution.resumeUrl : undefined;
}
