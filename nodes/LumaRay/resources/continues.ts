import type { IExecuteFunctions } from 'n8n-workflow';

import { isTool } from '../transport/tool';

/**
 * Whether a failed item goes on as an item. As a tool it always does: n8n would give a model the message of an error
 * and nothing else, and so no request ID to collect a paid video with.
 */
export function continuesOnFail(context: IExecuteFunctions): boolean {
	return context.continueOnFail() || isTool(context);
}
