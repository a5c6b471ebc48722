import { openMemory, type Memory } from '../nodes/LumaRay/jobs/memory';
import type { Random } from './random';

/** What n8n does to a run, as far as the jobs see it. */

/** How n8n is set up, and what it does to the runs of one story. */
export interface Host {
	/** The node is a tool of an AI agent, and each item is a call of it. */
	tool?: {
		/** Calls that the agent makes at once. */
		callsAtOnce: number;
		/** How often the agent may repeat a call that has failed. */
		repeats: number;
	};
	/** Always Output Data: a wake finds the run under the next run index. */
	alwaysOutputData: boolean;
	/** The stack entry comes back from a wake without the name that the node left in it. */
	dropsName: boolean;
	/** n8n 1.x: a delivery and the time both wake an execution. */
	wakesTwice: boolean;
	/** Milliseconds by which the clock of the machine is set, once, and when. Absent if it is right. */
	clock?: { byMs: number; afterMs: number };
}

const HOUR_MS = 3_600_000;

export function drawHost(random: Random, parks: boolean): Host {
	const isTool = random.chance(0.1) && !parks;
	const tool = { callsAtOnce: random.integer(1, 3), repeats: random.integer(0, 2) };
	const clock = { byMs: random.pick([-HOUR_MS, HOUR_MS]), afterMs: random.between(0, 10 * 60_000) };
	const isClockSet = random.chance(0.1);
	return {
		...(isTool ? { tool } : {}),
		alwaysOutputData: random.chance(0.2),
		dropsName: random.chance(0.2),
		wakesTwice: random.chance(0.2),
		...(isClockSet ? { clock } : {}),
	};
}

/** What n8n tells the node about the run that it is called for. */
export interface Call {
	/** n8n's `$runIndex`. */
	runIndex: number;
	/** The name of the run in the entry of n8n's stack, once it was parked and as long as n8n keeps it. */
	parkedAs?: string;
	/** Names one try of one call of a tool. No two have the same name. */
	toolCall?: string;
	/** The execution's id. */
	execution: string;
	/** The parameters before their expressions are evaluated; for a tool also its arguments. */
	parameters: unknown;
}

/** The node's own context, which n8n saves with the execution. */
export type NodeContext = { [key: string]: unknown };

/** The memory of the run that a call belongs to. The one place that hands the jobs a memory. */
export function memoryFor(context: NodeContext, call: Call): Memory {
	const { execution, parameters, toolCall } = call;
	const run = toolCall ?? nameOf(call);
	return openMemory(context, { run, execution, parameters, isToolCall: toolCall !== undefined });
}

/** The memory of a node that knows its run by n8n's run index alone. */
export function memoryByRunIndex(context: NodeContext, { runIndex, execution, parameters }: Call): Memory {
	const run = String(runIndex);
	const runs = (context.lumaRayRuns ?? {}) as { [run: string]: { parking?: unknown } };
	// It does not look for a parked run under another name either.
	const hidden = Object.keys(runs).filter((other) => other !== run);
	const parkings = hidden.map((other) => [other, runs[other].parking] as const);
	for (const other of hidden) delete runs[other].parking;
	const memory = openMemory(context, { run, execution, parameters });
	for (const [other, parking] of parkings)
		if (parking !== undefined && runs[other]) runs[other].parking = parking;
	return memory;
}

/** The name that a run leaves in its stack entry when it parks. */
export function nameOf({ parkedAs, runIndex }: Call): string {
	return parkedAs ?? String(runIndex);
}

/** A try has ended, so another one may use its memory. */
export const closeMemory = (memory: Memory): void => memory.close();

/** Lets one pass of an execution through at a time, as `resources/runItems.ts` does it for the node. */
export type OnePass = <T>(pass: () => Promise<T>) => Promise<T | undefined>;

export function createOnePass(): OnePass {
	let isPassing = false;
	return async (pass) => {
		if (isPassing) return undefined;
		isPassing = true;
		try {
			return await pass();
		} finally {
			isPassing = false;
		}
	};
}
