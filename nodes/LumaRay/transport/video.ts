import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import type { DownloadTrouble } from '../models/problem';
import { systemClock, type Clock } from './clock';
import { createFileReader } from './fileFormat';
import type { ByteStream, Http, HttpResult } from './http';
import { asNodeStream, type Chunks } from './nodeStream';
import { transferLimitMs } from './pace';
import { asVideoUrl } from './urls';

const MAX_REDIRECTS = 5;
/** A download fails after this many milliseconds without a byte. */
const IDLE_MS = 60_000;
/**
 * A clip of 10 seconds at 1080p is about 20 MB, and its EXR frames are up to 2 GB. A larger file would only fill the
 * disk.
 */
const MAX_VIDEO_BYTES = 4 * 1024 ** 3;

/** The function of n8n that a download needs. Executions and polls have it. */
export interface StoreContext {
	helpers: Pick<IExecuteFunctions['helpers'], 'prepareBinaryData'>;
}

/** The address of a video, as a provider reports it. */
export interface VideoAddress {
	url: string;
	contentType?: string;
	fileName?: string;
	/** Bytes, as the provider reports them. */
	fileSize?: number;
	/** Absent for a video. `exr`: an EXR picture, or a ZIP of them. */
	kind?: 'exr';
}

interface FailedDownload {
	ok: false;
	transient: boolean;
	/** The HTTP status, if the answer was not a video. */
	status?: number;
	trouble: DownloadTrouble | { why: 'notStored'; reason: string };
}

export type Download = { ok: true; binary: IBinaryData } | FailedDownload;

/**
 * Streams a video into n8n's binary store. If the store is the disk, the whole video is never in memory: n8n 2 uses the
 * disk outside queue mode, n8n 1 only if N8N_DEFAULT_BINARY_DATA_MODE says so. The key is sent only to the provider's
 * own hosts, and only if the address requires it. The content is checked while it streams (see `checked`).
 * @param home an address of the provider; private addresses are refused unless this one is private
 */
export async function downloadVideo(
	context: StoreContext,
	http: Http,
	video: VideoAddress,
	home: string,
	signal: AbortSignal,
	clock: Pick<Clock, 'now'> = systemClock,
): Promise<Download> {
	let url = video.url;
	let result: HttpResult<ByteStream>;
	let needsKey = false;
	for (let redirects = 0; ; ) {
		if (!asVideoUrl(url, home)) {
			return { ok: false, transient: false, trouble: { why: 'notPublic' } };
		}
		// n8n unpacks a compressed answer without reporting it, and its size would then differ from the announced one.
		const headers = { 'accept-encoding': 'identity' };
		const request = { method: 'GET', url, headers, timeoutMs: IDLE_MS, signal } as const;
		result = needsKey ? await http.authenticatedStream(request) : await http.plainStream(request);
		if (!result.answered) {
			const { reason, why, bytes } = result;
			return { ok: false, transient: reason !== 'aborted', trouble: { why, bytes } };
		}
		if ((result.status === 401 || result.status === 403) && !needsKey && http.trusts(url)) {
			result.body.destroy();
			needsKey = true;
			continue;
		}
		const location = result.status >= 300 && result.status < 400 ? result.headers.location : undefined;
		if (location === undefined) break;
		result.body.destroy();
		if (++redirects > MAX_REDIRECTS || !URL.canParse(location, url)) {
			return {
				ok: false,
				transient: false,
				status: result.status,
				trouble: { why: 'tooManyRedirects' },
			};
		}
		url = new URL(location, url).href;
		needsKey = false;
	}
	if (result.status !== 200) {
		result.body.destroy();
		const { status } = result;
		const transient = status === 408 || status === 429 || status >= 500;
		return { ok: false, transient, status, trouble: { why: 'httpStatus', httpStatus: status } };
	}
	return await store(context, result.body, video, sizeIn(result.headers), signal, clock);
}

/** The size that a Content-Length announces, in bytes, if there is one. */
function sizeIn(headers: { [name: string]: string }): number | undefined {
	const length = headers['content-length'];
	return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined;
}

type Storable = Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0];

async function store(
	context: StoreContext,
	body: ByteStream,
	video: VideoAddress,
	announcedBytes: number | undefined,
	signal: AbortSignal,
	clock: Pick<Clock, 'now'>,
): Promise<Download> {
	let failure: FailedDownload | undefined;
	async function* watched(): AsyncGenerator<Uint8Array> {
		try {
			failure = yield* checked(body, announcedBytes, video, clock);
		} catch {
			failure = { ok: false, transient: !signal.aborted, trouble: { why: 'lostOnTheWay' } };
		}
		// If the stream breaks, n8n's store discards what it has received.
		if (failure) throw new Error(failure.trouble.why);
	}
	const { fileName, mimeType } = video.kind === 'exr' ? nameExr(video) : nameVideo(video);
	try {
		const stream = asNodeStream(watched(), body.native) as unknown as Storable;
		return { ok: true, binary: await context.helpers.prepareBinaryData(stream, fileName, mimeType) };
	} catch (error) {
		const reason = (error as Error).message;
		return failure ?? { ok: false, transient: true, trouble: { why: 'notStored', reason } };
	} finally {
		body.destroy();
	}
}

/**
 * Passes a video on and checks it: it must start like a video, must not be too large or too slow, and must be complete.
 *
 * - If the provider reports the size of the file, only that size counts. With fewer bytes, the file is incomplete. More
 *   bytes are fine, since some providers measure the size before their last step.
 * - Otherwise, the file is complete if its size matches Content-Length. If n8n unpacked the answer (it does not say
 *   so), Content-Length was the size of the packed answer, which can be more or less than the size of the video. In
 *   that case, or without a Content-Length, the video itself must show whether it is complete: n8n accepts half of a
 *   packed answer as complete (axios: `finishFlush`).
 * @returns what is wrong, if anything. Another try may help, except for an empty or too large file
 */
async function* checked(
	body: Chunks,
	announcedBytes: number | undefined,
	{ fileSize, kind }: VideoAddress,
	clock: Pick<Clock, 'now'>,
): AsyncGenerator<Uint8Array, FailedDownload | undefined> {
	const failed = (transient: boolean, trouble: DownloadTrouble): FailedDownload => ({
		ok: false,
		transient,
		trouble,
	});
	const somethingElse = failed(true, { why: kind === 'exr' ? 'notAnExr' : 'notAVideo' });
	const tooLarge = failed(false, { why: 'tooLargeFile', gigabytes: MAX_VIDEO_BYTES / 1024 ** 3 });
	if (announcedBytes !== undefined && announcedBytes > MAX_VIDEO_BYTES) return tooLarge;
	const file = createFileReader();
	const startedAt = clock.now();
	let bytes = 0;
	for await (const chunk of body) {
		bytes += chunk.length;
		if (bytes > MAX_VIDEO_BYTES) return tooLarge;
		// The limit is for the bytes so far, not for the announced size. Otherwise, a slow download could run for
		// hours.
		if (clock.now() - startedAt > transferLimitMs(bytes)) return failed(true, { why: 'tooSlow' });
		file.take(chunk);
		if (file.isKnown() === false) return somethingElse;
		yield chunk;
	}
	if (bytes === 0) return failed(false, { why: 'empty' });
	if (!file.isKnown()) return somethingElse;
	const whole = fileSize !== undefined && fileSize > 0 ? fileSize : undefined;
	if (whole !== undefined) return bytes < whole ? failed(true, partOf(bytes, whole)) : undefined;
	const isWhole = file.isWhole();
	if (bytes === announcedBytes || isWhole) return undefined;
	if (announcedBytes !== undefined && bytes < announcedBytes)
		return failed(true, partOf(bytes, announcedBytes));
	return isWhole === false ? failed(true, { why: 'cutShort' }) : undefined;
}

const partOf = (bytes: number, wholeBytes: number): DownloadTrouble => ({
	why: 'onlyPart',
	bytes,
	wholeBytes,
});

/**
 * A file name and a MIME type that are safe to pass on. A provider's answer may contain path separators, or a MIME type
 * that is not a video's.
 */
function nameVideo(video: VideoAddress): { fileName: string; mimeType: string } {
	const mimeType = /^video\/[\w.+-]+$/.test(video.contentType ?? '')
		? String(video.contentType)
		: 'video/mp4';
	const extension = mimeType === 'video/quicktime' ? 'mov' : mimeType === 'video/webm' ? 'webm' : 'mp4';
	const base = safeName(video.fileName);
	if (base === '') return { fileName: `video.${extension}`, mimeType };
	return { fileName: /\.(mp4|mov|webm)$/i.test(base) ? base : `${base}.${extension}`, mimeType };
}

/** MIME types of an EXR export. OpenEXR has no registered type. */
const EXR_TYPES = /^(application\/(x-)?zip(-compressed)?|image\/(x-)?(aces|exr))$/;

/** A safe file name and MIME type for an EXR export. Without one of the types above, the file's name decides. */
function nameExr({ url, contentType = '', fileName }: VideoAddress): { fileName: string; mimeType: string } {
	const base = safeName(fileName) || safeName(new URL(url).pathname);
	const extension = /\.(exr|zip)$/i.exec(base)?.[1].toLowerCase();
	const byName = extension === 'exr' ? 'image/x-exr' : 'application/zip';
	const mimeType = EXR_TYPES.test(contentType) ? contentType : byName;
	if (extension !== undefined) return { fileName: base, mimeType };
	return { fileName: `${base || 'frames'}.${mimeType.startsWith('image/') ? 'exr' : 'zip'}`, mimeType };
}

function safeName(fileName = ''): string {
	return fileName
		.split(/[\\/]/)
		.pop()!
		.replace(/[^\p{L}\p{N}._ -]/gu, '_')
		.replace(/^\.+/, '')
		.slice(0, 100);
}
