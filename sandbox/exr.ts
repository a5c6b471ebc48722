import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import type { Media } from './media';

/** A picture of 2 x 2 pixels with 16-bit floats in OpenEXR's file format: one part, scan lines, no compression. */
function exrPicture(): Buffer {
	const size = 2;
	const int = (value: number) => {
		const bytes = Buffer.alloc(4);
		bytes.writeInt32LE(value);
		return bytes;
	};
	const float = (value: number) => {
		const bytes = Buffer.alloc(4);
		bytes.writeFloatLE(value);
		return bytes;
	};
	const text = (value: string) => Buffer.from(`${value}\0`, 'latin1');
	const attribute = (name: string, type: string, ...values: Buffer[]) => {
		const value = Buffer.concat(values);
		return Buffer.concat([text(name), text(type), int(value.length), value]);
	};
	const HALF = 1;
	const channel = (name: string) => Buffer.concat([text(name), int(HALF), int(0), int(1), int(1)]);
	const window = [0, 0, size - 1, size - 1].map(int);
	const header = Buffer.concat([
		int(20_000_630), // the magic number
		int(2), // the version of the format
		attribute('channels', 'chlist', ...['B', 'G', 'R'].map(channel), Buffer.alloc(1)),
		attribute('compression', 'compression', Buffer.alloc(1)),
		attribute('dataWindow', 'box2i', ...window),
		attribute('displayWindow', 'box2i', ...window),
		attribute('lineOrder', 'lineOrder', Buffer.alloc(1)),
		attribute('pixelAspectRatio', 'float', float(1)),
		attribute('screenWindowCenter', 'v2f', float(0), float(0)),
		attribute('screenWindowWidth', 'float', float(1)),
		Buffer.alloc(1),
	]);
	const pixels = Buffer.alloc(size * 3 * 2);
	for (let at = 0; at < pixels.length; at += 2) pixels.writeUInt16LE(0x3800, at); // 0.5
	const lines = Array.from({ length: size }, (_, y) => Buffer.concat([int(y), int(pixels.length), pixels]));
	// The position of each line in the file, as 64-bit numbers.
	const offsets = lines.map((line, y) => {
		const bytes = Buffer.alloc(8);
		bytes.writeBigUInt64LE(BigInt(header.length + size * 8 + y * line.length));
		return bytes;
	});
	return Buffer.concat([header, ...offsets, ...lines]);
}

/** A ZIP archive without compression (APPNOTE.TXT 4.3): headers and contents, then the directory, then its offset. */
function zip(files: Array<{ name: string; content: Buffer }>): Buffer {
	const MIDNIGHT_1980 = 0x0021;
	const parts: Buffer[] = [];
	const directory: Buffer[] = [];
	let offset = 0;
	for (const { name, content } of files) {
		const common = Buffer.alloc(26);
		common.writeUInt16LE(20, 0); // version needed
		common.writeUInt16LE(MIDNIGHT_1980, 8);
		common.writeUInt32LE(crc32(content), 10);
		common.writeUInt32LE(content.length, 14);
		common.writeUInt32LE(content.length, 18);
		common.writeUInt16LE(name.length, 22);
		const entry = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), content]);
		const place = Buffer.alloc(14);
		place.writeUInt32LE(offset, 10);
		directory.push(
			Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, place, Buffer.from(name)]),
		);
		parts.push(entry);
		offset += entry.length;
	}
	const size = Buffer.concat(directory).length;
	const end = Buffer.alloc(18);
	end.writeUInt16LE(files.length, 4);
	end.writeUInt16LE(files.length, 6);
	end.writeUInt32LE(size, 8);
	end.writeUInt32LE(offset, 12);
	return Buffer.concat([...parts, ...directory, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

/** The number of pictures in the ZIP. A real export has one for each frame of the clip. */
const PICTURES = 3;

const made = new Map<'exr' | 'zip', Buffer>();

/** A tiny EXR export: one file, or a ZIP of numbered files. Its pictures do not show the clip. */
export function exrFile(format: 'exr' | 'zip'): Media {
	let content = made.get(format);
	if (!content) {
		const picture = exrPicture();
		const names = Array.from(
			{ length: PICTURES },
			(_, index) => `frame_${String(index).padStart(4, '0')}.exr`,
		);
		content = format === 'exr' ? picture : zip(names.map((name) => ({ name, content: picture })));
		made.set(format, content);
	}
	const bytes = content;
	return {
		size: bytes.length,
		contentType: format === 'exr' ? 'image/x-exr' : 'application/zip',
		read: (start, end) => Readable.from([bytes.subarray(start, end + 1)], { objectMode: false }),
	};
}
