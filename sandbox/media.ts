import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';

/** A file that can be served in parts. */
export interface Media {
	size: number;
	contentType: string;
	/** Both ends are inclusive, as in a Range header. */
	read(start: number, end: number): Readable;
}

const ZEROS = Buffer.alloc(64 * 1024);
const BOX_HEADER_BYTES = 8;
/** The length of an MP4 box has 32 bits. */
const LONGEST_BOX = 0xffffffff;

/** Appends `free` boxes to the video, so that it has at least this many bytes and still plays. */
export function paddedVideo(video: Buffer, atLeastBytes: number): Media {
	const parts: Array<{ content?: Buffer; size: number }> = [{ content: video, size: video.length }];
	let size = video.length;
	while (size < atLeastBytes) {
		const box = Math.min(Math.max(atLeastBytes - size, BOX_HEADER_BYTES), LONGEST_BOX);
		const header = Buffer.alloc(BOX_HEADER_BYTES);
		header.writeUInt32BE(box, 0);
		header.write('free', 4, 'latin1');
		parts.push({ content: header, size: header.length }, { size: box - header.length });
		size += box;
	}

	function* bytes(start: number, end: number) {
		let offset = 0;
		for (const part of parts) {
			const from = Math.max(start - offset, 0);
			const to = Math.min(end + 1 - offset, part.size);
			if (from < to && part.content) yield part.content.subarray(from, to);
			else
				for (let at = from; at < to; at += ZEROS.length)
					yield ZEROS.subarray(0, Math.min(ZEROS.length, to - at));
			offset += part.size;
		}
	}
	return {
		size,
		contentType: 'video/mp4',
		read: (start, end) => Readable.from(bytes(start, end), { objectMode: false }),
	};
}

/**
 * Answers GET and HEAD with the whole file or with a range (RFC 9110). Only a single range is supported; any other
 * Range header returns the whole file.
 */
export function sendMedia(request: FastifyRequest, reply: FastifyReply, media: Media): FastifyReply {
	void reply.header('accept-ranges', 'bytes').type(media.contentType);
	const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
	let start = 0;
	let end = media.size - 1;
	if (range && (range[1] || range[2])) {
		start = range[1] ? Number(range[1]) : Math.max(media.size - Number(range[2]), 0);
		if (range[1] && range[2]) end = Math.min(Number(range[2]), end);
		if (start > end) return reply.code(416).header('content-range', `bytes */${media.size}`).send();
		void reply.code(206).header('content-range', `bytes ${start}-${end}/${media.size}`);
	}
	void reply.header('content-length', end - start + 1);
	if (request.method === 'HEAD' || media.size === 0) return reply.send();
	return reply.send(media.read(start, end));
}
