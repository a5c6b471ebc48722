/** A box of an MP4 file: where it begins, its header and its end. Offsets in bytes. */
export interface Mp4Box {
	type: string;
	start: number;
	/** Where its content begins. */
	content: number;
	end: number;
}

/** Bytes of a box header with a 64-bit length, the longest there is. */
export const LONGEST_BOX_HEADER = 16;

/** The box whose header is at this offset of the bytes (ISO/IEC 14496-12, 4.2); undefined if none can be read. */
export function boxAt(bytes: Buffer, at: number): Mp4Box | undefined {
	if (at + 8 > bytes.length) return undefined;
	const type = bytes.toString('latin1', at + 4, at + 8);
	const short = bytes.readUInt32BE(at);
	if (short === 1) {
		if (at + LONGEST_BOX_HEADER > bytes.length) return undefined;
		return { type, start: at, content: at + 16, end: at + Number(bytes.readBigUInt64BE(at + 8)) };
	}
	if (short !== 0 && short < 8) return undefined;
	return { type, start: at, content: at + 8, end: short === 0 ? Infinity : at + short };
}

/** The boxes between two offsets, as far as they can be read. */
export function* boxesIn(bytes: Buffer, from: number, to: number): Generator<Mp4Box> {
	for (let at = from; at < to; ) {
		const box = boxAt(bytes, at);
		if (!box) return;
		yield box;
		at = box.end;
	}
}

/** The first box at the end of this path, each name within the one before. */
export function findBox(bytes: Buffer, path: string[], from = 0, to = bytes.length): Mp4Box | undefined {
	const [type, ...rest] = path;
	for (const box of boxesIn(bytes, from, to)) {
		if (box.type !== type) continue;
		const end = Math.min(box.end, bytes.length);
		const found = rest.length === 0 ? box : findBox(bytes, rest, box.content, end);
		if (found) return found;
	}
	return undefined;
}

/** What a video is like. */
export interface VideoFacts {
	width: number;
	height: number;
	seconds: number;
}

/** Fields of version 0 boxes, as offsets from the start of the box. */
const TIMESCALE = 20;
const DURATION = 24;
const TRACK_DURATION = 28;
const TRACK_WIDTH = 84;
const EDIT_DURATION = 16;
/** From the start of `stsd` to its first sample entry, and from there to the picture's width. */
const SAMPLE_ENTRY = 16;
const ENTRY_WIDTH = 32;
/** `tkhd` counts pixels in 16.16 fixed point. */
const FIXED_POINT = 65_536;

/**
 * A copy that says of itself that it has this size and length. The pictures stay what they are: a player shows them
 * more slowly or faster, and scales them.
 * @param video one video track, boxes of version 0, as samples/make.sh makes them
 */
export function withFacts(video: Buffer, { width, height, seconds }: VideoFacts): Buffer {
	const copy = Buffer.from(video);
	const at = (...path: string[]) => findBox(copy, ['moov', ...path])!.start;

	const movie = at('mvhd');
	const movieDuration = Math.round(seconds * copy.readUInt32BE(movie + TIMESCALE));
	copy.writeUInt32BE(movieDuration, movie + DURATION);

	const track = at('trak', 'tkhd');
	copy.writeUInt32BE(movieDuration, track + TRACK_DURATION);
	copy.writeUInt32BE(width * FIXED_POINT, track + TRACK_WIDTH);
	copy.writeUInt32BE(height * FIXED_POINT, track + TRACK_WIDTH + 4);
	copy.writeUInt32BE(movieDuration, at('trak', 'edts', 'elst') + EDIT_DURATION);

	// The samples keep their durations in units; a unit lasts longer or shorter.
	const media = at('trak', 'mdia', 'mdhd');
	copy.writeUInt32BE(Math.round(copy.readUInt32BE(media + DURATION) / seconds), media + TIMESCALE);

	const entry = at('trak', 'mdia', 'minf', 'stbl', 'stsd') + SAMPLE_ENTRY;
	copy.writeUInt16BE(width, entry + ENTRY_WIDTH);
	copy.writeUInt16BE(height, entry + ENTRY_WIDTH + 2);
	return copy;
}

/** What a `moov` box says of its video; undefined if it says nothing of a picture. */
export function factsIn(moov: Buffer): VideoFacts | undefined {
	const header = findBox(moov, ['moov', 'mvhd'])?.start;
	const { content = 0, end = 0 } = findBox(moov, ['moov']) ?? {};
	if (header === undefined) return undefined;
	const isLong = moov[header + 8] === 1;
	const timescale = moov.readUInt32BE(header + (isLong ? 28 : TIMESCALE));
	const duration = isLong ? Number(moov.readBigUInt64BE(header + 32)) : moov.readUInt32BE(header + DURATION);
	for (const track of boxesIn(moov, content, Math.min(end, moov.length))) {
		if (track.type !== 'trak') continue;
		const trackHeader = findBox(moov, ['tkhd'], track.content, track.end);
		if (!trackHeader) continue;
		// Width and height are the last two fields of the box, whatever its version.
		const width = moov.readUInt32BE(trackHeader.end - 8) / FIXED_POINT;
		const height = moov.readUInt32BE(trackHeader.end - 4) / FIXED_POINT;
		if (width > 0 && height > 0) return { width, height, seconds: duration / timescale };
	}
	return undefined;
}
