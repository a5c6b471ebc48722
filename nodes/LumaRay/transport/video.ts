import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import type { Http, HttpResult } from './http';
import { asVideoUrl } from './urls';

const MAX_REDIRECTS = 5;
/** Milliseconds without a byte after which a download is given up. */
const IDLE_MS = 60_000;

/** Where a video lies, as a provider names it. */
export interface VideoAddress {
	url: string;
	contentType?: string;
	fileName?: string;
}

export type Download =
	| { ok: true; binary: IBinaryData }
	| { ok: false; passing: boolean; status?: number; message: string };

/**
 * Streams a video into n8n's binary store. It is never whole in memory where that store is the disk: n8n 2 uses the
 * disk outside queue mode, n8n 1 only where N8N_DEFAULT_BINARY_DATA_MODE says so. The key goes along only where an
 * address on the provider's own hosts asks for it.
 * @param home an address of the provider; private addresses are refused unless it is one itself
 */
export async function downloadVideo(
	context: IExecuteFunctions,
	http: Http,
	video: VideoAddress,
	home: string,
	signal: AbortSignal,
): Promise<Download> {
	let url = video.url;
	let result: HttpResult<AsyncIterable<Uint8Array> & { destroy?: () => void }>;
	let needsKey = false;
	for (let redirects = 0; ; ) {
		if (!asVideoUrl(url, home)) {
			return { ok: false, passing: false, message: 'its address is not a public http(s) address' };
		}
		const request = { method: 'GET', url, timeoutMs: IDLE_MS, signal } as const;
		result = needsKey ? await http.authenticatedStream(request) : await http.plainStream(request);
		if (!result.answered) {
			return { ok: false, passing: result.reason !== 'aborted', message: result.detail };
		}
		if ((result.status === 401 || result.status === 403) && !needsKey && http.trusts(url)) {
			result.body.destroy?.();
			needsKey = true;
			continue;
		}
		const location = result.status >= 300 && result.status < 400 ? result.headers.location : undefined;
		if (location === undefined) break;
		result.body.destroy?.();
		if (++redirects > MAX_REDIRECTS || !URL.canParse(location, url)) {
			return {
				ok: false,
				passing: false,
				status: result.status,
				message: 'it leads from address to address',
			};
		}
		url = new URL(location, url).href;
		needsKey = false;
	}
	if (result.status !== 200) {
		result.body.destroy?.();
		const passing = result.status === 408 || result.status === 429 || result.status >= 500;
		return { ok: false, passing, status: result.status, message: `HTTP ${result.status}` };
	}
	return await store(
		context,
		result.body,
		video,
		Number(result.headers['content-length'] ?? Number.NaN),
		signal,
	);
}

type Storable = Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0];

async function store(
	context: IExecuteFunctions,
	body: AsyncIterable<Uint8Array>,
	video: VideoAddress,
	announcedBytes: number,
	signal: AbortSignal,
): Promise<Download> {
	const { fileName, mimeType } = nameVideo(video);
	let binary: IBinaryData;
	try {
		binary = await context.helpers.prepareBinaryData(body as unknown as Storable, fileName, mimeType);
	} catch {
		return { ok: false, passing: !signal.aborted, message: 'the connection was lost on the way' };
	}
	const bytes = binary.id
		? (await context.helpers.getBinaryMetadata(binary.id)).fileSize
		: Buffer.byteLength(binary.data, 'base64');
	if (bytes === 0) return { ok: false, passing: false, message: 'it is empty (0 bytes)' };
	if (Number.isFinite(announcedBytes) && bytes !== announcedBytes) {
		return { ok: false, passing: true, message: `only ${bytes} of ${announcedBytes} bytes arrived` };
	}
	return { ok: true, binary };
}

/**
 * A file name and a MIME type that are safe to hand on: a provider's answer may hold path separators, or a type
 * that is no video's.
 */
function nameVideo(video: VideoAddress): { fileName: string; mimeType: string } {
	const mimeType = /^video\/[\w.+-]+$/.test(video.contentType ?? '')
		? String(video.contentType)
		: 'video/mp4';
	const extension = mimeType === 'video/quicktime' ? 'mov' : mimeType === 'video/webm' ? 'webm' : 'mp4';
	const base = (video.fileName ?? '')
		.split(/[\\/]/)
		.pop()!
		.replace(/[^\p{L}\p{N}._ -]/gu, '_')
		.replace(/^\.+/, '')
		.slice(0, 100);
	if (base === '') return { fileName: `video.${extension}`, mimeType };
	return { fileName: /\.(mp4|mov|webm)$/i.test(base) ? base : `${base}.${extension}`, mimeType };
}
