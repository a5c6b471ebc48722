import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import type { Result } from '../jobs/setting';
import { toNodeError } from '../transport/failures';
import { memoryOf } from './nodeMemory';

/** Errors that name the jobs which are paid for and no longer waited for. */

/** The most request IDs that one message lists; all of them are in n8n's log. */
const MAX_LISTED = 10;

/**
 * Does what comes before the jobs of a run.
 * @throws NodeOperationError that names the jobs which an earlier pass or try has paid for
 */
export async function beforeJobs<T>(context: IExecuteFunctions, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		const failed = new NodeOperationError(context.getNode(), error as Error);
		const ids = memoryOf(context)
			.jobs()
			.map(({ job }) => job.requestId);
		failed.description = [failed.description ?? '', ...sayLeft(ids)].join(' ').trim();
		throw failed;
	}
}

/** @throws NodeApiError or NodeOperationError for the first failed item, naming the jobs that are left behind */
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
	const description = [problem.description ?? '', ...sayLeft(left, 'other '), ...sayOpen(open)]
		.join(' ')
		.trim();
	const requestId = problem.requestId ?? job?.requestId;
	throw toNodeError(context.getNode(), { ...problem, requestId, description }, index);
}

/** Names jobs that are paid for and no longer waited for, as far as one message goes. */
function sayLeft(requestIds: string[], other = ''): string[] {
	const count = requestIds.length;
	if (count === 0) return [];
	const listed = requestIds.slice(0, MAX_LISTED).join(', ') + (count > MAX_LISTED ? ', …' : '');
	return [
		`${count} ${other}${count === 1 ? 'job was' : 'jobs were'} submitted and not collected: ${listed}. Retry resumes them without paying again; Generation: Wait collects each by its request ID.`,
	];
}

function sayOpen(count: number): string[] {
	if (count === 0) return [];
	return [
		`For ${count} other ${count === 1 ? 'item' : 'items'} it is unknown whether the provider accepted the job; retry searches for it and does not pay again.`,
	];
}
