/** A box of an MP4 file: its position, its header and its end. Offsets are in bytes. */
export interface Mp4Box {
	type: string;
	start: number;
	/** The offset of its content. */
	content: number;
	end: number;
}

/** The size of a box header with a 64-bit length, which is the longest header. */
export const LONGEST_BOX_HEADER = 16;

/** Reads the box at this offset (ISO/IEC 14496-12, 4.2). Returns undefined if there is no readable box. */
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

/** The boxes between two offsets, up to the first one that cannot be read. */
export function* boxesIn(bytes: Buffer, from: number, to: number): Generator<Mp4Box> {
	for (let at = from; at < to; ) {
		const box = boxAt(bytes, at);
		if (!box) return;
		yield box;
		at = box.end;
	}
}

/** The first box at the end of this path. Each box in the path contains the next one. */
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

/** Properties of a video. */
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
/** The offset of the first sample entry in `stsd`, and the offset of the picture width in that entry. */
const SAMPLE_ENTRY = 16;
const ENTRY_WIDTH = 32;
/** `tkhd` stores sizes as 16.16 fixed-point numbers. */
const FIXED_POINT = 65_536;

/**
 * A copy of a video with another size and length in its headers. The pictures stay the same: a player scales them,
 * and shows them more slowly or faster.
 * @param video one video track with boxes of version 0, as samples/make.sh makes them
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

	// The samples keep their durations in units, but the length of a unit changes.
	const media = at('trak', 'mdia', 'mdhd');
	copy.writeUInt32BE(Math.round(copy.readUInt32BE(media + DURATION) / seconds), media + TIMESCALE);

	const entry = at('trak', 'mdia', 'minf', 'stbl', 'stsd') + SAMPLE_ENTRY;
	copy.writeUInt16BE(width, entry + ENTRY_WIDTH);
	copy.writeUInt16BE(height, entry + ENTRY_WIDTH + 2);
	return copy;
}

/** The properties in a `moov` box. Undefined if the box describes no pictures. */
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
		// Width and height are the last two fields of the box in every version.
		const width = moov.readUInt32BE(trackHeader.end - 8) / FIXED_POINT;
		const height = moov.readUInt32BE(trackHeader.end - 4) / FIXED_POINT;
		if (width > 0 && height > 0) return { width, height, seconds: duration / timescale };
	}
	return undefined;
}
