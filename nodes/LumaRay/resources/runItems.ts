import {
	NodeOperationError,
	type IBinaryData,
	type IDataObject,
	type IExecuteFunctions,
	type INode,
	type INodeExecutionData,
} from 'n8n-workflow';

import { createMemory, type LookedAt, type Memory } from '../jobs/memory';
import { runJobs } from '../jobs/run';
import type { Result, RunSetting, Task } from '../jobs/setting';
import { runSuspended } from '../jobs/suspend';
import { leaveRemembered } from '../jobs/unended';
import type { Order, Provider } from '../providers/provider';
import type { ProviderId } from '../ray/table';
import { systemClock } from '../transport/clock';
import { toNodeError } from '../transport/failures';
import { suspendExecution, whyNotSuspend } from '../transport/suspension';
import { videoCollector } from './collect';
import { connect, type Connection } from './connect';
import { withoutRunOptions, type RunOptions } from './options';
import { badItem, badItemOf, jobItem, pendingItem, readLook, type Look } from './output';

/** The most request ids that one message lists; all of them are in n8n's log. */
const MAX_LISTED = 10;

/** What an item holds once it has been checked. Only an item that orders a job has an order. */
export interface PreparedItem {
	index: number;
	order?: Order;
}

/** Input items after the check: those fit for the run, and those that are bad already. */
export interface Prepared<Item extends PreparedItem> {
	items: Array<Item & { look: Look }>;
	bad: Map<number, INodeExecutionData>;
}

/**
 * Checks every input item before anything is paid.
 * @param prepare throws for an item that is plainly wrong, as do expressions
 * @throws NodeOperationError for the first wrong item, unless the node continues on fail
 */
export async function prepareItems<Item extends PreparedItem>(
	context: IExecuteFunctions,
	provider: ProviderId,
	prepare: (index: number) => Promise<Item>,
): Promise<Prepared<Item>> {
	const prepared: Prepared<Item> = { items: [], bad: new Map() };
	let paid: Map<number, string[]> | undefined;
	for (let index = 0; index < context.getInputData().length; index++) {
		try {
			prepared.items.push({ ...(await prepare(index)), look: readLook(context, index) });
		} catch (error) {
			if (!context.continueOnFail()) {
				throw new NodeOperationError(context.getNode(), error as Error, { itemIndex: index });
			}
			paid ??= paidFor(context);
			const [requestId] = paid.get(index) ?? [];
			prepared.bad.set(index, badItemOf(context, index, error as Error, { provider, requestId }));
		}
	}
	return prepared;
}

export type WaitMode = 'wait' | 'suspend' | 'submit';

/**
 * How to wait. Where an execution cannot be parked, the node waits in the process instead and says so in a hint.
 */
export function readWaitMode(context: IExecuteFunctions): WaitMode {
	const mode = context.getNodeParameter('waitMode', 0, 'wait') as WaitMode;
	const why = mode === 'suspend' ? whyNotSuspend(context) : undefined;
	if (why === undefined) return mode;
	context.addExecutionHints?.({
		message: `The execution was not suspended, since ${why}. It waited for the videos instead.`,
		location: 'outputPane',
	});
	return 'wait';
}

/**
 * Runs the tasks and turns their results into output items, in the order of the input.
 * @returns no items where the execution was stopped; the pending jobs where it is parked
 * @throws NodeApiError or NodeOperationError for the first bad item, unless the node continues on fail
 */
export async function runItems<Item extends PreparedItem>(
	context: IExecuteFunctions,
	connection: Connection,
	tasks: Task[],
	prepared: Prepared<Item>,
	options: RunOptions,
	mode: WaitMode,
): Promise<INodeExecutionData[][]> {
	const continues = context.continueOnFail();
	const downloads = mode !== 'submit' && context.getNodeParameter('downloadVideo', 0, false) === true;
	const memory = memoryOf(context);
	const setting: RunSetting<IBinaryData | undefined> = {
		...options,
		provider: connection.provider,
		clock: systemClock,
		signal: context.getExecutionCancelSignal() ?? new AbortController().signal,
		memory,
		follow: mode === 'submit' ? 'none' : options.follow,
		failFast: !continues,
		collect: videoCollector(context, connection, downloads),
		log: logTo(context),
	};
	const results =
		mode === 'suspend'
			? await onePass(context, async () => await runOrPark(context, tasks, setting))
			: await runJobs(tasks, setting);
	if (results === undefined) return [[]];
	if (!Array.isArray(results)) return [results.parked];
	if (!continues) throwFirstProblem(context, results);
	const byIndex = new Map(prepared.items.map((item) => [item.index, item]));
	const made = results.map((result): [number, INodeExecutionData] => [
		result.index,
		outputItem(context, connection, result, byIndex.get(result.index)!, options),
	]);
	if (prepared.bad.size === 0 && results.every(({ ok }) => ok)) memory.clear();
	// Sorting keeps the order of the generations of one item.
	return [[...prepared.bad, ...made].sort(([one], [other]) => one - other).map(([, item]) => item)];
}

/** What this run of the node has paid for. */
export function memoryOf(context: IExecuteFunctions): Memory {
	return createMemory(context.getContext('node') as IDataObject, {
		runIndex: Number(context.getWorkflowDataProxy(0).$runIndex ?? 0),
		execution: context.getExecutionId(),
		parameters: orderedBy(context.getNode()),
	});
}

/** The request ids of all jobs that may still go on, from an earlier pass or try, by item: one pass over the memory. */
export function paidFor(context: IExecuteFunctions): Map<number, string[]> {
	const ids = new Map<number, string[]>();
	for (const { index, job } of memoryOf(context).jobs()) {
		const ofItem = ids.get(index);
		if (ofItem) ofItem.push(job.requestId);
		else ids.set(index, [job.requestId]);
	}
	return ids;
}

/** Parameters that say how to wait and what to put out, and nothing of what is ordered. */
const RUN_PARAMETERS = ['downloadVideo', 'outputBinaryField', 'simplify', 'waitMode'];

/** The parameters that say what to order. The others may change between two tries, such as a longer timeout. */
function orderedBy({ parameters }: INode): unknown {
	return Object.entries(parameters)
		.filter(([name]) => !RUN_PARAMETERS.includes(name))
		.map(([name, value]) => [name, name === 'options' ? withoutRunOptions(value as IDataObject) : value]);
}

/**
 * Does what comes before the jobs of a run.
 * @throws NodeOperationError that names the jobs which an earlier pass or try has paid for
 */
export async function beforeJobs<T>(context: IExecuteFunctions, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		const told = new NodeOperationError(context.getNode(), error as Error);
		const left = sayLeft(
			memoryOf(context)
				.jobs()
				.map(({ job }) => job.requestId),
		);
		told.description = [told.description ?? '', ...left].join(' ').trim();
		throw told;
	}
}

/** How often n8n's Retry On Fail runs a node, as its engine counts. */
function triesOf({ retryOnFail, maxTries }: INode): number {
	return retryOnFail ? Math.min(5, Math.max(2, maxTries ?? 3)) : 1;
}

/**
 * n8n's Retry On Fail runs a node once more after a Stop. Nothing may be submitted then; the jobs that the try before
 * left end too, each at its own provider.
 * @returns no items
 */
export async function endStopped(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const memory = memoryOf(context);
	const providers: Provider[] = [];
	for (const id of new Set(memory.jobs().map(({ job }) => job.provider))) {
		try {
			providers.push((await connect(context, id, { logs: false })).provider);
		} catch {
			// n8n gives no credential that is missing, or whose provider is no longer chosen: its jobs are logged.
		}
	}
	leaveRemembered(
		memory,
		{
			clock: systemClock,
			signal: context.getExecutionCancelSignal()!,
			cancelOnStop: context.getNodeParameter('options.cancelOnStop', 0, true) !== false,
			log: logTo(context),
		},
		providers,
	);
	return [[]];
}

/** The request id is in the sentence too: n8n prints nothing else unless it is told to. */
function logTo(context: IExecuteFunctions): RunSetting<unknown>['log'] {
	return (message, { provider, requestId }, itemIndex) => {
		const job = requestId === undefined ? provider : `${provider} ${requestId}`;
		context.logger.info(`Luma Ray: ${message} (${job}, item ${itemIndex})`, {
			provider,
			requestId,
			itemIndex,
		});
	};
}

/** Executions whose pass is under way in this process. */
const passing = new Set<string>();

/**
 * One pass, and only one at a time: n8n 1.x may resume an execution twice, by a delivery and by its clock. The second
 * time puts out nothing, so what follows the node runs once.
 */
async function onePass<T>(context: IExecuteFunctions, pass: () => Promise<T>): Promise<T | undefined> {
	const name = JSON.stringify([context.getExecutionId(), context.getNode().id]);
	if (passing.has(name)) return undefined;
	passing.add(name);
	try {
		return await pass();
	} finally {
		passing.delete(name);
	}
}

/** One pass of a run that parks: its results, or the items to show while the execution is parked. */
async function runOrPark(
	context: IExecuteFunctions,
	tasks: Task[],
	setting: RunSetting<IBinaryData | undefined>,
): Promise<Array<Result<IBinaryData | undefined>> | { parked: INodeExecutionData[] } | undefined> {
	const suspended = await runSuspended(tasks, { ...setting, tries: triesOf(context.getNode()) });
	if (suspended.end === 'stopped') return undefined;
	if (suspended.end === 'results') return suspended.results;
	const { pending, ended, wakeAt, since } = suspended;
	const shown = (jobs: LookedAt[]) => jobs.map((one) => pendingItem(one, since));
	await suspendExecution(context, new Date(wakeAt), shown([...pending, ...ended]));
	return { parked: shown(pending) };
}

function outputItem(
	context: IExecuteFunctions,
	{ provider: { id, table } }: Connection,
	result: Result<IBinaryData | undefined>,
	{ index, order, look }: PreparedItem & { look: Look },
	{ includeLogs }: RunOptions,
): INodeExecutionData {
	const { job, outcome } = result;
	if (!result.ok) {
		const { problem, status } = result;
		return badItem(context, index, problem, { provider: id, requestId: job?.requestId, status });
	}
	return jobItem(
		index,
		{
			table,
			job: result.job,
			status: outcome?.status ?? 'queued',
			outcome,
			order,
			withLogs: includeLogs,
			answer: result.answer as IDataObject | undefined,
		},
		look,
		result.stored,
	);
}

/** Names jobs that are paid for and not waited for any more, as far as one message goes; n8n's log names them all. */
function sayLeft(requestIds: string[], other = ''): string[] {
	const count = requestIds.length;
	if (count === 0) return [];
	const listed = requestIds.slice(0, MAX_LISTED).join(', ') + (count > MAX_LISTED ? ', …' : '');
	return [
		`${count} ${other}${count === 1 ? 'job was' : 'jobs were'} submitted and not collected: ${listed}. Retry takes them up without paying again; Generation: Wait collects each by its request ID.`,
	];
}

function sayOpen(count: number): string[] {
	if (count === 0) return [];
	return [
		`Of ${count} other ${count === 1 ? 'item' : 'items'} nobody knows whether a job was accepted; retry looks for it and does not pay again.`,
	];
}

/** @throws NodeApiError or NodeOperationError for the first bad item, naming the jobs that are left behind */
function throwFirstProblem(
	context: IExecuteFunctions,
	results: Array<Result<IBinaryData | undefined>>,
): void {
	const bad = results.find((result) => !result.ok && !result.halted);
	if (!bad || bad.ok) return;
	const others = results.filter((result) => result !== bad);
	const left = others.flatMap((result) =>
		result.job && (result.ok || !['failed', 'cancelled'].includes(result.status ?? ''))
			? [result.job.requestId]
			: [],
	);
	const open = others.filter((result) => !result.ok && result.open).length;
	const { problem, job, index } = bad;
	const description = [problem.description ?? '', ...sayLeft(left, 'other '), ...sayOpen(open)]
		.join(' ')
		.trim();
	const requestId = problem.requestId ?? job?.requestId;
	throw toNodeError(context.getNode(), { ...problem, requestId, description }, index);
}
