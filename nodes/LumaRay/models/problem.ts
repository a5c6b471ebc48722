/**
 * What went wrong, as plain data: a name and what belongs to it. The sentences are in `resources/messages/`.
 * A problem is a value and never thrown below `resources/`, so the compiler sees to it that each is handled. It is
 * plain JSON, since n8n saves it with the execution while a run is parked.
 */
export type Problem = { [Name in ProblemName]: ProblemOf<Name> }[ProblemName];

export type ProblemName = keyof ProblemData;

/** A problem of this name. */
export type ProblemOf<Name extends ProblemName> = ProblemContext & {
	name: Name;
} & (undefined extends ProblemData[Name] ? { data?: undefined } : { data: ProblemData[Name] });

/** What any problem may have. */
export interface ProblemContext {
	/** What to do about it, if that does not follow from the name. */
	remedy?: RemedyName;
	/** The provider's own words, cut to what is shown. They hold no key. */
	said?: string;
	/** The provider's HTTP status, if it answered. */
	httpStatus?: number;
	requestId?: string;
	/** It is proven that the provider did not take the job, so nothing is billed. */
	nothingSubmitted?: true;
	/** The provider's ID of a request that made no job: for its support, and nothing to collect by. */
	supportId?: string;
	/** What the provider reports that it billed for a job without a video, in USD; absent if it does not say. */
	billedUsd?: number;
}

export type RemedyName =
	| 'changeInput'
	| 'changePromptOrImage'
	| 'checkImageAddress'
	/** Has the provider's status page, if there is one. */
	| 'runLater';

/** The ID of a provider. */
interface OfProvider {
	provider: string;
}

/** Why there was no answer; `bytes` is the most that is read, with `tooLarge` only. */
interface OfNoAnswer {
	why: NoAnswer;
	bytes?: number;
}

/** Which of a job's files it is about; absent for the video. */
export interface OfDelivery {
	file?: 'exr';
	/** Beside the EXR file: where the video is. */
	videoUrl?: string;
}

/** What each problem carries. A reason (`reason`) is n8n's own text. */
export interface ProblemData {
	/** Already worded: a parameter that was refused, or an expression that threw. */
	worded: { message: string; description: string };

	/** The account. */
	keyRefused: OfProvider;
	noAccess: OfProvider;
	balanceUsedUp: OfProvider;
	tooManyRequests: OfProvider;

	/** What the provider answered. */
	said: OfProvider;
	inputRefused: OfProvider & { entries: RefusedInput[] };
	inputRefusedSilently: OfProvider;
	infrastructure: OfProvider & { why: InfrastructureTrouble };
	unavailable: OfProvider;
	notUnderstood: OfProvider;
	/** `part`: not the provider's API, but its storage. */
	noAnswer: OfProvider & OfNoAnswer & { part?: 'storage' };
	unknownJob: OfProvider & { requestId: string };

	/** The submit. */
	unreachable: OfProvider & OfNoAnswer;
	/** It is unknown whether the provider accepted the job. `because`: what it answered. */
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

	/** The job. */
	notEnded: undefined;
	cancelled: undefined;
	endedWithoutReason: OfProvider;
	timedOut: OfProvider & {
		minutes: number;
		requestId: string;
		job: 'goesOn' | 'notCancelled' | 'askedToEnd' | 'cancelled';
	};

	/** The video. */
	videoNotNamedYet: OfProvider;
	noVideoNamed: OfProvider;
	notDownloaded: OfDelivery & { url: string; download: DownloadTrouble };
	notStored: OfDelivery & { reason: string; url?: string };
}

/** Why a request got no (whole) answer. */
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

/** What the machines of a provider can do to a job. */
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

/** Why a video, or the EXR file beside it, did not arrive. */
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

/** What a model has against one of its inputs, or against the job as a whole. */
export interface RefusedInput {
	why: Refusal;
	/** The parameter, by this package's name, or by the provider's if this package has none. */
	parameter?: string;
	/** Which entry of a list, from 0. */
	entry?: number;
	/** The model's own words. */
	said?: string;
	/** What the model takes instead. */
	options?: string[];
	width?: number;
	height?: number;
	/** Bytes, or entries of a list. */
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
	/** The model's own words alone. */
	| 'said'
	| 'serviceRefused'
	| 'serviceUnavailable'
	| 'tooFewEntries'
	| 'tooManyEntries'
	| 'unsupportedFormat';

/** A provider's reason may be a whole page, and n8n shows and saves all of a message. */
const MAX_SHOWN_CHARACTERS = 2_000;

/** A text as far as it is kept and shown: its beginning, with "…" at the end if there was more. */
export function shorten(text: string): string {
	if (text.length <= MAX_SHOWN_CHARACTERS) return text;
	// Not in the middle of a character of two units.
	return `${text.slice(0, MAX_SHOWN_CHARACTERS - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
