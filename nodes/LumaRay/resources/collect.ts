import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { storeFile } from '../jobs/conclude';
import { shorten, type OfDelivery, type Problem } from '../models/problem';
import type { Outcome, Reading, RemoteVideo } from '../providers/provider';
import { systemClock } from '../transport/clock';
import { isTool } from '../transport/tool';
import { downloadVideo, type StoreContext } from '../transport/video';
import type { Connection } from './connect';

/** The files of a job in n8n's binary store. */
export interface StoredFiles {
	video: IBinaryData;
	exrFile?: IBinaryData;
}

/** Whether the user wants the video in the output. An AI tool returns its URL, because an agent cannot take files. */
export function wantsVideo(context: IExecuteFunctions, index: number): boolean {
	return !isTool(context) && context.getNodeParameter('downloadVideo', index, false) === true;
}

export type Collector = (outcome: Outcome, signal: AbortSignal) => Promise<Reading<StoredFiles | undefined>>;

/**
 * Downloads the videos of a run and their EXR files into n8n's binary store, with several tries for each file.
 * @param downloads whether to fetch files that have a URL; a video inside the answer is always stored, because it is the
 * only copy
 */
export function videoCollector(context: StoreContext, connection: Connection, downloads: boolean): Collector {
	const collect = async (file: RemoteVideo, of: OfDelivery, signal: AbortSignal) =>
		await storeFile(async () => await download(context, connection, file, of, signal), {
			clock: systemClock,
			signal,
		});
	return async ({ inline, video, exrFile }, signal) => {
		if (inline)
			return await storeFile(async () => await storeInline(context, inline), { clock: systemClock, signal });
		if (!downloads || !video) return { ok: true, value: undefined };
		const clip = await collect(video, {}, signal);
		if (!clip.ok) return clip;
		if (!exrFile) return { ok: true, value: { video: clip.value } };
		const exr = await collect(exrFile, { file: 'exr', videoUrl: video.url }, signal);
		return exr.ok ? { ok: true, value: { video: clip.value, exrFile: exr.value } } : exr;
	};
}

async function storeInline(
	context: StoreContext,
	{ base64, fileName, contentType }: NonNullable<Outcome['inline']>,
): Promise<Reading<StoredFiles>> {
	const bytes = Buffer.from(base64, 'base64');
	return {
		ok: true,
		value: { video: await context.helpers.prepareBinaryData(bytes, fileName, contentType) },
	};
}

async function download(
	context: StoreContext,
	{ http, home }: Connection,
	file: RemoteVideo,
	of: OfDelivery,
	signal: AbortSignal,
): Promise<Reading<IBinaryData>> {
	const { url } = file;
	const downloaded = await downloadVideo(context, http, { ...file, kind: of.file }, home, signal);
	if (downloaded.ok) return { ok: true, value: downloaded.binary };
	const { transient, status, trouble } = downloaded;
	const problem: Problem =
		trouble.why === 'notStored'
			? { name: 'notStored', data: { reason: shorten(trouble.reason), url, ...of } }
			: { name: 'notDownloaded', data: { url, download: trouble, ...of } };
	return {
		ok: false,
		transient,
		problem: { ...problem, ...(status === undefined ? {} : { httpStatus: status }) },
	};
}
