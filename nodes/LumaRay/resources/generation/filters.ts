import {
	tryToParseDateTime,
	type IDataObject,
	type IExecuteFunctions,
	type INodeProperties,
} from 'n8n-workflow';

import { MODEL_NAMES, type ModelName } from '../../models/names';
import type { ListedJob, ListFilter } from '../../providers/provider';
import { itemError } from '../itemError';
import { refusedRange, refusedValue } from '../messages/parameters';
import { videoOperations } from '../video/operations';

/** The conditions for returning a generation from the list. A filter that is not set matches every generation. */
export interface GenerationFilters extends ListFilter {
	models: readonly ModelName[];
	/** Unix time in milliseconds. */
	since?: number;
}

const STATUSES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const satisfies ReadonlyArray<
	ListedJob['status']
>;

const statusField = {
	displayName: 'Status',
	name: 'status',
	type: 'multiOptions',
	options: STATUSES.map((value) => ({ name: value[0].toUpperCase() + value.slice(1), value })),
	default: [],
	description: 'Return only generations with one of these statuses',
} as const satisfies INodeProperties;

const modelOperationsField: INodeProperties = {
	displayName: 'Model Operation',
	name: 'modelOperation',
	type: 'multiOptions',
	options: videoOperations.map(({ name, value }) => ({ name, value })),
	default: [],
	description: 'Return only generations of these video operations',
};

const submittedAfterField: INodeProperties = {
	displayName: 'Submitted After',
	name: 'submittedAfter',
	type: 'dateTime',
	default: '',
	description: 'Return only generations submitted at this time or later',
};

const submittedBeforeField: INodeProperties = {
	displayName: 'Submitted Before',
	name: 'submittedBefore',
	type: 'dateTime',
	default: '',
	description: 'Return only generations submitted before this time',
};

export const filtersField: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add filter',
	default: {},
	options: [modelOperationsField, statusField, submittedAfterField, submittedBeforeField],
};

/**
 * The filters of one item. A date without a time zone is in the time zone of the workflow.
 * @throws NodeOperationError naming the filter whose value is not valid
 */
export function readFilters(context: IExecuteFunctions, index: number): GenerationFilters {
	const filters = context.getNodeParameter('filters', index, {}) as IDataObject;
	const several = <T extends string>(field: INodeProperties, choices: readonly T[]): readonly T[] => {
		const value = filters[field.name];
		const chosen = (Array.isArray(value) ? value : [value]).filter(
			(one) => ![undefined, null, ''].includes(one),
		);
		const isChoice = (one: unknown): one is T => choices.some((choice) => choice === one);
		if (!chosen.every(isChoice)) throw itemError(context, index, refusedValue(field, choices));
		return chosen.length === 0 ? choices : chosen;
	};
	const time = (field: INodeProperties): number | undefined => {
		const value = filters[field.name];
		if (value === undefined || value === null || value === '') return undefined;
		try {
			return tryToParseDateTime(value, context.getTimezone()).toMillis();
		} catch {
			throw itemError(context, index, refusedValue(field, 'date'));
		}
	};
	const statuses = several(statusField, STATUSES);
	const models = several(modelOperationsField, MODEL_NAMES);
	const [since, until] = [time(submittedAfterField), time(submittedBeforeField)];
	if (since !== undefined && until !== undefined && since > until) {
		throw itemError(context, index, refusedRange(submittedAfterField, submittedBeforeField));
	}
	const isListed = ({ status, model, submittedAt }: ListedJob): boolean =>
		statuses.includes(status) &&
		(models.length === MODEL_NAMES.length || (model !== undefined && models.includes(model))) &&
		(since === undefined || (submittedAt !== undefined && submittedAt >= since)) &&
		(until === undefined || (submittedAt !== undefined && submittedAt < until));
	return {
		models,
		...(since === undefined ? {} : { since }),
		...(until === undefined ? {} : { until }),
		accepts: isListed,
	};
}
