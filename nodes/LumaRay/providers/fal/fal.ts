import { falTable } from '../../ray/fal';
import type { Clock } from '../../transport/clock';
import type { Http } from '../../transport/http';
import type { Provider } from '../provider';
import { listJobs } from './list';
import { readModel } from './model';
import { INPUT_NAMES } from './names';
import { createPrices } from './prices';
import { cancelJob, readOutcome, readProgress } from './queue';
import { openStatusStreams } from './statusStreams';
import { uploadImage } from './storage';
import { generateVideo, submitJob } from './submission';
import type { FalEndpoints, FalWire } from './wire';

export const FAL_ENDPOINTS: FalEndpoints = {
	queueUrl: 'https://queue.fal.run',
	runUrl: 'https://fal.run',
	restUrl: 'https://rest.fal.ai',
	apiUrl: 'https://api.fal.ai',
};

/**
 * fal.ai's queue, blocking call, storage and platform API, as its documentation describes them.
 * @param wantLogs asks for the runner's log lines with every status
 */
export function createFal(http: Http, endpoints: FalEndpoints, clock: Clock, wantLogs: boolean): Provider {
	const wire: FalWire = { http, endpoints, clock, statusQuery: wantLogs ? { logs: '1' } : {} };
	const prices = createPrices(wire);
	return {
		id: 'fal',
		table: falTable,
		inputNames: INPUT_NAMES,
		async placeImage({ image }, signal) {
			return typeof image === 'string' ? { ok: true, value: image } : await uploadImage(wire, image, signal);
		},
		submit: async (order, imageUrl) => await submitJob(wire, order, imageUrl),
		generate: async (order, imageUrl, timeoutMs, signal) =>
			await generateVideo(wire, prices, order, imageUrl, timeoutMs, signal),
		jobsAsked: () => 1,
		attach: (requestId) => ({ provider: 'fal', requestId, submittedAt: 0 }),
		progress: async (job, signal) => await readProgress(wire, job, signal),
		outcome: async (job, signal) => await readOutcome(wire, prices, job, signal),
		cancel: async (job, signal) => await cancelJob(wire, job, signal),
		list: async (atMost, signal, since) => await listJobs(wire, atMost, signal, since),
		describe: async (signal) => await readModel(wire, signal),
		livePrice: prices.ofClip,
		openFeed: (listener) => openStatusStreams(wire, listener),
	};
}
