import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { Media } from './media';
import { BodyMeter, type BinaryBody } from './requests';

/** Bytes on disk: a whole file, or one part of a file. */
export interface StoredPart {
	path: string;
	body: BinaryBody;
}

/** Uploaded files, by name. They are on disk, so that a large upload does not add to the memory of the tests. */
export class FileStore {
	private folder?: string;
	private readonly entries = new Map<string, { parts: StoredPart[]; contentType: string }>();
	private written = 0;

	/** Stores a whole file. */
	async save(name: string, contentType: string, content: Readable): Promise<BinaryBody> {
		const part = await this.store(content);
		this.join(name, contentType, [part]);
		return part.body;
	}

	/** Writes bytes to disk, and counts and hashes them at the same time. They do not belong to a file yet. */
	async store(content: Readable): Promise<StoredPart> {
		this.folder ??= mkdtempSync(join(tmpdir(), 'luma-ray-sandbox-'));
		const path = join(this.folder, String(this.written++));
		const meter = new BodyMeter();
		await pipeline(
			content,
			async function* (chunks: AsyncIterable<Uint8Array>) {
				for await (const chunk of chunks) {
					meter.add(chunk);
					yield chunk;
				}
			},
			createWriteStream(path),
		);
		return { path, body: meter.total() };
	}

	/** Creates a file from these parts, in this order, without copying them. */
	join(name: string, contentType: string, parts: StoredPart[]): void {
		this.entries.set(name, { parts, contentType });
	}

	/** Counts and hashes the bytes of a file. */
	async measure(name: string): Promise<BinaryBody> {
		const file = this.open(name)!;
		const meter = new BodyMeter();
		if (file.size > 0) for await (const chunk of file.read(0, file.size - 1)) meter.add(chunk as Uint8Array);
		return meter.total();
	}

	open(name: string): Media | undefined {
		const entry = this.entries.get(name);
		if (!entry) return undefined;
		const { parts, contentType } = entry;
		return {
			size: parts.reduce((sum, { body }) => sum + body.bytes, 0),
			contentType,
			read: (start, end) => Readable.from(bytesOf(parts, start, end), { objectMode: false }),
		};
	}

	clear(): void {
		this.entries.clear();
		if (this.folder) rmSync(this.folder, { recursive: true, force: true });
		this.folder = undefined;
	}
}

/** The bytes from `start` to `end`, both inclusive, of consecutive parts. */
async function* bytesOf(parts: StoredPart[], start: number, end: number): AsyncGenerator<Buffer> {
	let offset = 0;
	for (const { path, body } of parts) {
		const from = Math.max(start - offset, 0);
		const to = Math.min(end - offset, body.bytes - 1);
		if (from <= to) yield* createReadStream(path, { start: from, end: to }) as AsyncIterable<Buffer>;
		offset += body.bytes;
	}
}
