import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Host } from './options';

export type Service = 'fal' | 'oxen';

export const ENDPOINTS = [
	'submit',
	'status',
	'stream',
	'result',
	'cancel',
	'run',
	'uploadInitiate',
	'uploadPut',
	'uploadPart',
	'uploadComplete',
	'image',
	'video',
	'jwks',
	'pricing',
	'estimate',
	'models',
	'model',
	'requests',
	'events',
	'queueList',
	'generation',
	'generations',
	'repoCreate',
	'unknown',
] as const;

/** The purpose of a request, in words that apply to both providers. `unknown` is an address that is not served. */
export type Endpoint = (typeof ENDPOINTS)[number];

/** Replaces a body that is not text: its length, and a digest to compare it with others. */
export interface BinaryBody {
	bytes: number;
	sha256: string;
}

/** A request as it arrived, regardless of its outcome. */
export interface RecordedRequest {
	service: Service;
	host: Host;
	endpoint: Endpoint;
	method: string;
	/** Path and query. */
	url: string;
	headers: IncomingHttpHeaders;
	/** The parsed JSON, the text, or for binary data a {@link BinaryBody}. */
	body?: unknown;
	/** Time of arrival, in milliseconds since 1970. */
	at: number;
	/**
	 * The HTTP status that was sent. Absent until the request is answered, and forever if the connection broke before
	 * that.
	 */
	status?: number;
	/** The job that the request was about. */
	jobId?: string;
	/** The fault that affected it. */
	fault?: string;
}

/** Hashes a binary body while it is received. */
export class BodyMeter {
	private readonly hash = createHash('sha256');
	private bytes = 0;

	add(chunk: Uint8Array): void {
		this.bytes += chunk.byteLength;
		this.hash.update(chunk);
	}

	total(): BinaryBody {
		return { bytes: this.bytes, sha256: this.hash.digest('hex') };
	}
}
