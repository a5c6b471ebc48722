/** What the bytes of a file say about it, read while they pass: a video is never whole in memory. */

/** Boxes that an MP4 or QuickTime file may begin with (ISO/IEC 14496-12; QuickTime File Format). */
const FIRST_BOXES = ['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip'];
/** First bytes of the other formats that a provider delivers, in hex. */
const MAGICS = [
	// WebM (EBML)
	'1a45dfa3',
	// OpenEXR
	'762f3101',
	// ZIP
	'504b0304',
];
/** A box begins with its length and its type, four bytes each. */
const HEADER_BYTES = 8;
/** The same with a length of 64 bits behind them, if the first length is 1. */
const LONG_HEADER_BYTES = 16;

/** Follows a file as it passes. */
export interface FileReader {
	take(chunk: Uint8Array): void;
	/** Whether it begins as a video, an EXR or a ZIP file does; undefined while too little has passed. */
	isKnown(): boolean | undefined;
	/** Whether all has passed that the file announces by itself; undefined if it does not tell. */
	isWhole(): boolean | undefined;
}

/** Knows a format by its first bytes, and follows an MP4 or QuickTime file from box to box. */
export function createFileReader(): FileReader {
	let head = Buffer.alloc(0);
	/** The header that is being read, as far as it has passed. */
	let header = Buffer.alloc(0);
	/** Bytes up to the next header. Infinity for a box that goes on to the end of the file, and for what is no box. */
	let rest = 0;

	function take(chunk: Uint8Array): void {
		if (head.length < HEADER_BYTES) {
			head = Buffer.concat([head, chunk.subarray(0, HEADER_BYTES - head.length)]);
		}
		for (let at = 0; at < chunk.length && rest !== Infinity; ) {
			if (rest > 0) {
				const passed = Math.min(rest, chunk.length - at);
				rest -= passed;
				at += passed;
				continue;
			}
			const missing = headerBytes(header) - header.length;
			header = Buffer.concat([header, chunk.subarray(at, at + missing)]);
			at += missing;
			if (header.length < headerBytes(header)) continue;
			rest = contentBytes(header);
			header = Buffer.alloc(0);
		}
	}

	function isKnown(): boolean | undefined {
		if (MAGICS.includes(head.toString('hex', 0, 4))) return true;
		if (head.length < HEADER_BYTES) return undefined;
		return FIRST_BOXES.includes(typeIn(head));
	}

	return {
		take,
		isKnown,
		// A few bytes behind the last box belong to none: some files have them.
		isWhole: () => (rest === Infinity || header.length > 0 || !isKnown() ? undefined : rest === 0),
	};
}

function headerBytes(header: Buffer): number {
	const isLong = header.length >= HEADER_BYTES && header.readUInt32BE(0) === 1;
	return isLong ? LONG_HEADER_BYTES : HEADER_BYTES;
}

function typeIn(header: Buffer): string {
	return header.toString('latin1', 4, HEADER_BYTES);
}

/** Bytes of a box behind its header. */
function contentBytes(header: Buffer): number {
	const length = header.readUInt32BE(0);
	const bytes = length === 1 ? Number(header.readBigUInt64BE(HEADER_BYTES)) : length;
	const isBox = bytes >= header.length && /^[ -~\xa9]{4}$/.test(typeIn(header));
	return isBox ? bytes - header.length : Infinity;
}
