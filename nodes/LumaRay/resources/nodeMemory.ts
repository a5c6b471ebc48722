import { randomUUID } from 'node:crypto';
import type { IDataObject, IExecuteFunctions, INode } from 'n8n-workflow';

import { openMemory, type Memory } from '../jobs/memory';
import { keepAcrossExecutions, type RecentMemory } from '../jobs/recent';
import { systemClock } from '../transport/clock';
import { wokenRun } from '../transport/suspension';
import { isMcpCall, isTool, toolArguments } from '../transport/tool';
import { withoutRunOptions } from './options';

/** Finds the memory of a run of the node. */

const memories = new WeakMap<IExecuteFunctions, Memory | RecentMemory>();

/** The paid jobs of this run of the node. n8n creates one context per call of the node, so each call has one memory. */
export function memoryOf(context: IExecuteFunctions): Memory | RecentMemory {
	const known = memories.get(context);
	if (known) return known;
	const nodeContext = context.getContext('node') as IDataObject;
	const opened = openMemory(nodeContext, {
		run: runOf(context),
		execution: context.getExecutionId(),
		parameters: [orderParameters(context.getNode()), ...(isTool(context) ? [toolArguments(context)] : [])],
		isToolCall: isTool(context),
	});
	const caller = `${context.getWorkflow().id} ${context.getNode().id}`;
	const memory = isMcpCall(context) ? keepAcrossExecutions(opened, caller, systemClock) : opened;
	memories.set(context, memory);
	return memory;
}

/** Ends the run of the node: from now on, another call may resume its unfinished jobs. */
export function closeMemory(context: IExecuteFunctions): void {
	memories.get(context)?.close();
}

/** The request IDs of jobs that may still be running, from an earlier pass or try, by item. */
export function paidJobs(context: IExecuteFunctions): Map<number, string[]> {
	const byItem = new Map<number, string[]>();
	for (const { index, job } of memoryOf(context).jobs()) {
		const ids = byItem.get(index);
		if (ids) ids.push(job.requestId);
		else byItem.set(index, [job.requestId]);
	}
	return byItem;
}

/**
 * Identifies this run. n8n's run index is not enough: with some settings it increases at a wake, for an AI tool it
 * increases at every try, and two calls at the same time may share one.
 */
function runOf(context: IExecuteFunctions): string {
	if (isTool(context)) return `tool ${randomUUID()}`;
	return wokenRun(context) ?? String(context.getWorkflowDataProxy(0).$runIndex ?? 0);
}

/** Parameters that set how to wait and what to return. They do not change the order. */
const RUN_PARAMETERS = ['downloadVideo', 'outputBinaryField', 'simplify', 'toolDescription', 'waitMode'];

/** The parameters that say what to order. The others may change between two tries, such as a longer timeout. */
function orderParameters({ parameters }: INode): unknown {
	return Object.entries(parameters)
		.filter(([name]) => !RUN_PARAMETERS.includes(name))
		.map(([name, value]) => [name, name === 'options' ? withoutRunOptions(value as IDataObject) : value]);
}
