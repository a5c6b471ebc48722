import type { IExecuteFunctions } from 'n8n-workflow';

import type { LogEvent, RunSetting } from '../jobs/setting';
import { wordProblem } from './messages';

const LINES: {
	[name in Exclude<LogEvent['name'], 'unknownOutcome' | 'notCancelled' | 'fewerNamed'>]: string;
} = {
	submitted: 'Job submitted',
	reused: 'Job of an earlier try reused',
	found: 'Job found whose submit was not answered',
	cancelled: 'Job cancelled after Stop',
	askedToEnd: 'Job asked to end after Stop; one in progress may still finish and be billed',
	hadEnded: 'Job had ended before Stop',
	leftRunning: 'Job left running after Stop',
	noCredential: 'Job could not be cancelled (the node has no credential for its provider) after Stop',
};

/** n8n's log. The request ID is in the sentence too: n8n prints nothing else unless it is configured to. */
export function logTo(context: IExecuteFunctions): RunSetting<unknown>['log'] {
	return (event, { provider, requestId }, itemIndex) => {
		const job = requestId === undefined ? provider : `${provider} ${requestId}`;
		context.logger.info(`Luma Ray: ${lineOf(event)} (${job}, item ${itemIndex})`, {
			provider,
			requestId,
			itemIndex,
		});
	};
}

/** What n8n's log says, in words. */
export function lineOf(event: LogEvent): string {
	switch (event.name) {
		case 'fewerNamed':
			return `The provider named only ${event.data.named} of ${event.data.asked} generations`;
		case 'unknownOutcome':
			return wordProblem(event.problem).message;
		case 'notCancelled':
			return `Job could not be cancelled (${wordProblem(event.problem).message}) after Stop`;
		default:
			return LINES[event.name];
	}
}
