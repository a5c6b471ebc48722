import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { isTool } from './tool';

/**
 * Parks an execution so that the node runs again when it wakes. The one place that touches engine state which
 * n8n keeps private; checked with n8n 1.123, 2.4 and 2.41.
 *
 * n8n itself resumes a parked node as disabled: it would hand its input on instead of running. So a second entry of
 * the node is put on the engine's stack, and the entry that n8n resumes is left without data. The second entry holds
 * its input aside, and stand-ins in its place: an n8n that took this entry for a disabled one, too, would hand on
 * jobs with their status, and never the input as if it were finished.
 *
 * The resumed entry must end without output: what it puts out goes on to the next node. And it must end without a run,
 * or the second entry gets the next run index. So that its memory does not depend on that, the second entry carries the
 * name of its run. docs/architecture.md says what else was tried.
 */

interface StackEntry {
	node: { alwaysOutputData?: boolean };
	data: { main: Array<INodeExecutionData[] | null> };
	source: unknown;
	/** The input of a parked run. */
	lumaRayInput?: INodeExecutionData[];
	/** The name of the run, which n8n's run index alone does not tell. */
	lumaRayRun?: string;
}

interface EngineState {
	getExecuteData?: () => StackEntry | undefined;
	runExecutionData?: { executionData?: { nodeExecutionStack?: StackEntry[] } };
	getWorkflowSettings?: () => { engineType?: string };
}

/** Why an execution cannot be parked: it is a tool's, or n8n's engine cannot, or not in a way that is known here. */
export type NotSuspended = 'tool' | 'engine' | 'unknownEngine';

/** Why an execution cannot be parked here; undefined if it can. */
export function whyNotSuspend(context: IExecuteFunctions): NotSuspended | undefined {
	const engine = context as unknown as EngineState;
	if (isTool(context)) return 'tool';
	const settings = engine.getWorkflowSettings?.();
	if (settings?.engineType === 'v2') return 'engine';
	const entry = engine.getExecuteData?.();
	const stack = engine.runExecutionData?.executionData?.nodeExecutionStack;
	// The input is put aside and back in place, so what n8n shows the node must be what lies in the entry.
	const isInput = entry?.data?.main?.[0]?.[0] === context.getInputData()[0];
	const isKnown = isInput && typeof entry?.node === 'object' && Array.isArray(stack);
	return isKnown ? undefined : 'unknownEngine';
}

/**
 * Parks the execution until a time or until a webhook wakes it. What the node returns next is shown in the editor
 * as its output for as long as it is parked. Call it only where `whyNotSuspend` says nothing.
 * @param standIns what would be handed on if n8n did not run the node again
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
	// A copy: the workflow's own node keeps its setting, and so does the second entry's.
	entry.node = { ...entry.node, alwaysOutputData: false };
	// Not `[null]`: in execution order v0, n8n puts an entry with a missing input back, until it sees an endless loop.
	entry.data = { main: [] };
	await context.putExecutionToWait(until);
}

/** Gives a run that was parked its input back, before anything is read from it. Does nothing for any other run. */
export function restoreInput(context: IExecuteFunctions): void {
	const entry = (context as unknown as EngineState).getExecuteData?.();
	if (!entry?.lumaRayInput) return;
	const input = entry.lumaRayInput;
	delete entry.lumaRayInput;
	// In place: n8n's expressions read the same array. With "Execute Once" the node has a shorter one of its own.
	const shown = context.getInputData();
	const entered = entry.data.main[0]!;
	if (shown !== entered) shown.splice(0, shown.length, input[0]);
	entered.length = 0;
	for (const item of input) entered.push(item);
}

/** The name of the run that was parked here, if this run of the node is its wake. */
export function wokenRun(context: IExecuteFunctions): string | undefined {
	return (context as unknown as EngineState).getExecuteData?.()?.lumaRayRun;
}

/** The address that wakes this execution once it is parked, with n8n's own token where it has one. */
export function resumeUrlOf(context: IExecuteFunctions): string | undefined {
	const execution = context.getWorkflowDataProxy(0).$execution as { resumeUrl?: unknown } | undefined;
	return typeof execution?.resumeUrl === 'string' ? execution.resumeUrl : undefined;
}
