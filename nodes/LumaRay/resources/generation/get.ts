import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { checkStatus } from '../../jobs/status';
import { systemClock } from '../../transport/clock';
import { videoCollector, wantsVideo } from '../collect';
import { eachItem } from '../eachItem';
import { downloadFields, requestIdFields, simplifyField } from '../fields';
import type { Operation } from '../operation';
import { jobItem, readOutputForm } from '../output';
import { readRequestId } from '../requestId';

export const get: Operation = {
	value: 'get',
	name: 'Get',
	action: 'Get generation',
	description: 'Get the status of a generation, and its video when it is ready',
	fields: [...requestIdFields, ...downloadFields(), simplifyField],
	execute,
};

/** Generation: Get. The current status of a generation. A failed one is also returned as an item, with `errorMessage`. */
async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await eachItem(context, async (index, connection, signal) => {
		const { provider } = connection;
		const job = provider.attach(readRequestId(context, index));
		const checked = await checkStatus(job, provider, systemClock, signal);
		if (!checked.ok) return { problem: { ...checked.problem, requestId: job.requestId } };
		const { status, outcome, model } = checked.value;
		const form = readOutputForm(context, index);
		const downloads = wantsVideo(context, index);
		const stored =
			outcome?.status === 'succeeded'
				? await videoCollector(context, connection, downloads)(outcome, signal)
				: undefined;
		if (stored && !stored.ok) return { problem: { ...stored.problem, requestId: job.requestId } };
		return [
			jobItem(
				index,
				{ catalogue: provider.catalogue, job, status, outcome, model, withLogs: false },
				form,
				stored?.value,
			),
		];
	});
}
