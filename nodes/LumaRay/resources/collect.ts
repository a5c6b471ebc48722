import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import type { Outcome, Reading } from '../providers/provider';
import { downloadVideo } from '../transport/video';
import type { Connection } from './connect';

/** How a run brings its videos into n8n's binary store. */
export function videoCollector(context: IExecuteFunctions, { http, home }: Connection) {
	return async (_index: number, outcome: Outcome, signal: AbortSignal): Promise<Reading<IBinaryData>> => {
		const video = outcome.video!;
		const download = await downloadVideo(context, http, video, home, signal);
		if (download.ok) return { ok: true, value: download.binary };
		const { passing, status, message } = download;
		return {
			ok: false,
			passing,
			problem: {
				message: `The video is ready but could not be downloaded: ${message}`,
				description: `It is paid for and lies at ${video.url}. Run the item again: it is fetched anew and not paid again.`,
				...(status === undefined ? {} : { httpStatus: status }),
			},
		};
	};
}
