/**
 * What can go wrong. Each kind says whether a job is accepted, that is: whether the real provider would bill it.
 * Wherever a job is not accepted, nothing of the request was taken at all.
 */
export type Fault =
	| ResetBefore
	| ResetAfter
	| Delay
	| Hold
	| Hang
	| Status
	| NotFound
	| Redirect
	| Truncated
	| Stall
	| Garbage
	| WrongShape
	| Huge
	| JobFails
	| Silence
	| DieAfter
	| Duplicate
	| Reorder
	| Foreign
	| BackToQueue
	| UnknownStatus
	| NullLogs
	| VideoUrl
	| FileName
	| ContentType
	| EmptyVideo;

/** The connection is reset before anything is taken. Job: NOT accepted. */
export interface ResetBefore {
	kind: 'resetBefore';
}

/** Everything is done as asked, then the connection is reset instead of an answer. Job: accepted. */
export interface ResetAfter {
	kind: 'resetAfter';
}

/**
 * The request is held back before it is handled, and then answered as usual or by another fault.
 * Job: accepted once the time is over, even if the client has disconnected by then.
 */
export interface Delay {
	kind: 'delay';
	ms: number;
}

/** The request is held back until this promise resolves, and then handled as after a delay. For tests, in code only. */
export interface Hold {
	kind: 'hold';
	until: Promise<unknown>;
}

/** There is never an answer. Job: accepted or not, as said here. */
export interface Hang {
	kind: 'hang';
	accepted: boolean;
}

/** This answer comes instead; a string is sent as HTML, the rest as JSON. Job: NOT accepted, unless said so. */
export interface Status {
	kind: 'status';
	code: number;
	body?: unknown;
	headers?: Record<string, string>;
	accepted?: boolean;
}

/** The provider reports the job as unknown (404, in its own words), but it continues. Job: NOT accepted. */
export interface NotFound {
	kind: 'notFound';
}

/** The client is sent elsewhere (code 302 by default). Job: NOT accepted. */
export interface Redirect {
	kind: 'redirect';
	to: string;
	code?: number;
}

/** Half of the body is sent, then the connection is closed. Job: accepted. */
export interface Truncated {
	kind: 'truncated';
}

/** Half of the body is sent, then nothing more comes and the connection stays open. Job: accepted. */
export interface Stall {
	kind: 'stall';
}

/** 200 and `application/json`, but the body is not JSON. Job: accepted. */
export interface Garbage {
	kind: 'garbage';
}

/** 200 with this JSON, by default an empty object. Job: accepted. */
export interface WrongShape {
	kind: 'wrongShape';
	body?: unknown;
}

/** 200 with a JSON body of this many MiB. Job: accepted. */
export interface Huge {
	kind: 'huge';
	megabytes: number;
}

/**
 * For `submit` and `run`: the job fails as soon as it starts. fal's result answers with the status (500 by
 * default) and the body; Oxen reports the message. Job: accepted.
 */
export interface JobFails {
	kind: 'jobFails';
	message: string;
	status?: number;
	body?: unknown;
}

/** For event streams: it opens, and nothing ever comes, not even a comment. */
export interface Silence {
	kind: 'silence';
}

/** For event streams: after this many whole events the connection breaks in the middle of the next. */
export interface DieAfter {
	kind: 'dieAfter';
	events: number;
}

/** For event streams: every event comes twice. */
export interface Duplicate {
	kind: 'duplicate';
}

/** For event streams: every two events change places. */
export interface Reorder {
	kind: 'reorder';
}

/** For event streams: before every event come others, of other types and of other people's jobs. */
export interface Foreign {
	kind: 'foreign';
}

/**
 * For `status` and `stream`: a running job is reported as queued again, as happens when a runner is lost:
 * in the second answer or event of each job that would say it is running.
 */
export interface BackToQueue {
	kind: 'backToQueue';
}

/** For `status` and `stream`: until the job has ended, its status is an unknown word. */
export interface UnknownStatus {
	kind: 'unknownStatus';
	/** By default WARMING_UP. */
	status?: string;
}

/** For `status` and `stream`: the log is null although it was asked for. */
export interface NullLogs {
	kind: 'nullLogs';
}

/** For whatever names the video: this address instead. Job: accepted. */
export interface VideoUrl {
	kind: 'videoUrl';
	url: string;
}

/** For fal's result: this file name instead, such as `../../etc/passwd`. Job: accepted. */
export interface FileName {
	kind: 'fileName';
	name: string;
}

/** For fal's result the `content_type` of the video, for `video` the header. Job: accepted. */
export interface ContentType {
	kind: 'contentType';
	type: string;
}

/** For `video`: a good answer with 0 bytes. */
export interface EmptyVideo {
	kind: 'emptyVideo';
}

/** Whether the request is carried out, so that a job is accepted even though its answer is faulty. */
export function acceptsJob(fault: Fault): boolean {
	switch (fault.kind) {
		case 'resetBefore':
		case 'notFound':
		case 'redirect':
			return false;
		case 'hang':
			return fault.accepted;
		case 'status':
			return fault.accepted ?? false;
		default:
			return true;
	}
}
