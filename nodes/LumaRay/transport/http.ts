import type {
	IDataObject,
	IExecuteFunctions,
	IHttpRequestMethods,
	IHttpRequestOptions,
	IN8nHttpFullResponse,
	IPollFunctions,
} from 'n8n-workflow';

import type { NoAnswer } from '../models/problem';
import { endingWith, type Ending } from './abort';
import { setTimeLimit } from './alarms';
import { readEvents, type ServerEvent } from './events';
import type { Chunks } from './nodeStream';
import { createRedactor, type Redactor } from './secrets';
import { watchSilence } from './silence';
import { createUpload, type Upload } from './upload';
import { originOf } from './urls';

/** The maximum number of bytes to read from a JSON answer. A larger answer is treated as an attack. */
const MAX_JSON_BYTES = 4 * 1024 * 1024;
/**
 * The maximum number of characters to keep from an answer that is not JSON, such as a bare word. They are never shown.
 */
const KEPT_TEXT_CHARACTERS = 2_000;
const DEFAULT_TIMEOUT_MS = 30_000;

/** The body of an answer, part by part. */
export interface ResponseStream<Part> extends AsyncIterable<Part> {
	/** Ends the request. Anything that has not been read yet is lost. */
	destroy(): void;
}

/** The body of an answer. Reading it throws if the connection is lost or silent for too long. */
export interface ByteStream extends ResponseStream<Uint8Array> {
	/** The stream that n8n made: see nodeStream.ts. Never read it; read the `ByteStream` instead. */
	readonly native: object;
}

export interface HttpRequest {
	method: IHttpRequestMethods;
	url: string;
	query?: IDataObject;
	headers?: { [name: string]: string };
	/** An object is sent as JSON, a buffer unchanged. */
	body?: IHttpRequestOptions['body'];
	/** A file to send instead of `body`. */
	upload?: Upload;
	/**
	 * The request counts as lost after this many milliseconds (30,000 if absent). The time counts from the start of the
	 * request, or, with a stream or an upload, from the last bytes that were transferred.
	 */
	timeoutMs?: number;
	/** With an upload: the request counts as lost after this many milliseconds, even if it still makes progress. */
	totalMs?: number;
	/** Ends the request and stops reading its body immediately. */
	signal?: AbortSignal;
	/** The maximum number of bytes to read from the answer (4 MiB if absent). */
	maxBytes?: number;
}

export interface HttpAnswer<Body> {
	answered: true;
	status: number;
	/** Names in lower case. */
	headers: { [name: string]: string };
	body: Body;
}

/** Why there is no answer, or no complete one. */
export interface HttpFailure {
	answered: false;
	/**
	 * `unsent`: the request was not sent, or no connection was made, so the server cannot have received it.
	 * `broken`: a reset, a timeout or an incomplete body, so the server may have received it.
	 * `tooLarge`: the answer is larger than `maxBytes`, so the server may have received it.
	 * `aborted`: the signal ended the request, which may or may not have been sent.
	 */
	reason: 'unsent' | 'broken' | 'aborted' | 'tooLarge';
	/** The status, if the headers of the answer arrived before the failure. */
	status?: number;
	why: NoAnswer;
	/** The limit in bytes, if the answer was larger. */
	bytes?: number;
	/** If the request ended because its file could not be read: the text of the exception. */
	unread?: string;
}

/** The functions of n8n that a request needs. Executions, polls and lists in the editor have them. */
export type HttpContext = Pick<IExecuteFunctions, 'getNode' | 'logger'> &
	Pick<IPollFunctions, 'getCredentials'> & {
		helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest' | 'httpRequestWithAuthentication'>;
	};

/** The content of an answer: JSON, or other text. */
export interface Content {
	json?: unknown;
	text: string;
}

export type HttpResult<Body> = HttpAnswer<Body> | HttpFailure;

/**
 * HTTP requests to the providers. No method throws, and no request is ever sent twice. No header, text, JSON or event
 * that these methods return contains the credential's key, even if an answer repeats it.
 */
export interface Http {
	/** Sends the credential's key, only to the trusted origins, and reads the whole answer. */
	authenticated(request: HttpRequest): Promise<HttpResult<Content>>;
	/** Sends the key and returns the body as a stream of bytes. Only for files: a key in the body is not removed. */
	authenticatedStream(request: HttpRequest): Promise<HttpResult<ByteStream>>;
	/** Sends the key and returns the body as an event stream. Reading it throws as `ByteStream` and `readEvents` do. */
	authenticatedEvents(request: HttpRequest): Promise<HttpResult<ResponseStream<ServerEvent>>>;
	/** Sends no key and reads the whole answer. */
	plain(request: HttpRequest): Promise<HttpResult<Content>>;
	/** Sends no key and returns the body as a stream of bytes. */
	plainStream(request: HttpRequest): Promise<HttpResult<ByteStream>>;
	/** Whether the key may be sent to this address. */
	trusts(url: string): boolean;
}

/**
 * HTTP through n8n's helpers, with n8n's proxies, its SSRF guard and the credential's own authentication.
 *
 * - Redirects are never followed, so a redirect cannot take the key elsewhere.
 * - No HTTP status throws, so n8n does not send the request again after a 401 (n8n-core,
 *   request-helpers/authentication: it retries only after an exception).
 * - n8n binds its helpers to the execution's cancel signal, which would also end the cancel requests that a Stop must
 *   send. So the helpers run in a context without that signal, and each request has its own.
 *
 * @param trustedOrigins origins that may receive the key, as configured by the user
 * @param secrets the key, and parts of it that are secret on their own, as the user typed them
 */
export function createHttp(
	context: HttpContext,
	credentialType: string,
	trustedOrigins: readonly string[],
	secrets: readonly string[],
): Http {
	const quiet = {
		helpers: context.helpers,
		getCredentials: context.getCredentials.bind(context),
		getNode: context.getNode.bind(context),
		logger: context.logger,
	} as unknown as IExecuteFunctions;
	const trusts = (url: string) => trustedOrigins.includes(originOf(url) ?? '');
	const redactor = createRedactor(secrets);

	const plain: Send = async (request, ending) =>
		await send(request, ending, redactor, async (options) => await context.helpers.httpRequest(options));
	const authenticated: Send = async (request, ending) => {
		if (!trusts(request.url)) {
			return {
				answered: false,
				reason: 'unsent',
				why: 'hostNotTrusted',
			};
		}
		const { httpRequestWithAuthentication: helper } = context.helpers;
		return await send(
			request,
			ending,
			redactor,
			async (options) => await helper.call(quiet, credentialType, options),
		);
	};
	return {
		authenticated: async (request) => await read(request, authenticated, redactor),
		authenticatedStream: async (request) => await stream(request, authenticated),
		authenticatedEvents: async (request) => await events(request, authenticated, redactor),
		plain: async (request) => await read(request, plain, redactor),
		plainStream: async (request) => await stream(request, plain),
		trusts,
	};
}

/** Sends a request and returns before its body is read. `ending` ends the request and the reading of its body. */
type Send = (request: HttpRequest, ending: Ending) => Promise<HttpResult<Chunks>>;

async function send(
	request: HttpRequest,
	ending: Ending,
	redactor: Redactor,
	helper: (options: IHttpRequestOptions) => Promise<IN8nHttpFullResponse>,
): Promise<HttpResult<Chunks>> {
	const { upload, signal } = request;
	if (signal?.aborted) return { answered: false, reason: 'aborted', why: 'stopped' };
	const silentMs = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
	const watch = upload && watchSilence(silentMs, () => ending.end('silent'));
	let unread: string | undefined;
	const onUnread = ({ message }: Error) => {
		unread = message;
		ending.end('unread');
	};
	try {
		const response = await helper({
			method: request.method,
			url: request.url,
			qs: request.query,
			headers: request.headers,
			body: upload && watch ? createUpload(upload, watch.alive, onUnread) : request.body,
			timeout: request.totalMs ?? silentMs,
			abortSignal: ending.signal,
			encoding: 'stream',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
		});
		return {
			answered: true,
			status: response.statusCode,
			headers: redactor.json(lowerCased(response.headers)),
			body: response.body as unknown as Chunks,
		};
	} catch (error) {
		return { ...unanswered(error, signal), ...(unread === undefined ? {} : { unread }) };
	} finally {
		watch?.end();
	}
}

async function read(request: HttpRequest, sender: Send, redactor: Redactor): Promise<HttpResult<Content>> {
	// n8n's timeout ends when the headers of the answer arrive, so a body that arrives slowly and never ends needs its
	// own limit. Both limits use a signal: destroying n8n's response stream does not end a read that waits for its next
	// chunk.
	const ending = endingWith(request.signal);
	const longestMs = request.totalMs ?? request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
	const endLimit = setTimeLimit(longestMs, () => ending.end('tookTooLong'));
	try {
		return await readWithin(request, ending, sender, redactor);
	} finally {
		endLimit();
		ending.release();
	}
}

async function readWithin(
	request: HttpRequest,
	ending: Ending,
	sender: Send,
	redactor: Redactor,
): Promise<HttpResult<Content>> {
	const result = await sender(request, ending);
	if (!result.answered) return result;
	const maxBytes = request.maxBytes ?? MAX_JSON_BYTES;
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	try {
		for await (const chunk of result.body) {
			bytes += chunk.length;
			if (bytes > maxBytes) {
				ending.end('tooLarge');
				return {
					answered: false,
					reason: 'tooLarge',
					status: result.status,
					why: 'tooLarge',
					bytes: maxBytes,
				};
			}
			chunks.push(chunk);
		}
	} catch (error) {
		return { ...unanswered(error, request.signal), status: result.status };
	}
	return { ...result, body: redactor.json(parse(Buffer.concat(chunks).toString('utf8'))) };
}

async function stream(request: HttpRequest, sender: Send): Promise<HttpResult<ByteStream>> {
	// Use a signal: destroying n8n's stream does not end the request while no one reads the stream.
	const ending = endingWith(request.signal);
	const result = await sender(request, ending);
	if (!result.answered) {
		ending.release();
		return result;
	}
	const end = (reason: string) => {
		ending.end(reason);
		ending.release();
	};
	const { body: native } = result;
	async function* chunks(): AsyncGenerator<Uint8Array> {
		const watch = watchSilence(request.timeoutMs ?? DEFAULT_TIMEOUT_MS, () => end('silent'));
		try {
			for await (const chunk of native) {
				watch.rest();
				yield chunk;
				watch.alive();
			}
		} finally {
			watch.end();
			end('read');
		}
	}
	return {
		...result,
		body: { native, destroy: () => end('destroyed'), [Symbol.asyncIterator]: chunks },
	};
}

async function events(
	request: HttpRequest,
	sender: Send,
	redactor: Redactor,
): Promise<HttpResult<ResponseStream<ServerEvent>>> {
	const result = await stream(request, sender);
	if (!result.answered) return result;
	const { body } = result;
	async function* redacted(): AsyncGenerator<ServerEvent> {
		for await (const { event, data } of readEvents(body)) {
			const { json, text } = redactor.json(parse(data));
			yield { event, data: json === undefined ? text : JSON.stringify(json) };
		}
	}
	return { ...result, body: { destroy: body.destroy, [Symbol.asyncIterator]: redacted } };
}

/** Node.js's error codes for a connection that was never made. */
const NEVER_CONNECTED: { [code: string]: NoAnswer } = {
	ECONNREFUSED: 'nothingListens',
	ENOTFOUND: 'hostUnknown',
	EAI_AGAIN: 'hostNotLookedUp',
	ENETUNREACH: 'networkUnreachable',
	EHOSTUNREACH: 'hostUnreachable',
	ERR_INVALID_URL: 'invalidAddress',
	ERR_INVALID_CHAR: 'unsendableKey',
	CERT_HAS_EXPIRED: 'certificateExpired',
	DEPTH_ZERO_SELF_SIGNED_CERT: 'certificateUntrusted',
	SELF_SIGNED_CERT_IN_CHAIN: 'certificateUntrusted',
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificateUntrusted',
	ERR_TLS_CERT_ALTNAME_INVALID: 'certificateOfOtherHost',
};

/** Codes of the table above that can also occur after a request was sent. */
const ALSO_LATER = ['ENETUNREACH', 'EHOSTUNREACH'];
/** Node.js's system calls before a connection is made. */
const CONNECTING: unknown[] = ['connect', 'getaddrinfo'];

const TIMED_OUT = ['ETIMEDOUT', 'ECONNABORTED', 'ESOCKETTIMEDOUT', 'ERR_CANCELED'];

/**
 * Why a request got no answer. The names are our own, because n8n replaces a message that contains one of Node.js's
 * codes with its general text about connections (n8n-workflow, node.error).
 */
function unanswered(error: unknown, signal: AbortSignal | undefined): HttpFailure {
	if (signal?.aborted) return { answered: false, reason: 'aborted', why: 'stopped' };
	const links = linksOf(error);
	if (links.some(isSsrfRefusal)) {
		return { answered: false, reason: 'unsent', why: 'addressForbidden' };
	}
	const codes = links.flatMap(({ code }) => (typeof code === 'string' ? [code] : []));
	const unsent = codes.find((code) => code in NEVER_CONNECTED);
	if (unsent && (!ALSO_LATER.includes(unsent) || links.some(cameWhileConnecting))) {
		return { answered: false, reason: 'unsent', why: NEVER_CONNECTED[unsent] };
	}
	const timedOut = codes.some((code) => TIMED_OUT.includes(code));
	return { answered: false, reason: 'broken', why: timedOut ? 'tookTooLong' : 'connectionLost' };
}

/** An error as Node.js, axios and n8n throw it. */
interface ErrorLink {
	code?: unknown;
	syscall?: unknown;
	cause?: unknown;
	/** One error for each try to connect, if a host has several addresses. */
	errors?: unknown;
}

/** An error and its causes. n8n wraps an error of axios once or twice, differently in each version. */
function linksOf(error: unknown): ErrorLink[] {
	const links: ErrorLink[] = [];
	let link = error as ErrorLink | undefined;
	for (let depth = 0; link && typeof link === 'object' && depth < 5; depth++) {
		links.push(link);
		link = link.cause as ErrorLink | undefined;
	}
	return links;
}

/** The errors of n8n's SSRF guard have no code. */
function isSsrfRefusal(link: ErrorLink): boolean {
	return [link.code, link.constructor?.name].some((name) => String(name).startsWith('Ssrf'));
}

function cameWhileConnecting({ syscall, errors }: ErrorLink): boolean {
	if (Array.isArray(errors)) return errors.every((one: ErrorLink) => CONNECTING.includes(one?.syscall));
	return CONNECTING.includes(syscall);
}

function lowerCased(headers: IDataObject): { [name: string]: string } {
	return Object.fromEntries(
		Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
	);
}

function parse(text: string): Content {
	try {
		return { json: JSON.parse(text), text: '' };
	} catch {
		return { text: text.slice(0, KEPT_TEXT_CHARACTERS) };
	}
}
