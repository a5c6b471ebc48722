import type { IExecuteFunctions } from 'n8n-workflow';

import type { RunContext } from '../jobs/context';
import { lineOf } from './messages/log';

/** n8n's log. The sentence includes the request ID, because n8n prints only the sentence by default. */
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
