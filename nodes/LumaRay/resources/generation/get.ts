import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { lookAtJob } from '../../jobs/look';
import { systemClock } from '../../transport/clock';
import { videoCollector } from '../collect';
import { eachItem, readRequestId } from '../eachItem';
import { downloadFields, requestIdField, simplifyField } from '../fields';
import { jobItem, readLook } from '../output';

const show = { resource: ['generation'], operation: ['get'] };

export const getFields: INodeProperties[] = [
	requestIdField(show),
	...downloadFields(show),
	simplifyField(show),
];

/** Generation: Get. How a job stands right now; one that ended badly is an item too, with `errorMessage`. */
export async function get(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await eachItem(this, async (index, connection, signal) => {
		const { provider } = connection;
		const job = provider.attach(readRequestId(this, index));
		const looked = await lookAtJob(job, provider, systemClock, signal);
		if (!looked.ok) return { problem: { ...looked.problem, requestId: job.requestId } };
		const { status, outcome, model } = looked.value;
		const look = readLook(this, index);
		const downloads = this.getNodeParameter('downloadVideo', index, false) === true;
		const stored =
			outcome?.status === 'succeeded'
				? await videoCollector(this, connection, downloads)(outcome, signal)
				: undefined;
		if (stored && !stored.ok) return { problem: { ...stored.problem, requestId: job.requestId } };
		return [
			jobItem(
				index,
				{ catalogue: provider.catalogue, job, status, outcome, model, withLogs: false },
				look,
				stored?.value,
			),
		];
	});
}
