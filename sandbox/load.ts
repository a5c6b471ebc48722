import { boxAt, factsIn, type VideoFacts } from './mp4';

// A long timeout, because a busy machine may answer late.
const TIMEOUT_MS = 60_000;
/** The `moov` box of a clip takes a few kilobytes. A longer one is not read. */
const LONGEST_MOOV = 8 * 1024 * 1024;
/** Up to this many bytes, it is faster to read on than to send another Range request. */
const READ_ON_BYTES = 1024 * 1024;
/** A video needs two requests: one from the start of the file, and one after the picture data. */
const MOST_REQUESTS = 4;

export interface FileReport {
	failure?: 'unreachable' | 'unreadable';
	/** Properties of a video in MP4 (or MOV), if it is on this machine. */
	facts?: VideoFacts;
}

/** Loads an image or a video from this machine or from a data URI. A file on another machine counts as loaded. */
export async function loadFile(url: string, kind: 'image' | 'video'): Promise<FileReport> {
	if (url.startsWith('data:')) return loadInline(url, kind);
	if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return { failure: 'unreachable' };
	if (!['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)) return {};
	try {
		const response = await get(url);
		const type = response.headers.get('content-type') ?? '';
		const other = kind === 'image' ? 'video' : 'image';
		const failure = !response.ok
			? 'unreachable'
			: /^(text\/|application\/json)/.test(type) ||
				  type.startsWith(`${other}/`) ||
				  response.headers.get('content-length') === '0'
				? 'unreadable'
				: undefined;
		if (!failure && kind === 'video') return { facts: await factsOf(url, response) };
		await response.body?.cancel();
		return { failure };
	} catch {
		return { failure: 'unreachable' };
	}
}

function loadInline(url: string, kind: 'image' | 'video'): FileReport {
	const [start, content] = [url.slice(0, url.indexOf(',')), url.slice(url.indexOf(',') + 1)];
	if (!new RegExp(`^data:${kind}/[\\w.+-]+;base64$`).test(start) || content === '') {
		return { failure: 'unreadable' };
	}
	if (kind === 'image') return {};
	const reader = new HeaderReader();
	reader.add(Buffer.from(content, 'base64'));
	return { facts: reader.facts };
}

async function get(url: string, from = 0): Promise<Response> {
	return await fetch(url, {
		signal: AbortSignal.timeout(TIMEOUT_MS),
		headers: { 'user-agent': 'luma-ray-sandbox-runner', ...(from > 0 && { range: `bytes=${from}-` }) },
	});
}

/**
 * Reads only the parts of a video that contain its size and length. It skips the picture data with Range requests.
 */
async function factsOf(url: string, first: Response): Promise<VideoFacts | undefined> {
	const reader = new HeaderReader();
	let response = first;
	for (let requests = 1; ; requests += 1) {
		const { body } = response;
		for await (const chunk of (body ?? []) as unknown as AsyncIterable<Uint8Array>) {
			if (!reader.add(Buffer.from(chunk))) break;
		}
		if (reader.isDone || requests === MOST_REQUESTS) return reader.facts;
		response = await get(url, reader.position);
		if (response.status !== 206) {
			await response.body?.cancel();
			return undefined;
		}
		reader.moveOn();
	}
}

/** Reads the boxes of an MP4 file up to `moov`, and keeps only that one. */
class HeaderReader {
	facts?: VideoFacts;
	isDone = false;
	/** The position of the next box, in bytes from the start of the file. */
	position = 0;
	/** The bytes read from `position` on. */
	private kept = Buffer.alloc(0);
	/** The number of following bytes that belong to a skipped box. */
	private toSkip = 0;

	/** Adds the next bytes. Returns false once no more bytes of this response are needed. */
	add(chunk: Buffer): boolean {
		const passed = Math.min(this.toSkip, chunk.length);
		this.toSkip -= passed;
		this.kept = Buffer.concat([this.kept, chunk.subarray(passed)]);
		for (;;) {
			const box = boxAt(this.kept, 0);
			if (!box) {
				// The bytes are too few for a header. If there are enough, the file is not an MP4.
				if (this.kept.length >= 16) this.isDone = true;
				return !this.isDone;
			}
			if (box.type === 'moov') return this.readMovie(box.end);
			if (this.position === 0 && box.type !== 'ftyp') return this.stop();
			this.position += box.end;
			this.toSkip = Math.max(box.end - this.kept.length, 0);
			this.kept = this.kept.subarray(Math.min(box.end, this.kept.length));
			if (!Number.isFinite(this.position)) return this.stop();
			if (this.toSkip > READ_ON_BYTES) return false;
			if (this.toSkip > 0) return true;
		}
	}

	/** Prepares for the bytes of the next response, which start at `position`. */
	moveOn(): void {
		this.toSkip = 0;
		this.kept = Buffer.alloc(0);
	}

	private readMovie(end: number): boolean {
		if (end > LONGEST_MOOV) return this.stop();
		if (this.kept.length < end) return true;
		this.facts = factsIn(this.kept.subarray(0, end));
		return this.stop();
	}

	private stop(): false {
		this.isDone = true;
		return false;
	}
}
