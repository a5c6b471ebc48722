import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import type { ProviderId } from '../../models/names';
import { connect, type Connection } from '../connect';
import { readRequestId } from '../eachItem';
import { downloadFields, requestIdField, simplifyField, waitModeFields } from '../fields';
import { optionsField } from '../optionFields';
import { readRunOptions } from '../options';
import { beforeJobs } from '../leftBehind';
import { memoryOf } from '../nodeMemory';
import { isResumed, prepareItems, resumeItems, type Prepared } from '../prepare';
import { runItems } from '../runItems';
import { endStopped } from '../stop';
import { readWaitMode } from '../waitMode';

const show = { resource: ['generation'], operation: ['wait'] };

export const waitFields: INodeProperties[] = [
	requestIdField(show),
	...waitModeFields(show, false),
	...downloadFields(show),
	simplifyField(show),
	optionsField(
		['cancelOnStop', 'cancelOnTimeout', 'followJob', 'includeLogs', 'pollIntervalSeconds', 'timeoutMinutes'],
		show,
	),
];

/** Generation: Wait. Resumes jobs that any earlier run submitted and ends exactly as Animate Image would. */
export async function wait(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	if (this.getExecutionCancelSignal()?.aborted) return await endStopped(this);
	const { options, prepared, connection } = await beforeJobs(this, async () => {
		const options = readRunOptions(this);
		const providerId = this.getNodeParameter('provider', 0) as ProviderId;
		const connection = await connect(this, providerId, { logs: options.includeLogs });
		const prepared = isResumed(this) ? resumeWait(this) : await prepareWait(this, connection);
		return { options, prepared, connection };
	});
	return await runItems(this, connection, prepared, options, readWaitMode(this));
}

async function prepareWait(context: IExecuteFunctions, { provider }: Connection): Promise<Prepared> {
	return await prepareItems(context, async (index) => ({
		index,
		job: provider.attach(readRequestId(context, index)),
	}));
}

function resumeWait(context: IExecuteFunctions): Prepared {
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
