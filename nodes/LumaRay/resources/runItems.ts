import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { PolledJob } from '../jobs/memory';
import { runJobs } from '../jobs/run';
import type { Result, RunContext, Task } from '../jobs/context';
import { collectParked, runSuspended } from '../jobs/suspend';
import { systemClock } from '../transport/clock';
import { suspendExecution } from '../transport/suspension';
import { isTool } from '../transport/tool';
import { videoCollector, wantsVideo, type StoredFiles } from './collect';
import type { Connection } from './connect';
import { continuesOnFail } from './continues';
import { throwFirstProblem } from './runErrors';
import { logTo } from './log';
import { sayParked } from './messages/hints';
import { memoryOf } from './nodeMemory';
import type { RunOptions } from './options';
import { badItem, jobItem, pendingItem } from './output';
import type { PreparedItems, PreparedItem } from './prepare';
import { traceJobs } from './tracing';
import { triesOf, type WaitMode } from './waitMode';

type Video = StoredFiles | undefined;

/**
 * Runs the prepared items and turns their results into output items, in the order of the input.
 * @returns no items if the execution was stopped; the pending jobs if it is parked
 * @throws NodeApiError or NodeOperationError for the first failed item, unless the node continues on fail
 */
export async function runItems(
	context: IExecuteFunctions,
	connection: Connection,
	{ items, invalid }: PreparedItems,
	options: RunOptions,
	mode: WaitMode,
): Promise<INodeExecutionData[][]> {
	const setting = runContextFor(context, connection, options, mode);
	const { memory } = setting;
	const tasks = items.map(({ task }) => task);
	let results: Array<Result<Video>> | undefined;
	// Wait Mode may be an expression that returns another value at a wake.
	if (mode === 'suspend' || memory.parking()) {
		const pass = async () => await runOrPark(context, tasks, setting, invalid, mode);
		const passed = await onePass(context, pass);
		if (passed && 'parked' in passed) return [passed.parked];
		results = passed;
	} else {
		const ran = await runJobs(tasks, setting);
		results = ran && [...invalid.map((item): Result<Video> => ({ ...item, ok: false })), ...ran];
	}
	if (results === undefined) return [[]];
	traceJobs(context, connection.provider, tasks, results);
	if (results.every(({ ok }) => ok)) memory.clear();
	else if (!results.some((result) => result.job ?? (!result.ok && result.open))) memory.commitUsd(0);
	if (setting.failFast) throwFirstProblem(context, results);
	const byIndex = new Map(items.map((item) => [item.task.index, item]));
	const made = results.map((result): [number, INodeExecutionData] => [
		result.index,
		outputItem(context, connection, result, byIndex.get(result.index), options),
	]);
	// Sorting keeps the order of the generations of one item.
	return [made.sort(([one], [other]) => one - other).map(([, item]) => item)];
}

function runContextFor(
	context: IExecuteFunctions,
	connection: Connection,
	options: RunOptions,
	mode: WaitMode,
): RunContext<Video> {
	const downloads = mode !== 'submit' && wantsVideo(context, 0);
	return {
		...options,
		provider: connection.provider,
		clock: systemClock,
		signal: context.getExecutionCancelSignal() ?? new AbortController().signal,
		memory: memoryOf(context),
		follow: mode === 'submit' ? 'none' : options.follow,
		failFast: !continuesOnFail(context),
		// n8n does not call a tool again after a Stop.
		cancelsUnfinished: isTool(context),
		collect: videoCollector(context, connection, downloads),
		log: logTo(context),
	};
}

/** Executions that have a pass in progress in this process. */
const passesUnderWay = new Set<string>();

/**
 * Runs one pass at a time: n8n 1.x may resume an execution twice, by a delivery and by a timer. The second pass returns
 * nothing, so the nodes after this one run once.
 */
async function onePass<T>(context: IExecuteFunctions, pass: () => Promise<T>): Promise<T | undefined> {
	const name = JSON.stringify([context.getExecutionId(), context.getNode().id]);
	if (passesUnderWay.has(name)) return undefined;
	passesUnderWay.add(name);
	try {
		return await pass();
	} finally {
		passesUnderWay.delete(name);
	}
}

/** One pass of a run that parks: its results, or the items to show while the execution is parked. */
async function runOrPark(
	context: IExecuteFunctions,
	tasks: Task[],
	setting: RunContext<Video>,
	invalid: PreparedItems['invalid'],
	mode: WaitMode,
): Promise<Array<Result<Video>> | { parked: INodeExecutionData[] } | undefined> {
	const tries = triesOf(context.getNode());
	const parking = mode === 'suspend' ? undefined : setting.memory.parking();
	const suspended = parking
		? await collectParked(tasks, parking, setting)
		: await runSuspended(tasks, { ...setting, tries }, invalid);
	if (suspended.end === 'stopped') return undefined;
	if (suspended.end === 'results') return suspended.results;
	const { pending, ended, wakeAt, since } = suspended;
	const shown = (jobs: PolledJob[]) => jobs.map((one) => pendingItem(one, setting.provider.id, since));
	const listed = pending.map(({ job, status }) => ({ requestId: job?.requestId, status }));
	context.addExecutionHints?.({
		message: sayParked(listed, setting.provider.id),
		location: 'outputPane',
	});
	await suspendExecution(context, new Date(wakeAt), shown([...pending, ...ended]), setting.memory.run);
	return { parked: shown(pending) };
}

/** @param item absent for an item that failed before it was run */
function outputItem(
	context: IExecuteFunctions,
	{ provider: { id, catalogue } }: Connection,
	result: Result<Video>,
	item: PreparedItem | undefined,
	{ includeLogs }: RunOptions,
): INodeExecutionData {
	const { index, job, outcome } = result;
	if (!result.ok || !item) {
		const { problem, status } = result as Result<Video> & { ok: false };
		return badItem(context, index, problem, { provider: id, requestId: job?.requestId, status });
	}
	const known = {
		catalogue,
		job: result.job,
		status: outcome?.status ?? 'queued',
		outcome,
		order: 'order' in item.task ? item.task.order : undefined,
		withLogs: includeLogs,
		answer: result.answer as IDataObject | undefined,
	};
	return jobItem(index, known, item.form, result.stored);
}
