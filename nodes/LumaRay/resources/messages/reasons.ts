import type {
	DownloadTrouble,
	InfrastructureTrouble,
	NoAnswer,
	ProblemData,
	RefusedInput,
	Refusal,
} from '../../models/problem';
import { parameter, upperFirst } from './names';

/** The parts of sentences that give a reason. */

/** Why there was no answer. The words follow a colon. "It" and "its" mean the server. */
const NO_ANSWER: { [why in NoAnswer]: string } = {
	addressForbidden: 'this n8n does not allow requests to its address',
	certificateExpired: 'its certificate has expired',
	certificateOfOtherHost: 'its certificate is for another host',
	certificateUntrusted: 'its certificate is not trusted',
	connectionLost: 'the connection was lost',
	hostNotLookedUp: 'its host name could not be looked up',
	hostNotTrusted: 'its host is not one of the hosts in the credential',
	hostUnknown: 'its host name was not found',
	hostUnreachable: 'its host cannot be reached',
	invalidAddress: 'its address is not valid',
	networkUnreachable: 'its network cannot be reached',
	nothingListens: 'nothing is listening at its address',
	stopped: 'the execution was stopped',
	tookTooLong: 'it took too long',
	tooLarge: 'the answer is too large',
	unsendableKey: 'the API key contains a character that cannot be sent',
};

export function sayNoAnswer({ why, bytes }: { why: NoAnswer; bytes?: number }): string {
	return why === 'tooLarge' && bytes !== undefined
		? `the answer is larger than ${bytes} bytes`
		: NO_ANSWER[why];
}

type Measured = 'httpStatus' | 'onlyPart' | 'tooLargeFile';
const DOWNLOAD: { [why in Exclude<DownloadTrouble['why'], NoAnswer | Measured>]: string } = {
	cutShort: 'the download was incomplete',
	empty: 'the file is empty (0 bytes)',
	lostOnTheWay: 'the connection was lost during the download',
	notAVideo: 'the file is not a video',
	notAnExr: 'the file is not an EXR file',
	notPublic: 'its address is not a public http(s) address',
	tooManyRedirects: 'its address redirects too often',
	tooSlow: 'the download was too slow',
};

export function sayDownload(trouble: DownloadTrouble): string {
	if (trouble.why === 'httpStatus') return `HTTP ${trouble.httpStatus}`;
	if (trouble.why === 'onlyPart') return `only ${trouble.bytes} of ${trouble.wholeBytes} bytes arrived`;
	if (trouble.why === 'tooLargeFile') return `it is larger than ${trouble.gigabytes} GB`;
	return 'bytes' in trouble ? sayNoAnswer(trouble) : { ...NO_ANSWER, ...DOWNLOAD }[trouble.why];
}

/** The words follow the provider's name and a colon. */
export const INFRASTRUCTURE: { [why in InfrastructureTrouble]: string } = {
	answerCutShort: 'the machine sent only part of its answer',
	cancelled: 'the generation was cancelled',
	machineBroke: 'the machine failed while making the video',
	machineLost: 'the machine was lost while making the video',
	machineNotReached: 'the machine could not be reached in time',
	noMachine: 'no machine was available',
	noMachineInTime: 'no machine was ready in time',
	notStartedInTime: 'the generation was not started in time',
	providerBroke: 'the provider failed while making the video',
};

/** The words follow the name of a parameter, except for `SENTENCES`. */
const REFUSALS: { [why in Refusal]: (refused: RefusedInput) => string } = {
	contentPolicy: () => 'was refused by the content policy',
	fileTooLarge: ({ most }) => `is too large a file${most === undefined ? '' : ` (at most ${most} bytes)`}`,
	imageTooLarge: (refused) => `is too large${size(refused, ', at most')}`,
	imageTooSmall: (refused) => `is too small${size(refused, ', at least')}`,
	missing: () => 'is missing',
	modelBroke: () => 'the model failed while making the video',
	modelTooSlow: () => 'the model took too long to make the video',
	noFace: () => 'shows no face that the model can detect',
	noReason: () => 'was refused, and no reason was given',
	noVideo: () => 'produced no video',
	notAnOption: ({ options }) => `is not one of its options${list(options, ': ')}`,
	notDownloaded: (refused) => `could not be downloaded${httpStatus(refused)}`,
	notLoaded: (refused) => `could not be loaded${httpStatus(refused)}`,
	notSupported: ({ said }) => `asks for something that is not supported (${said})`,
	said: ({ said = '' }) => said,
	serviceRefused: () => 'the service behind the model refused the generation',
	serviceUnavailable: () => 'the service behind the model was not available',
	tooFewEntries: () => 'has too few entries',
	tooManyEntries: ({ most }) => `has too many entries${most === undefined ? '' : ` (at most ${most})`}`,
	unsupportedFormat: ({ options }) => `has a format that is not supported${list(options, '; use ')}`,
};

/** Refusals that are complete sentences: they follow the name of a parameter and a colon. */
const SENTENCES: Refusal[] = ['modelBroke', 'modelTooSlow', 'said', 'serviceRefused', 'serviceUnavailable'];

/** Why a model refused an input, as a sentence without a period. */
export function sayRefusals({ entries }: ProblemData['inputRefused']): string {
	return entries.map(sayRefusal).join('; ');
}

function sayRefusal(refused: RefusedInput): string {
	const words = REFUSALS[refused.why](refused);
	const isSentence = SENTENCES.includes(refused.why);
	if (refused.parameter === undefined) return isSentence ? upperFirst(words) : `The input ${words}`;
	const name = parameter(refused.parameter);
	const subject = refused.entry === undefined ? name : `Entry ${refused.entry + 1} of ${name}`;
	return isSentence ? `${subject}: ${lowerFirst(words)}` : `${subject} ${words}`;
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
