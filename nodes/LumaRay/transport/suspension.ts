import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { isTool } from './tool';

/**
 * Parks an execution so that the node runs again when the execution wakes. Apart from tool.ts, only this file uses
 * private state of n8n's engine. Checked with n8n 1.123, 2.4 and 2.41.
 *
 * n8n resumes a parked node as disabled: it would pass its input on instead of running. So a second entry for the node
 * is put on the engine's stack, and the entry that n8n resumes is left without data. The second entry keeps the input
 * in a separate field and has stand-ins as its data. If n8n also treated this entry as disabled, it would pass on jobs
 * with their status, and not the input as if it were finished.
 *
 * The resumed entry must end without output, since its output would go to the next node. It must also end without a
 * run, or the second entry would get the next run index. The second entry has the name of its run, so that the node's
 * memory does not depend on that index. docs/architecture.md says what else was tried.
 */

interface StackEntry {
	node: { alwaysOutputData?: boolean };
	data: { main: Array<INodeExecutionData[] | null> };
	source: unknown;
	/** The input of a parked run. */
	lumaRayInput?: INodeExecutionData[];
	/** The name of the run. n8n's run index alone does not identify it. */
	lumaRayRun?: string;
}

interface EngineState {
	getExecuteData?: () => StackEntry | undefined;
	runExecutionData?: { executionData?: { nodeExecutionStack?: StackEntry[] } };
	getWorkflowSettings?: () => { engineType?: string };
}

/**
 * Why an execution cannot be parked. `tool`: the node runs as an AI tool. `engine`: n8n's engine cannot do it.
 * `unknownEngine`: the engine's state looks different from what this file expects.
 */
export type NotSuspended = 'tool' | 'engine' | 'unknownEngine';

/** Why an execution cannot be parked here; undefined if it can. */
export function whyNotSuspend(context: IExecuteFunctions): NotSuspended | undefined {
	const engine = context as unknown as EngineState;
	if (isTool(context)) return 'tool';
	const settings = engine.getWorkflowSettings?.();
	if (settings?.engineType === 'v2') return 'engine';
	const entry = engine.getExecuteData?.();
	const stack = engine.runExecutionData?.executionData?.nodeExecutionStack;
	// The wake restores the input in place, so the node's input must be the data of the entry.
	const isInput = entry?.data?.main?.[0]?.[0] === context.getInputData()[0];
	const isKnown = isInput && typeof entry?.node === 'object' && Array.isArray(stack);
	return isKnown ? undefined : 'unknownEngine';
}

/**
 * Parks the execution until a time, or until a webhook wakes it. While it is parked, the editor shows what the node
 * returns next as its output. Call this only if `whyNotSuspend` returns undefined.
 * @param standIns the items that n8n would pass on if it did not run the node again
 * @param run the name by which `wokenRun` reports this run after the wake
 */
export async function suspendExecution(
	context: IExecuteFunctions,
	until: Date,
	standIns: INodeExecutionData[],
	run: string,
): Promise<void> {
	const engine = context as unknown as Required<EngineState>;
	const entry = engine.getExecuteData()!;
	const stack = engine.runExecutionData.executionData!.nodeExecutionStack!;
	stack.unshift({
		node: { ...entry.node },
		data: { main: [standIns] },
		source: entry.source,
		lumaRayInput: entry.data.main[0]!,
		lumaRayRun: run,
	});
	// A copy, so that the workflow's node and the second entry's node keep their setting.
	entry.node = { ...entry.node, alwaysOutputData: false };
	// Not `[null]`: in execution order v0, n8n requeues an entry with missing input until it reports an endless loop.
	entry.data = { main: [] };
	await context.putExecutionToWait(until);
}

/** Restores the input of a run that was parked. Call it before reading the input. Does nothing for any other run. */
export function restoreInput(context: IExecuteFunctions): void {
	const entry = (context as unknown as EngineState).getExecuteData?.();
	if (!entry?.lumaRayInput) return;
	const input = entry.lumaRayInput;
	delete entry.lumaRayInput;
	// In place, because n8n's expressions read the same array. With "Execute Once", the node has a separate, shorter one.
	const shown = context.getInputData();
	const entered = entry.data.main[0]!;
	if (shown !== entered) shown.splice(0, shown.length, input[0]);
	entered.length = 0;
	for (const item of input) entered.push(item);
}

/** The name of the parked run that this run continues; undefined if this run was not parked. */
export function wokenRun(context: IExecuteFunctions): string | undefined {
	return (context as unknown as EngineState).getExecuteData?.()?.lumaRayRun;
}

/** The address that wakes this execution when it is parked, with n8n's own token if it has one. */
export function resumeUrlOf(context: IExecuteFunctions): string | undefined {
	const execution = context.getWorkflowDataProxy(0).$execution as { resumeUrl?: unknown } | undefined;
	return typeof execution?.resumeUrl === 'string' ? execution.resumeUrl : undefined;
}
