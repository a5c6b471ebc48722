/**
 * What can go wrong. Each kind says whether a job is accepted, which means that the real provider would bill it. If a
 * job is not accepted, no part of the request has any effect.
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

/** The connection is reset before the request has any effect. Job: NOT accepted. */
export interface ResetBefore {
	kind: 'resetBefore';
}

/** The request is carried out, then the connection is reset instead of an answer. Job: accepted. */
export interface ResetAfter {
	kind: 'resetAfter';
}

/**
 * The request is delayed before it is handled. Then it is answered normally, or by another fault. Job: accepted after
 * the delay, even if the client has disconnected by then.
 */
export interface Delay {
	kind: 'delay';
	ms: number;
}

/**
 * The request is delayed until this promise resolves, and then handled normally. Only for tests, since it needs code.
 */
export interface Hold {
	kind: 'hold';
	until: Promise<unknown>;
}

/** The request is never answered. Job: accepted or not, as `accepted` says. */
export interface Hang {
	kind: 'hang';
	accepted: boolean;
}

/**
 * This answer is sent instead: a string as HTML, anything else as JSON. Job: NOT accepted, unless `accepted` is true.
 */
export interface Status {
	kind: 'status';
	code: number;
	body?: unknown;
	headers?: Record<string, string>;
	accepted?: boolean;
}

/** The provider reports the job as unknown (404, in its own words), but the job continues. Job: NOT accepted. */
export interface NotFound {
	kind: 'notFound';
}

/** The client is redirected (code 302 by default). Job: NOT accepted. */
export interface Redirect {
	kind: 'redirect';
	to: string;
	code?: number;
}

/** Half of the body is sent, then the connection is closed. Job: accepted. */
export interface Truncated {
	kind: 'truncated';
}

/** Half of the body is sent, then the connection stays open without more data. Job: accepted. */
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
 * For `submit` and `run`: the job fails as soon as it starts. fal's result has this status (500 by default) and body.
 * Oxen reports the message. Job: accepted.
 */
export interface JobFails {
	kind: 'jobFails';
	message: string;
	status?: number;
	body?: unknown;
}

/** For event streams: the stream opens, but nothing is sent, not even a comment. */
export interface Silence {
	kind: 'silence';
}

/** For event streams: after this many complete events, the connection breaks in the middle of the next event. */
export interface DieAfter {
	kind: 'dieAfter';
	events: number;
}

/** For event streams: every event is sent twice. */
export interface Duplicate {
	kind: 'duplicate';
}

/** For event streams: the two events of each pair are swapped. */
export interface Reorder {
	kind: 'reorder';
}

/**
 * For event streams: before every event, other events are sent, some of other types and some about other users' jobs.
 */
export interface Foreign {
	kind: 'foreign';
}

/**
 * For `status` and `stream`: a running job is reported as queued again, as happens when a runner is lost. It affects
 * the second answer or event about each job that would report it as running.
 */
export interface BackToQueue {
	kind: 'backToQueue';
}

/** For `status` and `stream`: the status is an unknown word until the job has ended. */
export interface UnknownStatus {
	kind: 'unknownStatus';
	/** The default is WARMING_UP. */
	status?: string;
}

/** For `status` and `stream`: the log is null although the client requested it. */
export interface NullLogs {
	kind: 'nullLogs';
}

/** For every answer that contains the video's address: this address is used instead. Job: accepted. */
export interface VideoUrl {
	kind: 'videoUrl';
	url: string;
}

/** For fal's result: this file name is used instead, such as `../../etc/passwd`. Job: accepted. */
export interface FileName {
	kind: 'fileName';
	name: string;
}

/** Changes the `content_type` of the video in fal's result, or the content type header of `video`. Job: accepted. */
export interface ContentType {
	kind: 'contentType';
	type: string;
}

/** For `video`: a successful answer with 0 bytes. */
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
