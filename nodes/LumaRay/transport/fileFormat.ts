/** Checks the bytes of a file as they stream by, so that a whole video is never in memory. */

/** First boxes that an MP4 or QuickTime file can have (ISO/IEC 14496-12; QuickTime File Format). */
const FIRST_BOXES = ['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip'];
/** First bytes, in hex, of the other formats that providers deliver. */
const MAGICS = [
	// WebM (EBML)
	'1a45dfa3',
	// OpenEXR
	'762f3101',
	// ZIP
	'504b0304',
];
/** A box starts with its length and its type, four bytes each. */
const HEADER_BYTES = 8;
/** If the length is 1, the header has another length of 64 bits after the type. */
const LONG_HEADER_BYTES = 16;

/** Gets a file chunk by chunk and checks it. */
export interface FileReader {
	take(chunk: Uint8Array): void;
	/** Whether it starts like a video, an EXR or a ZIP file; undefined until enough bytes have arrived. */
	isKnown(): boolean | undefined;
	/** Whether the file is complete, by the lengths of its boxes; undefined if the file does not say. */
	isWhole(): boolean | undefined;
}

/** Recognizes a format by its first bytes, and follows an MP4 or QuickTime file from box to box. */
export function createFileReader(): FileReader {
	let head = Buffer.alloc(0);
	/** The bytes of the current header that have arrived. */
	let header = Buffer.alloc(0);
	/** Bytes until the next header. Infinity if the box continues to the end of the file, or if it is not a valid box. */
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
		// Undefined with a partial header at the end: some files have a few extra bytes after the last box.
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

/** Bytes of a box after its header. */
function contentBytes(header: Buffer): number {
	const length = header.readUInt32BE(0);
	const bytes = length === 1 ? Number(header.readBigUInt64BE(HEADER_BYTES)) : length;
	const isBox = bytes >= header.length && /^[ -~\xa9]{4}$/.test(typeIn(header));
	return isBox ? bytes - header.length : Infinity;
}
