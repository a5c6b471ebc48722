import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import type { Task } from '../../jobs/setting';
import type { ProviderId } from '../../ray/table';
import { connect } from '../connect';
import { readRequestId } from '../eachItem';
import { downloadFields, requestIdField, simplifyField, waitModeField } from '../fields';
import { optionsField } from '../optionFields';
import { readRunOptions } from '../options';
import { beforeJobs, endStopped, prepareItems, readWaitMode, runItems } from '../runItems';

const show = { resource: ['generation'], operation: ['wait'] };

export const waitFields: INodeProperties[] = [
	requestIdField(show),
	waitModeField(show, false),
	...downloadFields(show),
	simplifyField(show),
	optionsField(
		['cancelOnStop', 'cancelOnTimeout', 'followJob', 'includeLogs', 'pollIntervalSeconds', 'timeoutMinutes'],
		show,
	),
];

/** Generation: Wait. Takes up jobs that any earlier run submitted and ends exactly as Animate Image would. */
export async function wait(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	if (this.getExecutionCancelSignal()?.aborted) return await endStopped(this);
	const options = readRunOptions(this);
	const providerId = this.getNodeParameter('provider', 0) as ProviderId;
	const { prepared, connection } = await beforeJobs(this, async () => {
		const connection = await connect(this, providerId, { logs: options.includeLogs });
		const prepared = await prepareItems(this, providerId, async (index) => ({
			index,
			job: connection.provider.attach(readRequestId(this, index)),
		}));
		return { prepared, connection };
	});
	const tasks = prepared.items.map(({ index, job }): Task => ({ index, job }));
	return await runItems(this, connection, tasks, prepared, options, readWaitMode(this));
}
