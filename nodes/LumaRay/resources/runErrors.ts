import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import type { Result } from '../jobs/context';
import { sayUnfinished, sayUnknown } from './messages';
import { toNodeError } from './nodeError';
import { memoryOf } from './nodeMemory';

/** Errors that name the paid jobs that the run no longer waits for. */

/**
 * Runs the work that comes before the jobs of a run.
 * @throws NodeOperationError that names the jobs that an earlier pass or try has paid for
 */
export async function beforeJobs<T>(context: IExecuteFunctions, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		const failed = new NodeOperationError(context.getNode(), error as Error);
		const ids = memoryOf(context)
			.jobs()
			.map(({ job }) => job.requestId);
		failed.description = [failed.description ?? '', ...sayUnfinished(ids)].join(' ').trim();
		throw failed;
	}
}

/** @throws NodeApiError or NodeOperationError for the first failed item, naming the unfinished jobs */
export function throwFirstProblem(context: IExecuteFunctions, results: Array<Result<unknown>>): void {
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
	const requestId = problem.requestId ?? job?.requestId;
	const more = [...sayUnfinished(left, 'other '), ...sayUnknown(open)];
	throw toNodeError(context.getNode(), { ...problem, requestId }, index, more);
}
