/**
 * What went wrong, as plain data: a name and its details. The sentences are in `resources/messages/`. Below
 * `resources/`, a problem is a value and is never thrown, so the compiler checks that every problem is handled. It is
 * plain JSON, since n8n saves it with the execution while a run is parked.
 */
export type Problem = { [Name in ProblemName]: ProblemOf<Name> }[ProblemName];

export type ProblemName = keyof ProblemData;

/** A problem of this name. */
export type ProblemOf<Name extends ProblemName> = ProblemContext & {
	name: Name;
} & (undefined extends ProblemData[Name] ? { data?: undefined } : { data: ProblemData[Name] });

/** Details that any problem can have. */
export interface ProblemContext {
	/** What to do about the problem, if the name does not say. */
	remedy?: RemedyName;
	/** The provider's own words, cut to the length that is shown. They never contain a key. */
	said?: string;
	/** The provider's HTTP status, if it answered. */
	httpStatus?: number;
	requestId?: string;
	/** The answer proves that the provider did not accept the job, so nothing is billed. */
	nothingSubmitted?: true;
	/** The provider's ID of a request that made no job. It is for the provider's support, not the ID of a job. */
	supportId?: string;
	/** What the provider billed for a job without a video, in USD; absent if the provider does not say. */
	billedUsd?: number;
}

export type RemedyName =
	| 'changeInput'
	| 'changePromptOrImage'
	| 'checkImageAddress'
	/** Includes the provider's status page, if it has one. */
	| 'runLater';

/** The ID of a provider. */
interface OfProvider {
	provider: string;
}

/** Why there was no answer. `bytes`: the limit, only with `tooLarge`. */
interface OfNoAnswer {
	why: NoAnswer;
	bytes?: number;
}

/** Which of a job's files the problem is about. */
export interface OfDelivery {
	/** Absent for the video. */
	file?: 'exr';
	/** With the EXR file: where the video is. */
	videoUrl?: string;
}

/** The data of each problem. `reason` is always n8n's own text. */
export interface ProblemData {
	/** A problem that already has its text: a parameter that was refused, or an expression that threw. */
	worded: { message: string; description: string };

	/** About the account. */
	keyRefused: OfProvider;
	noAccess: OfProvider;
	balanceUsedUp: OfProvider;
	tooManyRequests: OfProvider;

	/** About the provider's answer. */
	said: OfProvider;
	inputRefused: OfProvider & { entries: RefusedInput[] };
	inputRefusedSilently: OfProvider;
	infrastructure: OfProvider & { why: InfrastructureTrouble };
	unavailable: OfProvider;
	notUnderstood: OfProvider;
	/** `part`: set if the provider's storage did not answer, not its API. */
	noAnswer: OfProvider & OfNoAnswer & { part?: 'storage' };
	unknownJob: OfProvider & { requestId: string };

	/** About the submit. */
	unreachable: OfProvider & OfNoAnswer;
	/** It is unknown whether the provider accepted the job. `because`: what it answered, or why it did not. */
	unknownOutcome: OfProvider & { because: OfNoAnswer | { lacks: 'requestId' | 'generationId' } | Problem };
	missingGeneration: OfProvider & { asked: number; named: number };
	fileNotUploaded: { because: Problem };
	fileNotInRepository: { repository: string; because: Problem };
	storageRefused: OfProvider;
	storageNotPublic: OfProvider;
	fileUnread: { reason: string };
	tooLate: undefined;
	notOrdered: undefined;
	noTriesLeft: undefined;
	halted: undefined;

	/** About the job. */
	notEnded: undefined;
	cancelled: undefined;
	endedWithoutReason: OfProvider;
	timedOut: OfProvider & {
		minutes: number;
		requestId: string;
		job: 'goesOn' | 'notCancelled' | 'askedToEnd' | 'cancelled';
	};

	/** About the video. */
	videoNotNamedYet: OfProvider;
	noVideoNamed: OfProvider;
	notDownloaded: OfDelivery & { url: string; download: DownloadTrouble };
	notStored: OfDelivery & { reason: string; url?: string };
}

/** Why a request got no answer, or only a part of it. */
export type NoAnswer =
	| 'addressForbidden'
	| 'certificateExpired'
	| 'certificateOfOtherHost'
	| 'certificateUntrusted'
	| 'connectionLost'
	| 'hostNotLookedUp'
	| 'hostNotTrusted'
	| 'hostUnknown'
	| 'hostUnreachable'
	| 'invalidAddress'
	| 'networkUnreachable'
	| 'nothingListens'
	| 'stopped'
	| 'tookTooLong'
	| 'tooLarge'
	| 'unsendableKey';

/** Infrastructure failures of a provider that end a job. */
export type InfrastructureTrouble =
	| 'answerCutShort'
	| 'cancelled'
	| 'machineBroke'
	| 'machineLost'
	| 'machineNotReached'
	| 'noMachine'
	| 'noMachineInTime'
	| 'notStartedInTime'
	| 'providerBroke';

/** Why the download of a video, or of its EXR file, failed. */
export type DownloadTrouble =
	| OfNoAnswer
	| {
			why:
				| 'cutShort'
				| 'empty'
				| 'lostOnTheWay'
				| 'notAVideo'
				| 'notAnExr'
				| 'notPublic'
				| 'tooManyRedirects'
				| 'tooSlow';
	  }
	| { why: 'httpStatus'; httpStatus: number }
	| { why: 'onlyPart'; bytes: number; wholeBytes: number }
	| { why: 'tooLargeFile'; gigabytes: number };

/** Why a model refused one of its inputs, or the whole job. */
export interface RefusedInput {
	why: Refusal;
	/** This package's name of the parameter, or the provider's name if this package does not have the parameter. */
	parameter?: string;
	/** The position in a list, from 0. */
	entry?: number;
	/** The model's own words. */
	said?: string;
	/** The values that the model accepts. */
	options?: string[];
	width?: number;
	height?: number;
	/** Most bytes, or most entries of a list. */
	most?: number;
	/** The HTTP status that the provider got for the file. */
	status?: number;
}

export type Refusal =
	| 'contentPolicy'
	| 'fileTooLarge'
	| 'imageTooLarge'
	| 'imageTooSmall'
	| 'missing'
	| 'modelBroke'
	| 'modelTooSlow'
	| 'noFace'
	| 'noReason'
	| 'noVideo'
	| 'notAnOption'
	| 'notDownloaded'
	| 'notLoaded'
	| 'notSupported'
	/** Only the model's own words are known. */
	| 'said'
	| 'serviceRefused'
	| 'serviceUnavailable'
	| 'tooFewEntries'
	| 'tooManyEntries'
	| 'unsupportedFormat';

/** A provider's text may be a whole page, and n8n shows and saves the whole message. */
const MAX_SHOWN_CHARACTERS = 2_000;

/** Shortens text to the length that is saved and shown. Shortened text ends with "…". */
export function shorten(text: string): string {
	if (text.length <= MAX_SHOWN_CHARACTERS) return text;
	// Do not cut a character of two UTF-16 units in half.
	return `${text.slice(0, MAX_SHOWN_CHARACTERS - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
