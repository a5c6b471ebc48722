import { createRequire } from 'node:module';
import type { IRunExecutionData } from 'n8n-workflow';

import { sleep } from '../sandbox/support';
import { runNode, type EngineOptions, type EngineRun } from './engine';

/** What n8n does with a parked execution around the engine: saves it, and takes it up by time or by a delivery. */

export type Wake = 'time' | 'delivery';

/** n8n's database format. Unlike JSON it keeps identity: what shared an object shares it again when it is read. */
const flatted = createRequire(require.resolve('n8n-core'))('flatted') as {
	parse(text: string): unknown;
	stringify(value: unknown): string;
};

/** The data of an execution as n8n's database gives it back. */
export function saved({ data }: EngineRun): IRunExecutionData {
	return flatted.parse(flatted.stringify(data)) as IRunExecutionData;
}

/**
 * Takes up a parked execution.
 * @param data as it was saved; a test may have changed it meanwhile
 */
export async function wake(
	data: IRunExecutionData,
	options: EngineOptions,
	by: Wake = 'time',
): Promise<EngineRun> {
	if (by === 'delivery') {
		// As n8n's WaitingWebhooks and WebhookHelpers do with a `webhook()` that returns `workflowData: []`.
		const [entry] = data.executionData!.nodeExecutionStack;
		entry.node.disabled = true;
		entry.data.main = [];
		data.waitTill = undefined;
		data.resultData.runData[data.resultData.lastNodeExecuted!].pop();
	}
	return await runNode({ ...options, data, resumes: true });
}

/** Runs the node until it has ended, however often it parks; `passes` counts the times that it ran. */
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
