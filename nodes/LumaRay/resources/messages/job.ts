import type { ProblemData } from '../../models/problem';
import { counted, namesOf, option } from './names';
import { sayDownload } from './reasons';
import { sayRemedy, WAIT, type Wordings } from './wording';

const RETRY_DOWNLOAD = 'retry this execution, which downloads the video again at no cost.';

/** What can happen to a job that was accepted, and to its video. */
export const JOB = {
	notEnded: () => ({
		message: 'The generation has not ended',
		description: 'Check it again in a moment.',
	}),
	cancelled: () => ({
		message: 'The generation was cancelled',
		description: 'Run the item again to start a new generation.',
	}),
	endedWithoutReason: ({ data: { provider } }) => ({
		message: `${namesOf(provider).name}: the generation ended without a video, and no reason was given`,
		description: sayRemedy('runLater', provider),
	}),
	timedOut: ({ data }) => ({
		message: `The video was not ready after ${counted(data.minutes, 'minute')}`,
		description: sayTimedOut(data),
	}),
	videoNotNamedYet({ data: { provider } }) {
		const { name, links } = namesOf(provider);
		return {
			message: `${name} reports that the generation succeeded, but has not returned its video yet`,
			description: `It is paid for. Look for it at ${links.jobs}, or collect it later with ${WAIT} and its request ID.`,
		};
	},
	noVideoNamed({ data: { provider } }) {
		const { name, links } = namesOf(provider);
		return {
			message: `${name} reports that the generation succeeded, but returned no video that can be downloaded`,
			description: `Look for the video at ${links.jobs}.`,
		};
	},
	notDownloaded: ({ data: { url, download, file, videoUrl } }) => ({
		message: `The ${delivered(file)} is ready but could not be downloaded: ${sayDownload(download)}`,
		description: `It is paid for and is at ${url}. ${sayVideo(videoUrl)}Download it from there, or ${RETRY_DOWNLOAD}`,
	}),
	notStored: ({ data: { reason, url, file, videoUrl } }) => ({
		message: `The ${delivered(file)} is ready but n8n could not store it: ${reason}`,
		description: `${url === undefined ? 'It is paid for' : `It is paid for and is at ${url}`}. ${sayVideo(videoUrl)}Check the disk or the storage where n8n keeps binary data, then ${RETRY_DOWNLOAD}`,
	}),
} satisfies Partial<Wordings>;

function delivered(file: 'exr' | undefined): string {
	return file === 'exr' ? 'EXR file' : 'video';
}

/** An EXR file that does not arrive must not keep the video from the user. */
function sayVideo(videoUrl: string | undefined): string {
	return videoUrl === undefined ? '' : `The video itself is at ${videoUrl}. `;
}

function sayTimedOut({ provider, requestId, job }: ProblemData['timedOut']): string {
	const { name } = namesOf(provider);
	const raise = `raise ${option('timeoutMinutes')} in the options`;
	const collect = `Collect it with ${WAIT} and request ID ${requestId}, or ${raise}.`;
	switch (job) {
		case 'goesOn':
			return `The generation is still running at ${name} and will be billed. ${collect}`;
		case 'notCancelled':
			return `The generation could not be cancelled at ${name} and may be billed. ${collect}`;
		case 'askedToEnd':
			return `${name} was asked to cancel the generation, but one in progress may still finish and be billed. ${collect}`;
		case 'cancelled':
			return `Generation ${requestId} was cancelled at ${name}. R${raise.slice(1)}, then run the item again.`;
	}
}
