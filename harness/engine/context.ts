import { ExecuteContext } from 'n8n-core';
import { createRunExecutionData, type IDataObject, type IExecuteFunctions } from 'n8n-workflow';

import { additionalDataFor, workflowFor, type Credentials } from './engine';

/** The `this` that n8n's engine passes to the node, for tests of code below the node. */
export function contextWith(credentials: Credentials, parameters: IDataObject = {}): IExecuteFunctions {
	const workflow = workflowFor({ credentials, parameters });
	const node = workflow.getNode('Luma Ray')!;
	const input = { main: [[{ json: {} }]] };
	return new ExecuteContext(
		workflow,
		node,
		additionalDataFor(credentials),
		'manual',
		createRunExecutionData(),
		0,
		input.main[0],
		input,
		{ node, data: input, source: null },
		[],
	) as unknown as IExecuteFunctions;
}
