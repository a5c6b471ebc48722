import type { INodeProperties } from 'n8n-workflow';

import type {
	DownloadTrouble,
	InfrastructureTrouble,
	NoAnswer,
	ProblemName,
	ProblemOf,
	RefusedInput,
	Refusal,
} from '../../nodes/LumaRay/models/problem';
import type { LogEvent } from '../../nodes/LumaRay/jobs/context';
import type { Message } from '../../nodes/LumaRay/resources/messages';
import * as parameters from '../../nodes/LumaRay/resources/messages/parameters';
import { OPTION_FIELDS, type OptionName } from '../../nodes/LumaRay/resources/optionFields';

/**
 * Every problem in each of its forms. The compiler checks that none is missing. "…" stands for the parts that differ
 * between cases, as in docs/errors.md.
 */

const FAL = { provider: 'fal' };
const OXEN = { provider: 'oxen' };

const NO_ANSWER: { [why in NoAnswer]: { bytes?: number } } = {
	addressForbidden: {},
	certificateExpired: {},
	certificateOfOtherHost: {},
	certificateUntrusted: {},
	connectionLost: {},
	hostNotLookedUp: {},
	hostNotTrusted: {},
	hostUnknown: {},
	hostUnreachable: {},
	invalidAddress: {},
	networkUnreachable: {},
	nothingListens: {},
	stopped: {},
	tookTooLong: {},
	tooLarge: { bytes: 4_194_304 },
	unsendableKey: {},
};

export const NO_ANSWERS = Object.entries(NO_ANSWER).map(([why, more]) => ({ why: why as NoAnswer, ...more }));

type OwnTrouble = Exclude<DownloadTrouble['why'], NoAnswer>;
const DOWNLOAD: { [why in OwnTrouble]: DownloadTrouble & { why: why } } = {
	cutShort: { why: 'cutShort' },
	empty: { why: 'empty' },
	lostOnTheWay: { why: 'lostOnTheWay' },
	notAVideo: { why: 'notAVideo' },
	notAnExr: { why: 'notAnExr' },
	notPublic: { why: 'notPublic' },
	tooManyRedirects: { why: 'tooManyRedirects' },
	tooSlow: { why: 'tooSlow' },
	httpStatus: { why: 'httpStatus', httpStatus: 404 },
	onlyPart: { why: 'onlyPart', bytes: 1000, wholeBytes: 2000 },
	tooLargeFile: { why: 'tooLargeFile', gigabytes: 4 },
};

export const DOWNLOADS: DownloadTrouble[] = Object.values(DOWNLOAD);

const INFRASTRUCTURE: { [why in InfrastructureTrouble]: true } = {
	answerCutShort: true,
	cancelled: true,
	machineBroke: true,
	machineLost: true,
	machineNotReached: true,
	noMachine: true,
	noMachineInTime: true,
	notStartedInTime: true,
	providerBroke: true,
};

const prompt = { parameter: 'prompt' };
const image = { parameter: 'imageUrl' };
const references = { parameter: 'referenceImageUrls' };
const REFUSED: { [why in Refusal]: Array<Omit<RefusedInput, 'why'>> } = {
	contentPolicy: [prompt],
	fileTooLarge: [image, { ...image, most: 1000 }],
	imageTooLarge: [image, { ...image, width: 4000, height: 4000 }],
	imageTooSmall: [image, { ...image, width: 300, height: 300 }],
	missing: [prompt],
	modelBroke: [{}],
	modelTooSlow: [{}],
	noFace: [image],
	noReason: [prompt],
	noVideo: [prompt, {}],
	notAnOption: [
		{ parameter: 'duration' },
		{ parameter: 'duration', options: ['5s', '10s'] },
		{ parameter: 'hdr', options: ['…'] },
	],
	notDownloaded: [image, { ...image, status: 403 }, { ...references, entry: 1 }],
	notLoaded: [image, { ...image, status: 403 }],
	notSupported: [{ ...prompt, said: '…' }],
	said: [{ said: '…' }, { ...prompt, said: '…' }],
	serviceRefused: [{}],
	serviceUnavailable: [{}],
	tooFewEntries: [references],
	tooManyEntries: [references, { ...references, most: 4 }],
	unsupportedFormat: [image, { ...image, options: ['png', 'jpeg'] }],
};

const REFUSALS = Object.entries(REFUSED).flatMap(([why, forms]) =>
	forms.map((form): RefusedInput => ({ why: why as Refusal, ...form })),
);

const UNAVAILABLE: ProblemOf<'unavailable'> = { name: 'unavailable', data: FAL, httpStatus: 502 };
const FORBIDDEN: ProblemOf<'keyRefused'> = { name: 'keyRefused', data: FAL, httpStatus: 403 };

export const SAMPLES: { [Name in ProblemName]: Array<ProblemOf<Name>> } = {
	worded: [
		{ name: 'worded', data: { message: '…', description: '…' } },
		{ name: 'worded', data: { message: '…', description: '' } },
	],
	keyRefused: [
		{ name: 'keyRefused', data: FAL, httpStatus: 401 },
		FORBIDDEN,
		{ name: 'keyRefused', data: OXEN, httpStatus: 401 },
	],
	noAccess: [{ name: 'noAccess', data: FAL, said: '…' }],
	balanceUsedUp: [
		{ name: 'balanceUsedUp', data: FAL, said: '…' },
		{ name: 'balanceUsedUp', data: OXEN },
	],
	tooManyRequests: [
		{ name: 'tooManyRequests', data: FAL },
		{ name: 'tooManyRequests', data: OXEN, said: '…' },
	],
	said: [
		{ name: 'said', data: FAL, said: '…', remedy: 'changeInput' },
		{ name: 'said', data: OXEN, said: '…', remedy: 'runLater' },
		{ name: 'said', data: FAL },
	],
	inputRefused: REFUSALS.map((entry) => ({
		name: 'inputRefused',
		data: { provider: 'fal', entries: [entry] },
		remedy: 'changePromptOrImage',
	})),
	inputRefusedSilently: [{ name: 'inputRefusedSilently', data: FAL }],
	infrastructure: Object.keys(INFRASTRUCTURE).map((why) => ({
		name: 'infrastructure',
		data: { provider: 'fal', why: why as InfrastructureTrouble },
	})),
	unavailable: [UNAVAILABLE],
	notUnderstood: [
		{ name: 'notUnderstood', data: FAL, httpStatus: 405 },
		{ name: 'notUnderstood', data: OXEN, httpStatus: 405 },
	],
	noAnswer: NO_ANSWERS.flatMap((why) => [
		{ name: 'noAnswer', data: { ...FAL, ...why } },
		{ name: 'noAnswer', data: { ...FAL, ...why, part: 'storage' } },
	]),
	unknownJob: [{ name: 'unknownJob', data: { ...OXEN, requestId: '…' } }],
	unreachable: NO_ANSWERS.map((why) => ({ name: 'unreachable', data: { ...OXEN, ...why } })),
	unknownOutcome: [
		...NO_ANSWERS.map(
			(because): ProblemOf<'unknownOutcome'> => ({ name: 'unknownOutcome', data: { ...FAL, because } }),
		),
		{ name: 'unknownOutcome', data: { ...FAL, because: { lacks: 'requestId' } }, httpStatus: 200 },
		{ name: 'unknownOutcome', data: { ...OXEN, because: { lacks: 'generationId' } }, httpStatus: 200 },
		{ name: 'unknownOutcome', data: { ...FAL, because: UNAVAILABLE } },
	],
	missingGeneration: [{ name: 'missingGeneration', data: { ...OXEN, asked: 3, named: 2 } }],
	fileNotUploaded: [{ name: 'fileNotUploaded', data: { because: FORBIDDEN } }],
	fileNotInRepository: [{ name: 'fileNotInRepository', data: { repository: '…', because: UNAVAILABLE } }],
	storageRefused: [{ name: 'storageRefused', data: FAL, httpStatus: 403 }],
	storageNotPublic: [{ name: 'storageNotPublic', data: FAL }],
	fileUnread: [{ name: 'fileUnread', data: { reason: '…' } }],
	tooLate: [{ name: 'tooLate' }],
	notOrdered: [{ name: 'notOrdered' }],
	noTriesLeft: [{ name: 'noTriesLeft' }],
	halted: [{ name: 'halted' }],
	notEnded: [{ name: 'notEnded' }],
	cancelled: [{ name: 'cancelled' }],
	endedWithoutReason: [{ name: 'endedWithoutReason', data: OXEN }],
	timedOut: (['goesOn', 'notCancelled', 'askedToEnd', 'cancelled'] as const).map((job) => ({
		name: 'timedOut',
		data: { ...FAL, minutes: 30, requestId: '…', job },
	})),
	videoNotNamedYet: [{ name: 'videoNotNamedYet', data: OXEN }],
	noVideoNamed: [{ name: 'noVideoNamed', data: FAL }],
	notDownloaded: [
		...[...DOWNLOADS, ...NO_ANSWERS].map((download) => ({
			name: 'notDownloaded' as const,
			data: { url: 'https://…', download },
		})),
		{ name: 'notDownloaded', data: { file: 'exr', url: 'https://…', download: DOWNLOAD.notAnExr } },
	],
	notStored: [
		{ name: 'notStored', data: { reason: '…' } },
		{ name: 'notStored', data: { reason: '…', url: 'https://…' } },
		{ name: 'notStored', data: { file: 'exr', reason: '…', url: 'https://…' } },
	],
};

/** Every line of n8n's log. */
export const LOG_EVENTS: LogEvent[] = [
	...(
		[
			'submitted',
			'reused',
			'found',
			'cancelled',
			'askedToEnd',
			'hadEnded',
			'leftRunning',
			'noCredential',
		] as const
	).map((name): LogEvent => ({ name })),
	{ name: 'fewerNamed', data: { asked: 3, named: 2 } },
	{ name: 'unknownOutcome', problem: SAMPLES.unknownOutcome[0] },
	{ name: 'notCancelled', problem: FORBIDDEN },
];

/** An option for each kind of expected value. */
const EXPECTED: { [form in Exclude<Extract<parameters.Expected, string>, 'date'>]: OptionName } = {
	boolean: 'cancelOnStop',
	httpUrl: 'callbackBaseUrl',
	jsonObject: 'additionalFields',
	repository: 'repository',
	text: 'targetNamespace',
};
const { refusedValue } = parameters;

const date: INodeProperties = {
	displayName: 'Submitted After',
	name: 'date',
	type: 'dateTime',
	default: '',
};
const DATES = { after: date, before: { ...date, displayName: 'Submitted Before' } };

/** Every message about a parameter, in each of its forms. */
export const PARAMETERS: { [name in keyof typeof parameters]: Message[] } = {
	refusedValue: [
		refusedValue(OPTION_FIELDS.timeoutMinutes, { least: 0.01 }),
		refusedValue(OPTION_FIELDS.concurrency, { least: 1, most: 100 }),
		refusedValue(OPTION_FIELDS.numGenerations, { least: 1, most: 4, whole: true }),
		refusedValue({ displayName: 'Count' }, { least: 1, whole: true }),
		refusedValue({ displayName: 'Submitted After' }, 'date'),
		refusedValue(OPTION_FIELDS.callback, ['auto', 'never', 'custom']),
		...Object.entries(EXPECTED).map(([form, name]) =>
			refusedValue(OPTION_FIELDS[name], form as parameters.Expected),
		),
	],
	refusedRange: [parameters.refusedRange(DATES.after, DATES.before)],
	neededOption: [
		parameters.neededOption('repository', 'imageUpload', 'repository'),
		parameters.neededOption('callbackBaseUrl', 'callback', 'custom'),
	],
	generationsInFields: [parameters.generationsInFields('num_generations')],
	refusedRequestId: (['empty', 'notAnId', 'urlWithoutId'] as const).map(parameters.refusedRequestId),
};
