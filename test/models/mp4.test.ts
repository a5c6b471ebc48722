import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { movieSeconds } from '../../nodes/LumaRay/models/mp4';
import { factsIn, findBox } from '../../sandbox/mp4';

/** Reads the length of a video from the header of its file. */

const SAMPLES = join(__dirname, '..', '..', 'sandbox', 'samples');
const SAMPLE = readFileSync(join(SAMPLES, '16x9.mp4'));

function box(type: string, ...content: Buffer[]): Buffer {
	const bytes = Buffer.concat(content);
	return Buffer.concat([header(type, bytes.length + 8), bytes]);
}

function header(type: string, size: number): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeUInt32BE(size);
	bytes.write(type, 4, 'latin1');
	return bytes;
}

/** A box with a 64-bit size. */
function longBox(type: string, content: Buffer, size = BigInt(content.length + 16)): Buffer {
	const long = Buffer.alloc(8);
	long.writeBigUInt64BE(size);
	return Buffer.concat([header(type, 1), long, content]);
}

const FTYP = box('ftyp', Buffer.from('isom\0\0\0\0isom', 'latin1'));

function mvhd(units: number | bigint, unitsPerSecond: number, version = 0): Buffer {
	const content = Buffer.alloc(version === 0 ? 100 : 112);
	content[0] = version;
	if (version === 0) {
		content.writeUInt32BE(unitsPerSecond, 12);
		content.writeUInt32BE(Number(units), 16);
	} else {
		content.writeUInt32BE(unitsPerSecond, 20);
		content.writeBigUInt64BE(BigInt(units), 24);
	}
	return box('mvhd', content);
}

const MOOV = box('moov', mvhd(7_500, 1_000));
const movie = (...boxes: Buffer[]) => Buffer.concat([FTYP, ...boxes]);

/** A file in n8n's memory. */
const inMemory = (bytes: Buffer) => ({ open: async () => bytes });

/** A file in n8n's store. It is returned in pieces, and the bytes are counted. */
function stored(bytes: Buffer | AsyncIterable<Uint8Array>, pieceBytes = 64 * 1024) {
	const read = { bytes: 0, isClosed: false };
	async function* pieces() {
		try {
			if (!Buffer.isBuffer(bytes)) return yield* bytes;
			for (let at = 0; at < bytes.length; at += pieceBytes) {
				const piece = bytes.subarray(at, at + pieceBytes);
				read.bytes += piece.length;
				yield piece;
			}
		} finally {
			read.isClosed = true;
		}
	}
	return { read, open: async () => pieces() };
}

test.each(readdirSync(SAMPLES).filter((name) => name.endsWith('.mp4')))(
	'reads the length of the sample %s',
	async (name) => {
		const bytes = readFileSync(join(SAMPLES, name));
		const { seconds } = factsIn(bytes)!;
		expect(await movieSeconds(inMemory(bytes))).toBeCloseTo(seconds);
		expect(await movieSeconds(stored(bytes, 7))).toBeCloseTo(seconds);
	},
);

describe.each([
	['in memory', inMemory],
	['in pieces of one byte', (bytes: Buffer) => stored(bytes, 1)],
	['in large pieces', (bytes: Buffer) => stored(bytes)],
])('the length of a file that is read %s', (_where, place) => {
	const free = box('free', Buffer.alloc(50));
	const mdat = box('mdat', Buffer.alloc(3_000, 0x6d));

	test.each([
		['its header first', movie(MOOV, mdat)],
		['its header at the end', movie(free, mdat, MOOV)],
		['boxes of 64 bits', movie(longBox('mdat', Buffer.alloc(10)), longBox('moov', mvhd(7_500, 1_000)))],
		['a header that continues to the end of the file', movie(mdat, header('moov', 0), mvhd(7_500, 1_000))],
		['a movie header of version 1', movie(box('moov', mvhd(7_500n, 1_000, 1)))],
		['another box before the movie header', movie(box('moov', free, mvhd(7_500, 1_000), free))],
	])('is read if the file has %s', async (_what, bytes) => {
		expect(await movieSeconds(place(bytes))).toBe(7.5);
	});

	test.each([
		['nothing', Buffer.alloc(0)],
		['zeros', Buffer.alloc(4_000)],
		['ones', Buffer.alloc(4_000, 0xff)],
		['text', Buffer.from('moov'.repeat(400))],
		['WebM', Buffer.concat([Buffer.from('1a45dfa3', 'hex'), Buffer.alloc(500, 0x42)])],
		['QuickTime', Buffer.concat([box('ftyp', Buffer.from('qt  \0\0\0\0qt  ', 'latin1')), MOOV])],
		['old QuickTime', MOOV],
		['half a header', movie(MOOV).subarray(0, FTYP.length + 30)],
		['a box of 7 bytes', movie(header('free', 7), MOOV)],
		['a box of 64 bits that is too small', movie(longBox('free', Buffer.alloc(0), 15n), MOOV)],
		['a box of 2^63 bytes', movie(longBox('mdat', Buffer.alloc(99), 2n ** 63n), MOOV)],
		['a box that continues to the end of the file', movie(header('mdat', 0), MOOV)],
		['a movie without a header', movie(box('moov', free, free))],
		['a movie header larger than its movie', movie(header('moov', 60), mvhd(7_500, 1_000))],
		['a movie header that is cut short', movie(box('moov', box('mvhd', Buffer.alloc(19))))],
		['a movie header of version 2', movie(box('moov', box('mvhd', Buffer.alloc(100, 2))))],
		['no time scale', movie(box('moov', mvhd(7_500, 0)))],
		['no length', movie(box('moov', mvhd(0, 1_000)))],
		['an unknown length', movie(box('moov', mvhd(0xff_ff_ff_ff, 1_000)))],
		['an unknown 64-bit length', movie(box('moov', mvhd(2n ** 64n - 1n, 1_000, 1)))],
		['a length of a year', movie(box('moov', mvhd(31_536_000, 1)))],
		['thousands of boxes', movie(...Array.from({ length: 5_000 }, () => header('free', 8)), MOOV)],
	])('is unknown if the file has %s', async (_what, bytes) => {
		expect(await movieSeconds(place(bytes))).toBeUndefined();
	});
});

test('stops reading after the header and closes the file', async () => {
	const file = stored(movie(MOOV, box('mdat', Buffer.alloc(5_000_000))));
	expect(await movieSeconds(file)).toBe(7.5);
	expect(file.read).toEqual({ bytes: 64 * 1024, isClosed: true });
});

test('stops reading if the first box shows that the header is far into the file', async () => {
	const start = movie(header('mdat', 600_000_000), Buffer.alloc(3_000_000));
	const file = stored(start);
	expect(await movieSeconds(file)).toBeUndefined();
	expect(file.read).toEqual({ bytes: 64 * 1024, isClosed: true });
});

test('finds a header after several megabytes', async () => {
	const file = stored(movie(box('mdat', Buffer.alloc(20_000_000)), MOOV));
	expect(await movieSeconds(file)).toBe(7.5);
});

test('returns no length for a file that cannot be read', async () => {
	const broken = new Error('the store is gone');
	expect(await movieSeconds({ open: async () => await Promise.reject(broken) })).toBeUndefined();
	async function* breaks() {
		yield FTYP;
		throw broken;
	}
	expect(await movieSeconds(stored(breaks()))).toBeUndefined();
});

test('handles corrupt bytes anywhere in the header', async () => {
	const { start } = findBox(SAMPLE, ['moov'])!;
	const { content } = findBox(SAMPLE, ['moov', 'mvhd'])!;
	for (const place of [
		...Array(40).keys(),
		...Array.from({ length: content + 40 - start }, (_, at) => start + at),
	]) {
		for (const value of [0, 1, 0x7f, 0xff]) {
			const bytes = Buffer.from(SAMPLE);
			bytes[place] = value;
			const seconds = await movieSeconds(inMemory(bytes));
			expect(seconds === undefined || seconds > 0).toBe(true);
		}
	}
});
