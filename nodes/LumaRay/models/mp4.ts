import type { FileSource } from './files';

/**
 * Reads the length of a video from the header of its MP4 file (ISO/IEC 14496-12). If there is any doubt, the length
 * counts as unknown.
 */

/**
 * The maximum number of bytes to read from a file that is a stream. Most clips from phones are smaller, and their
 * header (`moov`) is at the end. A download needs far more. A file in memory is only indexed, so it has no limit.
 */
const MAX_STREAMED_BYTES = 32 * 1024 ** 2;
/** A video has only a few boxes at each level. With more than this, the file is not a video. */
const MAX_BOXES = 1_000;
/** No source lasts a day. If a header says so, the file is broken. */
const MAX_SECONDS = 24 * 60 * 60;
/** The brand of QuickTime files. They look like MP4 files, but do not have to follow its rules. */
const QUICKTIME = 'qt  ';

/**
 * The length of a video in seconds, from its movie header (`mvhd`).
 * @returns undefined if the file is not an MP4, is broken, cannot be read, or has its header too far from the start
 */
export async function movieSeconds(file: Pick<FileSource, 'open'>): Promise<number | undefined> {
	let bytes: Bytes | undefined;
	try {
		const content = await file.open();
		bytes = Buffer.isBuffer(content) ? bytesOf([content], Infinity) : bytesOf(content, MAX_STREAMED_BYTES);
		const movie = (await isMp4(bytes)) ? await findBox(bytes, 'moov', Infinity) : undefined;
		const header = movie && (await findBox(bytes, 'mvhd', movie.bytes));
		return header && (await readSeconds(bytes, header.bytes));
	} catch {
		// The upload reads the file again and reports the error.
		return undefined;
	} finally {
		await bytes?.close().catch(() => undefined);
	}
}

/** A box whose header has been read. */
interface Box {
	type: string;
	/** Bytes of its content. Infinity: until the end of the file. */
	bytes: number;
	/** Bytes of its header. */
	header: number;
}

async function isMp4(bytes: Bytes): Promise<boolean> {
	const first = await nextBox(bytes);
	if (first?.type !== 'ftyp' || first.bytes < 8) return false;
	const brand = (await bytes.take(4))?.toString('latin1');
	return brand !== QUICKTIME && (await bytes.skip(first.bytes - 4));
}

/**
 * Skips to the content of the next box of this type.
 * @param within bytes of the box around it
 */
async function findBox(bytes: Bytes, type: string, within: number): Promise<Box | undefined> {
	let left = within;
	for (let boxes = 0; boxes < MAX_BOXES; boxes++) {
		const box = await nextBox(bytes);
		if (!box) return undefined;
		left -= box.header + (box.bytes === Infinity ? 0 : box.bytes);
		// A box cannot be larger than the box around it: the file is broken.
		if (left < 0) return undefined;
		if (box.type === type) return box;
		if (!(await bytes.skip(box.bytes))) return undefined;
	}
	return undefined;
}

async function nextBox(bytes: Bytes): Promise<Box | undefined> {
	const start = await bytes.take(8);
	if (!start) return undefined;
	const type = start.toString('latin1', 4);
	const size = start.readUInt32BE(0);
	if (size === 0) return { type, bytes: Infinity, header: 8 };
	if (size !== 1) return size < 8 ? undefined : { type, bytes: size - 8, header: 8 };
	const long = await bytes.take(8);
	const longSize = long && Number(long.readBigUInt64BE(0));
	if (longSize === undefined || longSize < 16 || !Number.isSafeInteger(longSize)) return undefined;
	return { type, bytes: longSize - 16, header: 16 };
}

/** Offsets in `mvhd`, by its version: the time scale (units per second), the duration (units), and the end of both. */
const FIELDS = [
	{ timescale: 12, duration: 16, end: 20 },
	{ timescale: 20, duration: 24, end: 32 },
] as const;

async function readSeconds(bytes: Bytes, size: number): Promise<number | undefined> {
	const content = await bytes.take(Math.min(size, FIELDS[1].end));
	const version = content?.[0];
	if (!content || (version !== 0 && version !== 1)) return undefined;
	const { timescale, duration, end } = FIELDS[version];
	if (content.length < end) return undefined;
	const units = version === 0 ? content.readUInt32BE(duration) : Number(content.readBigUInt64BE(duration));
	// If all bits are set, the writer of the file did not know the duration.
	const isUnknown = version === 0 ? units === 0xff_ff_ff_ff : !Number.isSafeInteger(units);
	const seconds = units / content.readUInt32BE(timescale);
	// If the duration is zero, the file is in fragments, and each has its own length.
	return isUnknown || !(seconds > 0 && seconds <= MAX_SECONDS) ? undefined : seconds;
}

/** Reads a file from its start. */
interface Bytes {
	/** Reads the next bytes; undefined if fewer are left in the file or within the limit. */
	take(count: number): Promise<Buffer | undefined>;
	/** Skips bytes; returns false if `take` would return undefined. */
	skip(count: number): Promise<boolean>;
	close(): Promise<void>;
}

/** @param bound the most bytes to read */
function bytesOf(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, bound: number): Bytes {
	const chunks =
		Symbol.asyncIterator in content ? content[Symbol.asyncIterator]() : content[Symbol.iterator]();
	let chunk: Buffer = Buffer.alloc(0);
	let position = 0;

	/** Calls `part` with the next bytes, piece by piece. */
	async function pass(count: number, part: (bytes: Buffer) => void): Promise<boolean> {
		if (position + count > bound) return false;
		for (let left = count; left > 0; ) {
			if (chunk.length === 0) {
				const next = await chunks.next();
				if (next.done) return false;
				const { buffer, byteOffset, byteLength } = next.value;
				chunk = Buffer.from(buffer, byteOffset, byteLength);
			}
			const passed = chunk.subarray(0, left);
			chunk = chunk.subarray(passed.length);
			left -= passed.length;
			position += passed.length;
			part(passed);
		}
		return true;
	}

	return {
		async take(count) {
			const parts: Buffer[] = [];
			return (await pass(count, (part) => parts.push(part))) ? Buffer.concat(parts) : undefined;
		},
		skip: async (count) => await pass(count, () => undefined),
		async close() {
			await chunks.return?.();
		},
	};
}
