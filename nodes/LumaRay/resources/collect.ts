import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { shorten, type Problem } from '../models/problem';
import type { Outcome, Reading } from '../providers/provider';
import { downloadVideo } from '../transport/video';
import type { Connection } from './connect';

export type Collector = (outcome: Outcome, signal: AbortSignal) => Promise<Reading<IBinaryData | undefined>>;

/**
 * How a run brings its videos into n8n's binary store.
 * @param downloads whether a video that lies at an address is fetched; one inside the answer is always kept, as
 * that is its only copy
 */
export function videoCollector(
	context: IExecuteFunctions,
	{ http, home }: Connection,
	downloads: boolean,
): Collector {
	return async ({ inline, video }, signal) => {
		if (inline) {
			const bytes = Buffer.from(inline.base64, 'base64');
			const binary = await context.helpers.prepareBinaryData(bytes, inline.fileName, inline.contentType);
			return { ok: true, value: binary };
		}
		if (!downloads || !video) return { ok: true, value: undefined };
		const download = await downloadVideo(context, http, video, home, signal);
		if (download.ok) return { ok: true, value: download.binary };
		const { passing, status, trouble } = download;
		const { url } = video;
		const problem: Problem =
			trouble.why === 'notStored'
				? { name: 'notStored', data: { reason: shorten(trouble.reason), url } }
				: { name: 'notDownloaded', data: { url, download: trouble } };
		return {
			ok: false,
			passing,
			problem: { ...problem, ...(status === undefined ? {} : { httpStatus: status }) },
		};
	};
}
