import type { Problem, ProblemData } from '../../models/problem';
import { credentialField, namesOf, option, quoted } from './names';
import { sayNoAnswer } from './reasons';
import { GET_MANY, GIVE_ADDRESS, WAIT, type Message, type Wordings } from './wording';

const LACKS = { requestId: 'request ID', generationId: 'generation ID' };

/** What can happen to an item before it has a job. */
export const SUBMIT = {
	unreachable({ data }) {
		const names = namesOf(data.provider);
		return {
			message: `${names.name} could not be reached: ${sayNoAnswer(data)}`,
			description: `Nothing was submitted or billed. Check the network and the addresses in the credential ${quoted(names.credential.displayName)}.`,
		};
	},
	unknownOutcome({ data: { provider, because }, httpStatus }, words) {
		const { name, links } = namesOf(provider);
		return {
			message: `${name} may have accepted the generation, but its answer did not arrive: ${sayWhy(because, httpStatus, words)}`,
			description: `It was not submitted again, to avoid paying twice. Look for it at ${links.jobs}. If it is there, collect it with ${WAIT} and its request ID; if not, run the item again in a new execution.`,
		};
	},
	missingGeneration({ data: { provider, asked, named } }) {
		return {
			message: `${namesOf(provider).name} was asked for ${asked} generations and returned ${named}`,
			description: `This one is missing. It was not submitted again, to avoid paying twice. Look for it with ${GET_MANY}. If it is not there, run the item again in a new execution for the missing generations only.`,
		};
	},
	fileNotUploaded({ data: { because } }, words) {
		const { message, description } = words(because);
		return { message: `The file could not be uploaded: ${message}`, description };
	},
	fileNotInRepository({ data: { repository, because } }, words) {
		return {
			message: `The file could not be uploaded to the repository ${repository}: ${words(because).message}`,
			description: `Check ${option('repository')} and ${option('branch')} in the options, and that your key has write access.`,
		};
	},
	storageRefused({ data, httpStatus }) {
		return {
			message: `${namesOf(data.provider).name}'s storage answered with HTTP ${httpStatus}`,
			description: `Nothing was submitted or billed. Run the item again, or ${GIVE_ADDRESS}.`,
		};
	},
	storageNotPublic({ data }) {
		const names = namesOf(data.provider);
		return {
			message: `${names.name}'s storage returned an address for the file that is not a public http(s) address`,
			description: `Nothing was submitted or billed. Check ${credentialField(names, names.endpoint)} in the credential ${quoted(names.credential.displayName)}, or ${GIVE_ADDRESS}.`,
		};
	},
	fileUnread: ({ data: { reason } }) => ({
		message: `n8n could not read the file: ${reason}`,
		description:
			'Nothing was submitted or billed for it. Check the disk or the storage where n8n keeps binary data, then run the item again.',
	}),
	tooLate: () => ({
		message: 'The timeout passed before this item was submitted',
		description: `Nothing was submitted or billed for it. Raise ${option('timeoutMinutes')} or ${option('concurrency')} in the options, or send fewer items at once.`,
	}),
	notOrdered: () => ({
		message: 'This item was not submitted before the execution was suspended',
		description: 'Nothing was submitted or billed for it. Run it again in a new execution.',
	}),
	noTriesLeft: () => ({
		message: 'This execution has no tries left',
		description: 'Nothing was submitted or billed for it in the last try. Run it again in a new execution.',
	}),
	halted: () => ({
		message: 'Another item failed and ended the run before this one finished',
		description: 'Retry this execution: it resumes the generations that are paid for.',
	}),
} satisfies Partial<Wordings>;

/** Why no valid answer arrived. */
function sayWhy(
	because: ProblemData['unknownOutcome']['because'],
	httpStatus: number | undefined,
	words: (problem: Problem) => Message,
): string {
	if ('name' in because) return words(because).message;
	return 'lacks' in because ? `HTTP ${httpStatus} without a ${LACKS[because.lacks]}` : sayNoAnswer(because);
}
