import type { Chunks } from './nodeStream';

/**
 * Cuts chunks of any size into parts of one size; the last part may be smaller. Chunks are read only when a part is
 * requested. All parts share one buffer, so finish with a part before you request the next one.
 */
export async function* inParts(chunks: Chunks, partBytes: number): AsyncGenerator<Buffer> {
	// One buffer for all parts: with a new buffer for each part, dozens of them would wait for the garbage collector.
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
