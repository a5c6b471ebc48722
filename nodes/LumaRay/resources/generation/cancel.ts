import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { cancelJob } from '../../jobs/cancel';
import { lookAtJob } from '../../jobs/look';
import { systemClock } from '../../transport/clock';
import { eachItem, readRequestId } from '../eachItem';
import { requestIdField } from '../fields';

const show = { resource: ['generation'], operation: ['cancel'] };

export const cancelFields: INodeProperties[] = [requestIdField(show)];

/**
 * Generation: Cancel. A job that had already ended gives `cancelled: false` and its state. A job in progress may
 * still finish, and be billed: its status then stays `running`.
 */
export async function cancel(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await eachItem(this, async (index, { provider }, signal) => {
		const requestId = readRequestId(this, index);
		const job = provider.attach(requestId);
		const answer = await cancelJob(job, provider, systemClock, signal);
		if (!answer.ok) return { problem: { ...answer.problem, requestId } };
		const { cancelled } = answer.value;
		let status: string = answer.value.status;
		if (!cancelled) {
			const looked = await lookAtJob(job, provider, systemClock, signal);
			if (looked.ok) status = looked.value.status;
		}
		return [{ json: { provider: provider.id, requestId, cancelled, status }, pairedItem: { item: index } }];
	});
}
