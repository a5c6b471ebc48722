import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { endRemembered } from '../jobs/unfinished';
import { systemClock } from '../transport/clock';
import { connect } from './connect';
import { logTo } from './log';
import { memoryOf } from './nodeMemory';

/**
 * n8n's Retry On Fail runs a node again after a Stop. Then nothing may be submitted, and the unfinished
 * jobs of the earlier try are cancelled if Cancel on Stop is on.
 * @returns no items
 */
export async function endStopped(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const memory = memoryOf(context);
	const log = logTo(context);
	const jobs = memory.jobs();
	const cancelOnStop = context.getNodeParameter('options.cancelOnStop', 0, true) !== false;
	for (const id of new Set(jobs.map(({ job }) => job.provider))) {
		try {
			// The user may have changed the provider since.
			const { provider } = await connect(context, id, { logs: false });
			endRemembered(memory, {
				provider,
				clock: systemClock,
				signal: context.getExecutionCancelSignal()!,
				cancelOnStop,
				log,
			});
		} catch {
			for (const { index, job } of jobs) {
				if (job.provider === id) log({ name: cancelOnStop ? 'noCredential' : 'leftRunning' }, job, index);
			}
		}
	}
	return [[]];
}
