import { setTimeout as sleep } from 'node:timers/promises';

import { parse, stringify } from 'flatted';
import type { IRunExecutionData } from 'n8n-workflow';

import { runNode, type EngineOptions, type EngineRun } from './engine';

/**
 * Simulates what n8n 2.41.1 does with a parked execution outside the engine: it saves the execution, and wakes it by
 * a timer or by a delivery.
 */

export type Wake = 'time' | 'delivery';

/**
 * The data of an execution as n8n loads it from its database. n8n saves it with `flatted`, which keeps object
 * identity: two stack entries that share one node still share it after a restart. A JSON round trip would hide that.
 */
export function saved({ data }: Pick<EngineRun, 'data'>): IRunExecutionData {
	return parse(stringify(data)) as IRunExecutionData;
}

/**
 * Changes saved data as n8n does before it passes a parked execution to the engine. A wake by the timer needs no
 * change: the engine itself disables the first entry of its stack and drops its last run, because `waitTill` is still
 * set.
 */
export function prepareWake(data: IRunExecutionData, by: Wake): void {
	if (by === 'time') return;
	// As n8n's WaitingWebhooks does.
	const [entry] = data.executionData!.nodeExecutionStack;
	entry.node.disabled = true;
	data.waitTill = undefined;
	const runs = data.resultData.runData[data.resultData.lastNodeExecuted!];
	const { inputOverride, source } = runs.pop()!;
	if (inputOverride) {
		runs.push({ startTime: 0, executionTime: 0, executionIndex: 0, source, inputOverride });
	}
	// As n8n's WebhookHelpers does for a `webhook()` that returns `workflowData: []`.
	entry.data.main = [];
	entry.metadata = { ...entry.metadata, forwardAllOutputs: true };
}

/**
 * Resumes a parked execution.
 * @param data the saved data; a test may have changed it
 */
export async function wake(
	data: IRunExecutionData,
	options: EngineOptions,
	by: Wake = 'time',
): Promise<EngineRun> {
	prepareWake(data, by);
	return await runNode({ ...options, data, resumes: true });
}

/** Runs the node until it has ended, regardless of how many times it parks. `passes` counts how many times it ran. */
export async function runToEnd(
	options: EngineOptions,
	by: Wake = 'time',
): Promise<EngineRun & { passes: number }> {
	let pass = await runNode(options);
	let passes = 1;
	for (; pass.run.waitTill; passes++) {
		await sleep(100);
		pass = await wake(saved(pass), options, by);
	}
	return { ...pass, passes };
}
