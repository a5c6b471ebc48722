import type { IExecuteFunctions, INodeExecutionData, INodeProperties } from 'n8n-workflow';

/** One choice under Operation: its texts and fields in the form, and its code. */
export interface Operation {
	/** The value in saved workflows. */
	value: string;
	name: string;
	/** Its name in n8n's list of actions. */
	action: string;
	description: string;
	/** In the order of the form; `fieldsOf` adds the operations that show them. */
	fields: INodeProperties[];
	/** Runs it for all input items. */
	execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]>;
}

/** One choice under Resource. */
export interface Resource {
	value: string;
	name: string;
	/** In the order of the form. */
	operations: readonly Operation[];
	/** The value of the default operation. */
	preset: string;
}

/** The field that offers the operations of a resource. */
export function operationField({ value: resource, operations, preset }: Resource): INodeProperties {
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource] } },
		options: operations.map(({ name, value, action, description }) => ({ name, value, action, description })),
		default: preset,
	};
}

/**
 * The fields of the operations of a resource. A field that several operations define in the same way exists once, for
 * all of them. Each operation keeps the order of its fields.
 */
export function fieldsOf({ value: resource, operations }: Resource): INodeProperties[] {
	const merged: Array<{ field: INodeProperties; definition: string; operation: string[] }> = [];
	for (const { value, fields } of operations) {
		let next = 0;
		for (const field of fields) {
			const definition = JSON.stringify(field);
			const at = merged.findIndex((other, place) => place >= next && other.definition === definition);
			if (at < 0) merged.splice(next, 0, { field, definition, operation: [value] });
			else merged[at].operation.push(value);
			next = Math.max(next, at) + 1;
		}
	}
	return merged.map(({ field, operation }) => {
		const { show, ...others } = field.displayOptions ?? {};
		return { ...field, displayOptions: { show: { resource: [resource], operation, ...show }, ...others } };
	});
}
