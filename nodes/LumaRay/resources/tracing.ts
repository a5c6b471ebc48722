import type { IExecuteFunctions } from 'n8n-workflow';

import type { Result, Task } from '../jobs/context';
import { shorten } from '../models/problem';
import type { Provider } from '../providers/provider';

type Attributes = { [name: string]: string | number | boolean };

/**
 * Adds the orders and the billed amounts to the node's OpenTelemetry span, which n8n 2.41 reads from the run's
 * metadata. Does nothing in an n8n without metadata. Without tracing, n8n only saves it with the run.
 */
export function traceJobs(
	context: IExecuteFunctions,
	{ id, catalogue }: Provider,
	tasks: Task[],
	results: Array<Result<unknown>>,
): void {
	const { setMetadata } = context as Partial<IExecuteFunctions>;
	if (typeof setMetadata !== 'function') return;
	const withJob = results.filter(({ job }) => job !== undefined);
	const orders = new Map(tasks.flatMap((task) => ('order' in task ? [[task.index, task.order]] : [])));
	const models = withJob.flatMap(({ index, job, outcome }) => {
		const model = orders.get(index)?.model ?? job?.model;
		return model ? catalogue.models[model].endpoint : (outcome?.model ?? []);
	});
	const tracing: Attributes = {
		'luma_ray.provider': id,
		...listed('luma_ray.model', models),
		...listed(
			'luma_ray.request_id',
			withJob.flatMap(({ job }) => job?.requestId || []),
		),
		...total(
			'luma_ray.estimated_usd',
			withJob.map(({ index }) => orders.get(index)?.estimate.usd),
		),
		...total(
			'luma_ray.billed_usd',
			withJob.map(({ outcome }) => outcome?.actualUsd),
		),
	};
	setMetadata.call(context, { tracing });
}

function listed(name: string, values: string[]): Attributes {
	return values.length > 0 ? { [name]: shorten([...new Set(values)].join(',')) } : {};
}

/** The sum of the known amounts; absent if all are unknown. */
function total(name: string, amounts: Array<number | null | undefined>): Attributes {
	const known = amounts.filter((usd) => typeof usd === 'number');
	const sum = known.reduce((all, usd) => all + usd, 0);
	return known.length > 0 ? { [name]: Math.round(sum * 1e6) / 1e6 } : {};
}
