import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import type { Media } from './media';
import { BodyMeter, type BinaryBody } from './requests';

/** Uploaded files, by name. They lie on disk, so that a large upload does not count as memory of the tests. */
export class FileStore {
	private folder?: string;
	private readonly entries = new Map<string, { path: string; size: number; contentType: string }>();
	private written = 0;

	async save(name: string, contentType: string, content: Readable): Promise<BinaryBody> {
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
		const body = meter.total();
		this.entries.set(name, { path, size: body.bytes, contentType });
		return body;
	}

	open(name: string): Media | undefined {
		const entry = this.entries.get(name);
		if (!entry) return undefined;
		return {
			size: entry.size,
			contentType: entry.contentType,
			read: (start, end) => createReadStream(entry.path, { start, end }),
		};
	}

	clear(): void {
		this.entries.clear();
		if (this.folder) rmSync(this.folder, { recursive: true, force: true });
		this.folder = undefined;
	}
}
