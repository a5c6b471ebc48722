import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import type { Failure } from '../jobs/memory';
import type { Task } from '../jobs/context';
import { continuesOnFail } from './continues';
import { problemOfError } from './messages';
import { memoryOf, paidJobs } from './nodeMemory';
import { DEFAULT_FORM, readOutputForm, type OutputForm } from './output';

/** An item that can be run, with the settings for its output. */
export interface PreparedItem {
	task: Task;
	form: OutputForm;
}

/** Input items after the check: those that can be run, and those that have already failed. */
export interface PreparedItems {
	items: PreparedItem[];
	invalid: Array<{ index: number } & Failure>;
}

/**
 * Checks every input item before anything is paid.
 * @param prepare throws if the item cannot be run, for example if an expression throws
 * @throws NodeOperationError for the first such item, unless the node continues on fail
 */
export async function prepareItems(
	context: IExecuteFunctions,
	prepare: (index: number) => Promise<Task>,
): Promise<PreparedItems> {
	const prepared: PreparedItems = { items: [], invalid: [] };
	const paid = paidJobs(context);
	const count = context.getInputData().length;
	for (let index = 0; index < count; index++) {
		try {
			prepared.items.push({ task: await prepare(index), form: readOutputForm(context, index) });
		} catch (error) {
			if (!continuesOnFail(context)) {
				throw new NodeOperationError(context.getNode(), error as Error, { itemIndex: index });
			}
			const [requestId] = paid.get(index) ?? [];
			prepared.invalid.push({ index, problem: problemOfError(error as Error, requestId) });
		}
	}
	return prepared;
}

/**
 * The items of a parked run, from its memory. Their parameters are not read again: an item that was refused must not be
 * ordered now, and an item that was ordered must not fail now.
 * @param remembered the task of an item; undefined for one that failed before the run was parked
 */
export function resumeItems(
	context: IExecuteFunctions,
	remembered: (index: number) => Task | undefined,
): PreparedItems {
	const items = context.getInputData().flatMap((_item, index): PreparedItem[] => {
		const task = remembered(index);
		return task ? [{ task, form: outputFormOrDefault(context, index) }] : [];
	});
	return { items, invalid: [] };
}

/** Whether the run was parked and has resumed. */
export function isResumed(context: IExecuteFunctions): boolean {
	return memoryOf(context).parking() !== undefined;
}

function outputFormOrDefault(context: IExecuteFunctions, index: number): OutputForm {
	try {
		return readOutputForm(context, index);
	} catch {
		// The video is paid for: an expression that throws now must not keep it from the user.
		return DEFAULT_FORM;
	}
}
