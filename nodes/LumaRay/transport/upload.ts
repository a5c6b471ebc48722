import type { IHttpRequestOptions } from 'n8n-workflow';

import type { Chunks } from './nodeStream';

/** A file to send. */
export interface Upload {
	contentType: string;
	/** How many bytes `content` holds. */
	bytes: number;
	content: FileContent;
}

/** A file that n8n holds in memory, or a stream of one. */
export type FileContent = Buffer | Chunks;

/** Chunk size for a buffer: as many bytes as a Node.js file stream reads at once. */
const CHUNK_BYTES = 64 * 1024;

/**
 * A file as a body for n8n's helper, read as fast as the connection sends it. The body looks like a Blob: the helper
 * uses axios, which reads a Blob chunk by chunk (lib/helpers/readBlob.js), so that its progress can be watched. With a
 * buffer or a stream, axios does not report progress.
 * @param onChunk called for every chunk that is sent
 * @param onUnread called if the file could not be read completely; it must end the request, which is incomplete
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
 * The chunks of a file, checked for the announced number of bytes. With fewer bytes, a server would wait for the rest
 * until it times out. With more, it would accept a truncated file as complete.
 * @throws if the number is wrong, before it yields more bytes than announced, or if the file cannot be read
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

/** Opens a file only when it is read. Otherwise the stream would stay open if the request never starts. */
export async function* openLate(open: () => Promise<FileContent>): AsyncGenerator<Uint8Array> {
	yield* chunksOf(await open());
}

/** The file's bytes, chunk by chunk. */
export function chunksOf(content: FileContent): Chunks {
	return Buffer.isBuffer(content) ? slices(content) : content;
}

async function* slices(bytes: Buffer): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}
