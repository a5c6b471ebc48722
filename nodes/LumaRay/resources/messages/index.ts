import { shorten, type Problem } from '../../models/problem';
import { formatUsd } from '../../models/prices';
import type { NotSuspended } from '../../transport/suspension';
import { ANSWERS } from './answers';
import { JOB } from './job';
import { counted, namesOf } from './names';
import { SUBMIT } from './submit';
import { WAIT, type Message, type Wordings } from './wording';

export type { Message } from './wording';

/** Every sentence about a problem, by its name. */
const WORDINGS: Wordings = {
	worded: ({ data: { message, description } }) => ({
		message,
		description:
			description || 'Check the parameters and the credential of the node, then run the item again.',
	}),
	...ANSWERS,
	...SUBMIT,
	...JOB,
};

/**
 * A problem in words, shortened to the length that n8n shows: what happened, and what to do next. Always includes the
 * request ID of a paid job.
 * @param more sentences to add after what to do
 */
export function wordProblem(problem: Problem, more: string[] = []): Message {
	const { message, description } = wordsOf(problem);
	const sentences = [description, ...sayBilled(problem), ...more, ...saySupport(problem)];
	const shown = shorten(sentences.join(' ').trim());
	const { requestId } = problem;
	const named =
		!requestId || shown.includes(requestId) ? '' : `${shown ? `${shown} ` : ''}Request ID: ${requestId}`;
	return { message: shorten(message), description: named || shown };
}

/** The cost of an item without a video, if it is certain. */
function sayBilled(problem: Problem): string[] {
	const { nothingSubmitted, billedUsd } = problem;
	if (nothingSubmitted) return ['Nothing was submitted or billed.'];
	if (billedUsd === undefined) return [];
	const name = providerOf(problem);
	return [
		billedUsd === 0
			? `${name} did not bill this generation.`
			: `${name} billed ${formatUsd(billedUsd)} for this generation.`,
	];
}

/** The provider's ID of a request that created no job. The words must not suggest that it can be collected. */
function saySupport(problem: Problem): string[] {
	const { supportId } = problem;
	return supportId === undefined ? [] : [`Reference for ${providerOf(problem)} support: ${supportId}`];
}

function providerOf({ data }: Problem): string {
	return data && 'provider' in data ? namesOf(data.provider).name : 'The provider';
}

function wordsOf(problem: Problem): Message {
	// Another version may have parked the run, and its request IDs must still be reported.
	if (!Object.hasOwn(WORDINGS, problem.name)) {
		return { message: `The item failed (${problem.name})`, description: 'Retry this execution.' };
	}
	const word = WORDINGS[problem.name] as (problem: Problem, words: (problem: Problem) => Message) => Message;
	return word(problem, wordsOf);
}

/** An error as a problem with the error's own words: from `itemError`, or from an expression that threw. */
export function problemOfError(
	{ message, description }: { message: string; description?: string | null },
	requestId?: string,
): Problem {
	const data = { message, description: description ?? '' };
	return { name: 'worded', data, ...(requestId === undefined ? {} : { requestId }) };
}

/** The maximum number of request IDs that one message lists; all of them are in n8n's log. */
const MAX_LISTED = 10;

/** Lists the paid jobs that the run no longer waits for, up to the limit of one message. */
export function sayUnfinished(requestIds: string[], other = ''): string[] {
	const count = requestIds.length;
	if (count === 0) return [];
	const listed = requestIds.slice(0, MAX_LISTED).join(', ') + (count > MAX_LISTED ? ', …' : '');
	return [
		`${count} ${other}${count === 1 ? 'generation was' : 'generations were'} submitted and not collected: ${listed}. Retry resumes them without paying again; ${WAIT} collects each by its request ID.`,
	];
}

/** Counts items whose jobs may or may not have been accepted. */
export function sayUnknown(count: number): string[] {
	if (count === 0) return [];
	return [
		`For ${counted(count, 'other item')} it is unknown whether the provider accepted the generation; retry searches for it and does not pay again.`,
	];
}

const NOT_SUSPENDED: { [why in NotSuspended]: string } = {
	tool: 'an AI agent waits for the result of its tool',
	engine: "this workflow's engine cannot resume executions yet",
	unknownEngine: 'this version of n8n stores executions in a different way',
};

/** The hint that an execution waited, although it should have been suspended. */
export function sayNotSuspended(why: NotSuspended): string {
	return `The execution was not suspended, because ${NOT_SUSPENDED[why]}. It waited for the videos instead.`;
}
