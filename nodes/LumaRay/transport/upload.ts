import type { IHttpRequestOptions } from 'n8n-workflow';

import type { Chunks } from './nodeStream';

/** A file on its way out. */
export interface Upload {
	contentType: string;
	/** How many bytes `content` holds. */
	bytes: number;
	content: FileContent;
}

/** A file that n8n holds in memory, or a stream of one. */
export type FileContent = Buffer | Chunks;

/** Bytes of a buffer that are handed out at once, as many as a Node.js file stream reads. */
const CHUNK_BYTES = 64 * 1024;

/**
 * A file as a body for n8n's helper, handed out as the connection takes it. It is shaped like a Blob: axios, below the
 * helper, reads one chunk by chunk (lib/helpers/readBlob.js), so that its progress can be watched, while it tells
 * nothing of how far it is with a buffer or a stream.
 * @param onChunk called with every chunk that goes out
 * @param onUnread called if the file could not be read to its end; it must end the request, which lacks the rest
 */
export function createUpload(
	{ contentType, bytes, content }: Upload,
	onChunk: () => void,
	onUnread: (error: Error) => void,
): IHttpRequestOptions['body'] {
	async function* stream(): AsyncGenerator<Uint8Array> {
		try {
			for await (const chunk of exactly(bytes, content)) {
				onChunk();
				yield chunk;
			}
		} catch (error) {
			onUnread(error as Error);
		}
	}
	const blob = { [Symbol.toStringTag]: 'Blob', type: contentType, size: bytes, stream };
	return blob as unknown as IHttpRequestOptions['body'];
}

/**
 * The chunks of a file, if they are as many bytes as announced. With fewer, a server would wait for the rest until it
 * gives up; with more, it would take a file that is cut off for a whole one.
 * @throws if they are not, before a byte too many is yielded, or if the file cannot be read
 */
export async function* exactly(bytes: number, content: FileContent): AsyncGenerator<Uint8Array> {
	let read = 0;
	for await (const chunk of chunksOf(content)) {
		read += chunk.length;
		if (read > bytes) throw new Error(`it holds more than the ${bytes} bytes that were expected`);
		yield chunk;
	}
	if (read < bytes) throw new Error(`it ended after ${read} of ${bytes} bytes`);
}

/** A file that is opened once it is read: a stream for a request that never begins would stay open. */
export async function* openLate(open: () => Promise<FileContent>): AsyncGenerator<Uint8Array> {
	yield* chunksOf(await open());
}

/** The same bytes, chunk by chunk. */
export function chunksOf(content: FileContent): Chunks {
	return Buffer.isBuffer(content) ? slices(content) : content;
}

async function* slices(bytes: Buffer): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}
