import type { IHttpRequestOptions } from 'n8n-workflow';

import type { Chunks } from './nodeStream';

/** A file on its way out. */
export interface Upload {
	contentType: string;
	/** How many bytes `content` holds. */
	bytes: number;
	content: Buffer | Chunks;
}

/** Bytes of a buffer that are handed out at once, as many as a Node.js file stream reads. */
const CHUNK_BYTES = 64 * 1024;

/**
 * A file as a body for n8n's helper, handed out as the connection takes it. It is shaped like a Blob: axios, below the
 * helper, reads one chunk by chunk (lib/helpers/readBlob.js), so that its progress can be watched, while it tells
 * nothing of how far it is with a buffer or a stream.
 * @param onChunk called with every chunk that goes out
 */
export function createUpload(
	{ contentType, bytes, content }: Upload,
	onChunk: () => void,
): IHttpRequestOptions['body'] {
	const chunks = Buffer.isBuffer(content) ? slices(content) : content;
	async function* stream(): AsyncGenerator<Uint8Array> {
		for await (const chunk of chunks) {
			onChunk();
			yield chunk;
		}
	}
	const blob = { [Symbol.toStringTag]: 'Blob', type: contentType, size: bytes, stream };
	return blob as unknown as IHttpRequestOptions['body'];
}

async function* slices(bytes: Buffer): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}
