import { openMemory, type Memory } from '../nodes/LumaRay/jobs/memory';
import type { Random } from './random';

/** What n8n does to a run, as far as jobs/ can see it. */

/** How n8n is set up, and what it does to the runs of one story. */
export interface Host {
	/** The node is a tool of an AI agent, and each item is a tool call. */
	tool?: {
		/** Calls that the agent makes at once. */
		callsAtOnce: number;
		/** How many times the agent may repeat a failed call. */
		repeats: number;
	};
	/** Always Output Data: a run that wakes has the next run index. */
	alwaysOutputData: boolean;
	/** The stack entry loses the name that the node stored in it before a wake. */
	dropsName: boolean;
	/** In n8n 1.x, a webhook delivery and the timer can both wake the execution. */
	wakesTwice: boolean;
	/**
	 * The machine's clock is changed once, by `byMs`, after `afterMs` milliseconds. Absent if the clock is not changed.
	 */
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

/** What the node learns from n8n about the current run. */
export interface Call {
	/** n8n's `$runIndex`. */
	runIndex: number;
	/** The name of a parked run in n8n's stack entry, if n8n has kept it. */
	parkedAs?: string;
	/** A unique name for one try of one tool call. */
	toolCall?: string;
	/** The execution's ID. */
	execution: string;
	/** The parameters before expressions are evaluated. For a tool call, they include its arguments. */
	parameters: unknown;
}

/** The node's own context, which n8n saves with the execution. */
export type NodeContext = { [key: string]: unknown };

/** Opens the memory of the run that a call belongs to. */
export function memoryFor(context: NodeContext, call: Call): Memory {
	const { execution, parameters, toolCall } = call;
	const run = toolCall ?? nameOf(call);
	return openMemory(context, { run, execution, parameters, isToolCall: toolCall !== undefined });
}

/** Opens the memory the way a node would if it identified its run only by n8n's run index. */
export function memoryByRunIndex(context: NodeContext, { runIndex, execution, parameters }: Call): Memory {
	const run = String(runIndex);
	const runs = (context.lumaRayRuns ?? {}) as { [run: string]: { parking?: unknown } };
	// It must also not find a parked run that has another name.
	const hidden = Object.keys(runs).filter((other) => other !== run);
	const parkings = hidden.map((other) => [other, runs[other].parking] as const);
	for (const other of hidden) delete runs[other].parking;
	const memory = openMemory(context, { run, execution, parameters });
	for (const [other, parking] of parkings)
		if (parking !== undefined && runs[other]) runs[other].parking = parking;
	return memory;
}

/** The name that a run stores in its stack entry when it parks. */
export function nameOf({ parkedAs, runIndex }: Call): string {
	return parkedAs ?? String(runIndex);
}

/** Marks a try as ended, so that another try may use its memory. */
export const closeMemory = (memory: Memory): void => memory.close();

/** Runs only one pass of an execution at a time, as `resources/runItems.ts` does for the node. */
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
