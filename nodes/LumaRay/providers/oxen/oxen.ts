import type { Clock } from '../../transport/clock';
import type { Http } from '../../transport/http';
import type { FileSource } from '../../models/files';
import { placeFiles } from '../input';
import type { OrderOptions, Provider, Reading } from '../provider';
import { pacedReads, pacedSubmits } from '../rates';
import { openAccountEvents } from './accountEvents';
import { OXEN } from './catalogue';
import { listJobs } from './list';
import { readModel } from './model';
import { cancelJob, readOutcome, readProgress } from './queue';
import { uploadInto } from './repository';
import { generateVideo, jobsAsked, submitJob } from './submission';
import type { OxenEndpoints, OxenWire } from './wire';

export const OXEN_ENDPOINTS: OxenEndpoints = { baseUrl: 'https://hub.oxen.ai' };

/**
 * Oxen.ai's queue, blocking call, event stream, models and repositories, as its documentation describes them.
 * @param account identifies the account without its key
 */
export function createOxen(http: Http, { baseUrl }: OxenEndpoints, clock: Clock, account?: string): Provider {
	const wire: OxenWire = { http, clock, baseUrl };
	const reads = pacedReads(clock, baseUrl, account);
	return {
		id: 'oxen',
		catalogue: OXEN,
		prepare: async (order, signal) => await placeFiles(order, placerOf(wire, order.options, signal)),
		submit: async (ready) => await submitJob(wire, ready),
		inTurn: pacedSubmits(clock, baseUrl, account),
		generate: async (ready, timeoutMs, signal) => await generateVideo(wire, ready, timeoutMs, signal),
		jobsAsked,
		attach: (requestId, model) => ({ provider: 'oxen', model, requestId, submittedAt: 0 }),
		progress: async (job, signal) =>
			await reads.poll(signal, async () => await readProgress(wire, job, signal)),
		outcome: async (job, signal, turn = 'result') =>
			await reads[turn](signal, async () => await readOutcome(wire, job, signal)),
		skipsStatus: () => reads.isLimited(),
		cancel: async (job, signal) => await cancelJob(wire, job, signal),
		list: async (models, atMost, signal, since, filter) =>
			await listJobs(wire, models, atMost, signal, since, filter),
		describe: async (model, signal) => await readModel(wire, model, signal),
		openFeed: (listener) => openAccountEvents(wire, reads.lane, listener),
	};
}

/**
 * Puts files inside the request until it is full, and uploads the others to the repository. If the user chose to
 * always upload, all files go to the repository.
 */
function placerOf(wire: OxenWire, { imageRepository }: OrderOptions, signal: AbortSignal) {
	let left = OXEN.maxInlineFileBytes ?? 0;
	return async (file: FileSource): Promise<Reading<string>> => {
		if (imageRepository && (imageRepository.always || file.bytes > left)) {
			return await uploadInto(wire, imageRepository, file, signal);
		}
		left -= file.bytes;
		const base64 = (await file.read()).toString('base64');
		return { ok: true, value: `data:${file.mimeType};base64,${base64}` };
	};
}
