import type {
	DownloadTrouble,
	InfrastructureTrouble,
	NoAnswer,
	ProblemData,
	RefusedInput,
	Refusal,
} from '../../models/problem';
import { parameter } from './names';

/** The parts of sentences that say why. */

/** Why there was no answer. They follow a colon and speak of the other side as "it". */
const NO_ANSWER: { [why in NoAnswer]: string } = {
	addressForbidden: 'this n8n does not allow requests to its address',
	certificateExpired: 'its certificate has expired',
	certificateOfOtherHost: 'its certificate is for another host',
	certificateUntrusted: 'its certificate is not trusted',
	connectionLost: 'the connection was lost',
	hostNotLookedUp: 'its host name could not be looked up',
	hostNotTrusted: 'the address is not on one of the hosts that the credential names',
	hostUnknown: 'its host name is not known',
	hostUnreachable: 'its host cannot be reached',
	invalidAddress: 'its address is not valid',
	networkUnreachable: 'its network cannot be reached',
	nothingListens: 'nothing listens at its address',
	stopped: 'the execution was stopped',
	tookTooLong: 'it took too long',
	tooLarge: 'the answer is too large',
	unsendableKey: 'the API key holds a character that cannot be sent',
};

export function sayNoAnswer({ why, bytes }: { why: NoAnswer; bytes?: number }): string {
	return why === 'tooLarge' && bytes !== undefined
		? `the answer is larger than ${bytes} bytes`
		: NO_ANSWER[why];
}

export function sayDownload(trouble: DownloadTrouble): string {
	switch (trouble.why) {
		case 'cutShort':
			return 'it was cut short on the way';
		case 'empty':
			return 'it is empty (0 bytes)';
		case 'lostOnTheWay':
			return 'the connection was lost on the way';
		case 'notAVideo':
			return 'what arrived is not a video';
		case 'notAnExr':
			return 'what arrived is not an EXR file';
		case 'notPublic':
			return 'its address is not a public http(s) address';
		case 'tooManyRedirects':
			return 'its address redirects too often';
		case 'tooSlow':
			return 'it arrived too slowly';
		case 'httpStatus':
			return `HTTP ${trouble.httpStatus}`;
		case 'onlyPart':
			return `only ${trouble.bytes} of ${trouble.wholeBytes} bytes arrived`;
		case 'tooLargeFile':
			return `it is larger than ${trouble.gigabytes} GB`;
		default:
			return sayNoAnswer(trouble);
	}
}

/** They follow the provider's name and a colon. */
export const INFRASTRUCTURE: { [why in InfrastructureTrouble]: string } = {
	answerCutShort: 'the machine sent only a part of its answer',
	cancelled: 'the job was cancelled',
	machineBroke: 'the machine broke down while it made the video',
	machineLost: 'the machine was lost while it made the video',
	machineNotReached: 'the machine could not be reached in time',
	noMachine: 'no machine was available',
	noMachineInTime: 'no machine was ready in time',
	notStartedInTime: 'the job was not started in time',
	providerBroke: 'the provider broke down while it ran the job',
};

/** They follow the name of a parameter, unless they name their own subject. */
const REFUSALS: { [why in Refusal]: (refused: RefusedInput) => string } = {
	contentPolicy: () => 'was refused by the content policy',
	fileTooLarge: ({ most }) => `is too large a file${most === undefined ? '' : ` (at most ${most} bytes)`}`,
	imageTooLarge: (refused) => `is too large${size(refused, ', at most')}`,
	imageTooSmall: (refused) => `is too small${size(refused, ', at least')}`,
	missing: () => 'is missing',
	modelBroke: () => 'the model broke down while it made the video',
	modelTooSlow: () => 'the model took too long to make the video',
	noFace: () => 'shows no face that the model could find',
	noReason: () => 'was refused, and no reason was given',
	noVideo: () => 'led to no video',
	notAnOption: ({ options }) => `is not one of its options${list(options, ': ')}`,
	notDownloaded: (refused) => `could not be downloaded${httpStatus(refused)}`,
	notLoaded: (refused) => `could not be loaded${httpStatus(refused)}`,
	notSupported: ({ said }) => `asks for something that is not supported (${said})`,
	said: ({ said = '' }) => said,
	serviceRefused: () => 'the service behind the model refused the job',
	serviceUnavailable: () => 'the service behind the model was not available',
	tooFewEntries: () => 'has too few entries',
	tooManyEntries: ({ most }) => `has too many entries${most === undefined ? '' : ` (at most ${most})`}`,
	unsupportedFormat: ({ options }) => `has a format that is not supported${list(options, '; use ')}`,
};

/** What of a refusal is no statement about the parameter: it follows a colon. */
const OWN_SENTENCES: Refusal[] = [
	'modelBroke',
	'modelTooSlow',
	'said',
	'serviceRefused',
	'serviceUnavailable',
];

/** What a model has against an input, as a sentence without its full stop. */
export function sayRefusals({ entries }: ProblemData['inputRefused']): string {
	return entries.map(sayRefusal).join('; ');
}

function sayRefusal(refused: RefusedInput): string {
	const words = REFUSALS[refused.why](refused);
	if (refused.parameter === undefined) {
		return OWN_SENTENCES.includes(refused.why) ? upperFirst(words) : `The input ${words}`;
	}
	const name = parameter(refused.parameter);
	const subject = refused.entry === undefined ? name : `Entry ${refused.entry + 1} of ${name}`;
	return OWN_SENTENCES.includes(refused.why) ? `${subject}: ${lowerFirst(words)}` : `${subject} ${words}`;
}

function size({ width, height }: RefusedInput, lead: string): string {
	return width === undefined || height === undefined ? '' : `${lead} ${width}×${height} pixels`;
}

function list(options: string[] | undefined, lead: string): string {
	return options === undefined ? '' : `${lead}${options.join(', ')}`;
}

function httpStatus({ status }: RefusedInput): string {
	return status === undefined ? '' : ` (${status})`;
}

function lowerFirst(text: string): string {
	return text.charAt(0).toLowerCase() + text.slice(1);
}

function upperFirst(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
