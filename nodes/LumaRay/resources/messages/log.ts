import type { LogEvent } from '../../jobs/context';
import { wordProblem } from './index';

const LINES: {
	[name in Exclude<LogEvent['name'], 'unknownOutcome' | 'notCancelled' | 'fewerNamed'>]: string;
} = {
	submitted: 'Generation submitted',
	reused: 'Generation of an earlier try reused',
	found: 'Generation found after its submit got no answer',
	cancelled: 'Generation cancelled after Stop',
	askedToEnd:
		'Generation cancel requested after Stop; a generation in progress may still finish and be billed',
	hadEnded: 'Generation had ended before Stop',
	leftRunning: 'Generation left running after Stop',
	noCredential: 'Generation could not be cancelled (the node has no credential for its provider) after Stop',
};

/** The line in n8n's log about an event. */
export function lineOf(event: LogEvent): string {
	switch (event.name) {
		case 'fewerNamed':
			return `The provider returned only ${event.data.named} of ${event.data.asked} generations`;
		case 'unknownOutcome':
			return wordProblem(event.problem).message;
		case 'notCancelled':
			return `Generation could not be cancelled (${wordProblem(event.problem).message}) after Stop`;
		default:
			return LINES[event.name];
	}
}
