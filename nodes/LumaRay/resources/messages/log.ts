import type { LogEvent } from '../../jobs/setting';
import { wordProblem } from './index';

const LINES: {
	[name in Exclude<LogEvent['name'], 'unknownOutcome' | 'notCancelled' | 'fewerNamed'>]: string;
} = {
	submitted: 'Job submitted',
	reused: 'Job of an earlier try reused',
	found: 'Job found after its submit got no answer',
	cancelled: 'Job cancelled after Stop',
	askedToEnd: 'Job asked to end after Stop; a job in progress may still finish and be billed',
	hadEnded: 'Job had ended before Stop',
	leftRunning: 'Job left running after Stop',
	noCredential: 'Job could not be cancelled (the node has no credential for its provider) after Stop',
};

/** What n8n's log says, in words. */
export function lineOf(event: LogEvent): string {
	switch (event.name) {
		case 'fewerNamed':
			return `The provider returned only ${event.data.named} of ${event.data.asked} generations`;
		case 'unknownOutcome':
			return wordProblem(event.problem).message;
		case 'notCancelled':
			return `Job could not be cancelled (${wordProblem(event.problem).message}) after Stop`;
		default:
			return LINES[event.name];
	}
}
