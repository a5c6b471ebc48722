import type { IExecuteFunctions } from 'n8n-workflow';

import { isTool } from '../transport/tool';

/**
 * Whether a failed item is returned as an item. As a tool, it always is. n8n would give the model only the message of
 * an error, without the request ID that is needed to collect a paid video.
 */
export function continuesOnFail(context: IExecuteFunctions): boolean {
	return context.continueOnFail() || isTool(context);
}
