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

/** What a request is for, in words that both providers share. `unknown` is an address that is not served. */
export type Endpoint = (typeof ENDPOINTS)[number];

/** Stands for a body that is no text: its length and a digest to compare it by. */
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
	/** The parsed JSON, the text, or for binaries a {@link BinaryBody}. */
	body?: unknown;
	/** Arrival, in milliseconds since 1970. */
	at: number;
	/** HTTP status that was sent; missing until it is answered, and forever if the connection broke first. */
	status?: number;
	/** The job that it was about. */
	jobId?: string;
	/** The fault that was played on it. */
	fault?: string;
}

/** Digests a binary body while it passes through. */
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
