import type { Clock } from '../../transport/clock';
import type { Http } from '../../transport/http';
import { placeFiles } from '../input';
import type { Provider } from '../provider';
import { pacedReads, pacedSubmits } from '../rates';
import { FAL } from './catalogue';
import { listJobs } from './list';
import { readModel } from './model';
import { createPrices } from './prices';
import { cancelJob, readOutcome, readProgress } from './queue';
import { openStatusStreams } from './statusStreams';
import { uploadFile } from './storage';
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
 * @param account identifies the account without its key
 */
export function createFal(
	http: Http,
	endpoints: FalEndpoints,
	clock: Clock,
	wantLogs: boolean,
	account?: string,
): Provider {
	const wire: FalWire = { http, endpoints, clock, statusQuery: wantLogs ? { logs: '1' } : {} };
	const prices = createPrices(wire);
	const reads = pacedReads(clock, endpoints.queueUrl, account);
	return {
		id: 'fal',
		catalogue: FAL,
		prepare: async (order, signal) =>
			await placeFiles(order, async (file) => await uploadFile(wire, file, signal)),
		submit: async (ready) => await submitJob(wire, ready),
		inTurn: pacedSubmits(clock, endpoints.queueUrl, account),
		generate: async (ready, timeoutMs, signal) => await generateVideo(wire, prices, ready, timeoutMs, signal),
		jobsAsked: () => 1,
		attach: (requestId, model) => ({ provider: 'fal', model, requestId, submittedAt: 0 }),
		progress: async (job, signal) =>
			await reads.poll(signal, async () => await readProgress(wire, job, signal)),
		outcome: async (job, signal, turn = 'result') =>
			await reads[turn](signal, async () => await readOutcome(wire, prices, job, signal)),
		// Only a status has log lines.
		skipsStatus: () => !wantLogs && reads.isLimited(),
		cancel: async (job, signal) => await cancelJob(wire, job, signal),
		list: async (models, atMost, signal, since, filter) =>
			await listJobs(wire, models, atMost, signal, since, filter),
		describe: async (model, signal) => await readModel(wire, model, signal),
		livePrice: async (model, signal) => await prices.live(model, signal),
		openFeed: (listener, expectedMs) => openStatusStreams(wire, reads, listener, expectedMs),
	};
}
