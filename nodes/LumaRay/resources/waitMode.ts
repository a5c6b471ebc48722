import type { IExecuteFunctions, INode } from 'n8n-workflow';

import { whyNotSuspend } from '../transport/suspension';
import { sayNotSuspended } from './messages';

export type WaitMode = 'wait' | 'suspend' | 'submit';

/**
 * How to wait. If the execution cannot be parked, the node waits in the process instead and says so in a hint.
 */
export function readWaitMode(context: IExecuteFunctions): WaitMode {
	const mode = context.getNodeParameter('waitMode', 0, 'wait') as WaitMode;
	const why = mode === 'suspend' ? whyNotSuspend(context) : undefined;
	if (why === undefined) return mode;
	context.addExecutionHints?.({
		message: sayNotSuspended(why),
		location: 'outputPane',
	});
	return 'wait';
}

/** How often n8n's Retry On Fail runs a node, as its engine counts. */
export function triesOf({ retryOnFail, maxTries }: INode): number {
	return retryOnFail ? Math.min(5, Math.max(2, maxTries ?? 3)) : 1;
}
