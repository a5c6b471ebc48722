import type { IExecuteFunctions, INode } from 'n8n-workflow';

import { whyNotSuspend } from '../transport/suspension';
import { isTool } from '../transport/tool';
import { sayNotSuspended } from './messages';
import { HELD_A_WORKER } from './messages/hints';

export type WaitMode = 'wait' | 'suspend' | 'submit';

/**
 * How to wait. If the execution cannot be parked, the node waits in the process instead and says so in a hint.
 */
export function readWaitMode(context: IExecuteFunctions): WaitMode {
	const mode = context.getNodeParameter('waitMode', 0, 'wait') as WaitMode;
	const why = mode === 'suspend' ? whyNotSuspend(context) : undefined;
	const hint = (message: string) => context.addExecutionHints?.({ message, location: 'outputPane' });
	if (why !== undefined) {
		hint(sayNotSuspended(why));
		return 'wait';
	}
	// Schedules and polling triggers. After a webhook, a caller may be waiting for the answer.
	if (mode === 'wait' && context.getMode() === 'trigger' && !isTool(context)) hint(HELD_A_WORKER);
	return mode;
}

/** How many times n8n's Retry On Fail runs a node, by the same rule as n8n's engine. */
export function triesOf({ retryOnFail, maxTries }: INode): number {
	return retryOnFail ? Math.min(5, Math.max(2, maxTries ?? 3)) : 1;
}
