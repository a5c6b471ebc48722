import type { Chunks } from './nodeStream';

/**
 * Cuts chunks of any size into parts of one size; the last one may be smaller. Chunks are read only as parts are asked
 * for, and no part is held once the next one is asked for.
 */
export async function* inParts(chunks: Chunks, partBytes: number): AsyncGenerator<Buffer> {
	// One buffer for all parts: a new one for each would wait for the garbage collector by the dozen.
	const part = Buffer.allocUnsafe(partBytes);
	let filled = 0;
	for await (const chunk of chunks) {
		for (let at = 0; at < chunk.length; ) {
			const piece = chunk.subarray(at, at + partBytes - filled);
			part.set(piece, filled);
			at += piece.length;
			filled += piece.length;
			if (filled < partBytes) continue;
			yield part;
			filled = 0;
		}
	}
	if (filled > 0) yield part.subarray(0, filled);
}
