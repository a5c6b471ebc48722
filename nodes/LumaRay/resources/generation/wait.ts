import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { ProviderId } from '../../models/names';
import { connect, type Connection } from '../connect';
import { downloadFields, requestIdFields, simplifyField, waitModeFields } from '../fields';
import type { Operation } from '../operation';
import { optionsField } from '../optionFields';
import { readRunOptions } from '../options';
import { beforeJobs } from '../runErrors';
import { memoryOf } from '../nodeMemory';
import { isResumed, prepareItems, resumeItems, type PreparedItems } from '../prepare';
import { readRequestId } from '../requestId';
import { runItems } from '../runItems';
import { endStopped } from '../stop';
import { readWaitMode } from '../waitMode';

export const wait: Operation = {
	value: 'wait',
	name: 'Wait',
	action: 'Wait for generation',
	description: 'Wait for the video of a generation that was submitted earlier',
	fields: [
		...requestIdFields,
		...waitModeFields(false),
		...downloadFields(),
		simplifyField,
		optionsField([
			'cancelOnStop',
			'cancelOnTimeout',
			'followJob',
			'includeLogs',
			'pollIntervalSeconds',
			'timeoutMinutes',
		]),
	],
	execute,
};

/**
 * Generation: Wait. Resumes jobs of any earlier run, and returns the same output as the operation that submitted them.
 */
async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	if (context.getExecutionCancelSignal()?.aborted) return await endStopped(context);
	const { options, prepared, connection } = await beforeJobs(context, async () => {
		const options = readRunOptions(context);
		const providerId = context.getNodeParameter('provider', 0) as ProviderId;
		const connection = await connect(context, providerId, { logs: options.includeLogs });
		const prepared = isResumed(context) ? resumeWait(context) : await prepareWait(context, connection);
		return { options, prepared, connection };
	});
	return await runItems(context, connection, prepared, options, readWaitMode(context));
}

async function prepareWait(context: IExecuteFunctions, { provider }: Connection): Promise<PreparedItems> {
	return await prepareItems(context, async (index) => ({
		index,
		job: provider.attach(readRequestId(context, index)),
	}));
}

function resumeWait(context: IExecuteFunctions): PreparedItems {
	const byItem = new Map(
		memoryOf(context)
			.jobs()
			.map(({ index, job }) => [index, job]),
	);
	return resumeItems(context, (index) => {
		const job = byItem.get(index);
		return job && { index, job };
	});
}
