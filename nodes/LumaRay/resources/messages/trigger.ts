import type { EndEvent } from '../../jobs/ended';
import { counted, namesOf } from './names';
import { GET_MANY, type Message } from './wording';

const ENDED: { [event in EndEvent]: string } = {
	succeeded: 'succeeded',
	failed: 'failed or was cancelled',
	ended: 'ended',
};

/** What a manual run read. */
export interface Looked {
	/** Generations of Luma Ray 3.2 in the list, as far as it was read. */
	count: number;
	/** How many pages of each list were read, if the list has more. */
	pages?: number;
}

/** The message if a manual run of the trigger finds no generation. */
export function noExample(provider: string, event: EndEvent, { count, pages }: Looked): Message {
	const { name } = namesOf(provider);
	const found = `${counted(count, 'generation')} of Luma Ray 3.2`;
	const looked = pages
		? `The trigger read only the newest ${pages} pages of the list, with ${found}.`
		: `The trigger read the whole list. It has ${found}.`;
	const among = pages && count > 0 ? ` among the newest ${count}` : '';
	return {
		message: `${name} lists no generation that ${ENDED[event]}${among}`,
		description: `${looked} Make a video with the Luma Ray node and, once it has ended, test this trigger again; or choose another event. ${GET_MANY} shows what the provider lists. In an active workflow the trigger waits for the next one.`,
	};
}

/** The lines that the trigger writes into n8n's log. */
export const TRIGGER_LINES = {
	startsClean:
		'The saved state cannot be read, so the trigger starts again and ignores generations that have already ended',
	notListed: (why: string) => `The generations could not be listed, so the next poll tries again: ${why}`,
	gone: (requestId: string) =>
		`The provider no longer has the generation ${requestId}, so it will not start the workflow`,
	reading: (count: number) =>
		`The list of generations is too long for one poll. It has read ${count} so far, and the next poll continues`,
	tooMany: (pages: number) =>
		`The list of generations has more than ${pages} pages since the last poll: the oldest of them do not start the workflow`,
};
