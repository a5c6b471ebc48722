import type { Problem, ProblemName, ProblemOf, RemedyName } from '../../models/problem';
import { namesOf } from './names';

/** A problem in words: what happened, and what to do next. Neither is empty. */
export interface Message {
	message: string;
	description: string;
}

/** The words of each problem. */
export type Wordings = {
	[Name in ProblemName]: (problem: ProblemOf<Name>, words: (problem: Problem) => Message) => Message;
};

/** The operations that messages point to. */
export const WAIT = 'Generation: Wait';
export const GET_MANY = 'Generation: Get Many';

const REMEDIES: { [name in RemedyName]: (provider: string) => string } = {
	changeInput: () => 'Change the input that the message names, then run the item again.',
	changePromptOrImage: () => 'Change the prompt, image or video, then run the item again.',
	checkImageAddress: () =>
		'Open the address in a private browser window: you should see the file itself. Or provide the file as binary data.',
	runLater: (provider) => {
		const { status } = namesOf(provider).links;
		return `Run the item again later.${status === undefined ? '' : ` If this continues, see ${status}.`}`;
	},
};

/** What to do for each remedy. */
export function sayRemedy(name: RemedyName | undefined, provider: string): string {
	return REMEDIES[name ?? 'runLater'](provider);
}

/** Another way to provide a file. */
export const GIVE_ADDRESS = 'use a URL of the file instead';
