import type { IExecuteFunctions } from 'n8n-workflow';

import type { RunContext } from '../jobs/context';
import { lineOf } from './messages/log';

/** n8n's log. The request ID is in the sentence too: n8n prints nothing else unless it is configured to. */
export function logTo(context: IExecuteFunctions): RunContext<unknown>['log'] {
	return (event, { provider, requestId }, itemIndex) => {
		const job = requestId === undefined ? provider : `${provider} ${requestId}`;
		context.logger.info(`Luma Ray: ${lineOf(event)} (${job}, item ${itemIndex})`, {
			provider,
			requestId,
			itemIndex,
		});
	};
}
