import type {
	IDataObject,
	IExecuteFunctions,
	IHttpRequestMethods,
	IHttpRequestOptions,
	IN8nHttpFullResponse,
	IPollFunctions,
} from 'n8n-workflow';

import type { NoAnswer } from '../models/problem';
import { readEvents, type ServerEvent } from './events';
import type { Chunks } from './nodeStream';
import { createRedactor, type Redactor } from './secrets';
import { watchSilence } from './silence';
import { createUpload, type Upload } from './upload';
import { originOf } from './urls';

/** Bytes of a JSON answer beyond which it is taken for hostile and no longer read. */
const MAX_JSON_BYTES = 4 * 1024 * 1024;
/** Characters that are kept of an answer that is no JSON: it may be a bare word. They are never shown. */
const KEPT_TEXT_CHARACTERS = 2_000;
const DEFAULT_TIMEOUT_MS = 30_000;

/** What an answer brings bit by bit. */
export interface ResponseStream<Part> extends AsyncIterable<Part> {
	/** Ends the request. What has not been read yet is lost. */
	destroy(): void;
}

/** The body of an answer. Reading it throws if the connection is lost or silent for too long. */
export interface ByteStream extends ResponseStream<Uint8Array> {
	/** The stream as n8n made it: see nodeStream.ts. Only `ByteStream` itself is read. */
	readonly native: object;
}

export interface HttpRequest {
	method: IHttpRequestMethods;
	url: string;
	query?: IDataObject;
	headers?: { [name: string]: string };
	/** An object goes out as JSON, a buffer as it is. */
	body?: IHttpRequestOptions['body'];
	/** A file to send in place of `body`. */
	upload?: Upload;
	/**
	 * Milliseconds (30,000 if absent) after which the request counts as lost: for a whole answer from its start,
	 * for a stream and with an upload without any sign of life.
	 */
	timeoutMs?: number;
	/** With an upload: milliseconds after which the request counts as lost however well it goes on. */
	totalMs?: number;
	/** Ends the request, and the reading of its body, at once. */
	signal?: AbortSignal;
	/** Bytes of the answer beyond which it is no longer read. */
	maxBytes?: number;
}

export interface HttpAnswer<Body> {
	answered: true;
	status: number;
	/** Names in lower case. */
	headers: { [name: string]: string };
	body: Body;
}

/** Why there is no (whole) answer. */
export interface HttpFailure {
	answered: false;
	/**
	 * `unsent`: the request never left, or no connection came to be, so the other side cannot have taken it;
	 * `broken`: reset, timeout or a body cut short, so it may have; `tooLarge`: its answer grew past
	 * `maxBytes`, so it may have, too; `aborted`: the signal ended it, whatever had been sent.
	 */
	reason: 'unsent' | 'broken' | 'aborted' | 'tooLarge';
	/** The status, where the head of an answer came before it broke. */
	status?: number;
	why: NoAnswer;
	/** The bytes that were read at the most, if the answer was larger. */
	bytes?: number;
	/** Why the file to send could not be read, if that ended the request: the text of the exception. */
	unread?: string;
}

/** What a request needs of n8n's functions: those of an execution, of a poll and of a list in the editor have it. */
export type HttpContext = Pick<IExecuteFunctions, 'getNode' | 'logger'> &
	Pick<IPollFunctions, 'getCredentials'> & {
		helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest' | 'httpRequestWithAuthentication'>;
	};

/** What an answer says: JSON, or text that is none. */
export interface Content {
	json?: unknown;
	text: string;
}

export type HttpResult<Body> = HttpAnswer<Body> | HttpFailure;

/**
 * HTTP as the providers speak it. Nothing here throws and nothing is ever sent twice. No header, no text, no JSON and
 * no event that comes out of here holds the credential's key, also if an answer repeats it.
 */
export interface Http {
	/** Sends the credential's key along, to the trusted origins only, and reads the whole answer. */
	authenticated(request: HttpRequest): Promise<HttpResult<Content>>;
	/** The same, with the body left as a stream of bytes: for files only, since a key in it is not looked for. */
	authenticatedStream(request: HttpRequest): Promise<HttpResult<ByteStream>>;
	/** The same for an event stream. Reading it throws as `ByteStream` and `readEvents` do. */
	authenticatedEvents(request: HttpRequest): Promise<HttpResult<ResponseStream<ServerEvent>>>;
	/** Sends no key and reads the whole answer. */
	plain(request: HttpRequest): Promise<HttpResult<Content>>;
	/** Sends no key; the body is left as a stream. */
	plainStream(request: HttpRequest): Promise<HttpResult<ByteStream>>;
	/** Whether the key may go to this address. */
	trusts(url: string): boolean;
}

/**
 * HTTP through n8n's helpers: its proxies, its SSRF guard and the credential's own authentication.
 *
 * - Redirects are never followed, so the key cannot travel along one.
 * - No HTTP status is an exception, so n8n's second try after a 401 never comes about
 *   (n8n-core, request-helpers/authentication: it retries only from its catch).
 * - n8n ties its own helpers to the execution's cancel signal, which would also kill the cancel requests that a
 *   Stop must send. The helpers run in a context without that signal; each request brings its own.
 *
 * @param trustedOrigins origins that may see the key, as configured by the person
 * @param secrets the key, and parts of it that are secret on their own, as the person typed them
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

	const plain: Send = async (request, bounds) =>
		await send(request, bounds, redactor, async (options) => await context.helpers.httpRequest(options));
	const authenticated: Send = async (request, bounds) => {
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
			bounds,
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

/** Sends a request; each of `bounds` ends it. Nothing of its body has been read yet. */
type Send = (request: HttpRequest, bounds: AbortSignal[]) => Promise<HttpResult<Chunks>>;

async function send(
	request: HttpRequest,
	bounds: AbortSignal[],
	redactor: Redactor,
	helper: (options: IHttpRequestOptions) => Promise<IN8nHttpFullResponse>,
): Promise<HttpResult<Chunks>> {
	const { upload, signal } = request;
	if (signal?.aborted) return { answered: false, reason: 'aborted', why: 'stopped' };
	const silentMs = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
	const lost = new AbortController();
	const watch = upload && watchSilence(silentMs, () => lost.abort());
	let unread: string | undefined;
	const onUnread = ({ message }: Error) => {
		unread = message;
		lost.abort();
	};
	try {
		const response = await helper({
			method: request.method,
			url: request.url,
			qs: request.query,
			headers: request.headers,
			body: upload && watch ? createUpload(upload, watch.alive, onUnread) : request.body,
			timeout: request.totalMs ?? silentMs,
			// A signal of its own for each request: see clock.ts on listeners.
			abortSignal: AbortSignal.any([...(signal ? [signal] : []), lost.signal, ...bounds]),
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
	// n8n's timeout ends with the head of the answer, so a body that drips for ever needs a bound of its own. Both
	// bounds work by signal: destroying n8n's response stream does not end a read that waits for its next chunk.
	const tooLarge = new AbortController();
	const tooLong = AbortSignal.timeout(request.totalMs ?? request.timeoutMs ?? DEFAULT_TIMEOUT_MS);
	const result = await sender(request, [tooLarge.signal, tooLong]);
	if (!result.answered) return result;
	const maxBytes = request.maxBytes ?? MAX_JSON_BYTES;
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	try {
		for await (const chunk of result.body) {
			bytes += chunk.length;
			if (bytes > maxBytes) {
				tooLarge.abort();
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
	// By signal here too: destroying n8n's stream ends nothing as long as nobody reads it.
	const ended = new AbortController();
	const result = await sender(request, [ended.signal]);
	if (!result.answered) return result;
	const { body: native } = result;
	async function* chunks(): AsyncGenerator<Uint8Array> {
		const watch = watchSilence(request.timeoutMs ?? DEFAULT_TIMEOUT_MS, () => ended.abort());
		try {
			for await (const chunk of native) {
				watch.rest();
				yield chunk;
				watch.alive();
			}
		} finally {
			watch.end();
			ended.abort();
		}
	}
	return {
		...result,
		body: { native, destroy: () => ended.abort(), [Symbol.asyncIterator]: chunks },
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

/** Codes of Node.js for a connection that never came to be. */
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

/** Those of them that can also end a connection over which a request has gone out. */
const ALSO_LATER = ['ENETUNREACH', 'EHOSTUNREACH'];
/** What Node.js was about where no connection stood yet. */
const CONNECTING: unknown[] = ['connect', 'getaddrinfo'];

const TIMED_OUT = ['ETIMEDOUT', 'ECONNABORTED', 'ESOCKETTIMEDOUT', 'ERR_CANCELED'];

/**
 * Why a request got no answer, by names of our own: n8n replaces a message that holds one of Node.js's codes by
 * its general text about connections (n8n-workflow, node.error).
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
	/** Each try to connect, where a host has several addresses. */
	errors?: unknown;
}

/** An error and what lies under it: n8n wraps what axios throws once or twice, differently in each version. */
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
