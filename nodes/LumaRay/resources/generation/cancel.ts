import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { cancelJob } from '../../jobs/cancel';
import { checkStatus } from '../../jobs/status';
import { systemClock } from '../../transport/clock';
import { eachItem } from '../eachItem';
import { requestIdFields } from '../fields';
import type { Operation } from '../operation';
import { readRequestId } from '../requestId';

export const cancel: Operation = {
	value: 'cancel',
	name: 'Cancel',
	action: 'Cancel generation',
	description: 'Cancel a generation before its video is ready',
	fields: requestIdFields,
	execute,
};

/**
 * Generation: Cancel. A job that had already ended gives `cancelled: false` and its state. A job in progress may
 * still finish, and be billed: its status then stays `running`.
 */
async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await eachItem(context, async (index, { provider }, signal) => {
		const requestId = readRequestId(context, index);
		const job = provider.attach(requestId);
		const answer = await cancelJob(job, provider, systemClock, signal);
		if (!answer.ok) return { problem: { ...answer.problem, requestId } };
		const { cancelled } = answer.value;
		let status: string = answer.value.status;
		if (!cancelled) {
			const checked = await checkStatus(job, provider, systemClock, signal);
			if (checked.ok) status = checked.value.status;
		}
		return [{ json: { provider: provider.id, requestId, cancelled, status }, pairedItem: { item: index } }];
	});
}
