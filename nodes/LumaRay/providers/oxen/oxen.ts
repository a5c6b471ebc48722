import type { Clock } from '../../transport/clock';
import type { Http } from '../../transport/http';
import type { FileSource } from '../../models/files';
import { placeFiles } from '../input';
import type { OrderOptions, Provider, Reading } from '../provider';
import { pacedReads, pacedSubmits } from '../rates';
import { openAccountEvents } from './accountEvents';
import { OXEN } from './catalogue';
import { listJobs } from './list';
import { createLivePrice, readModel } from './model';
import { cancelJob, readOutcome, readProgress } from './queue';
import { uploadInto } from './repository';
import { generateVideo, jobsAsked, submitJob } from './submission';
import type { OxenEndpoints, OxenWire } from './wire';

export const OXEN_ENDPOINTS: OxenEndpoints = { baseUrl: 'https://hub.oxen.ai' };

/** Oxen.ai's queue, blocking call, event stream, models and repositories, as its documentation describes them. */
export function createOxen(http: Http, { baseUrl }: OxenEndpoints, clock: Clock): Provider {
	const wire: OxenWire = { http, clock, baseUrl };
	const reads = pacedReads(clock, baseUrl);
	return {
		id: 'oxen',
		catalogue: OXEN,
		prepare: async (order, signal) =>
			await placeFiles(order, async (file) => await placeFile(wire, file, order.options, signal)),
		submit: async (ready) => await submitJob(wire, ready),
		inTurn: pacedSubmits(clock, baseUrl),
		generate: async (ready, timeoutMs, signal) => await generateVideo(wire, ready, timeoutMs, signal),
		jobsAsked,
		attach: (requestId, model) => ({ provider: 'oxen', model, requestId, submittedAt: 0 }),
		progress: async (job, signal) =>
			await reads.poll(signal, async () => await readProgress(wire, job, signal)),
		outcome: async (job, signal) =>
			await reads.result(signal, async () => await readOutcome(wire, job, signal)),
		cancel: async (job, signal) => await cancelJob(wire, job, signal),
		list: async (models, atMost, signal, since) => await listJobs(wire, models, atMost, signal, since),
		describe: async (model, signal) => await readModel(wire, model, signal),
		livePrice: createLivePrice(wire),
		openFeed: (listener) => openAccountEvents(wire, reads.lane, listener),
	};
}

/** A file goes inside the request if it is small enough, unless a repository is to hold it. */
async function placeFile(
	wire: OxenWire,
	file: FileSource,
	{ imageRepository }: OrderOptions,
	signal: AbortSignal,
): Promise<Reading<string>> {
	const fitsInline = file.bytes <= (OXEN.maxInlineFileBytes ?? 0);
	if (imageRepository && (imageRepository.always || !fitsInline)) {
		return await uploadInto(wire, imageRepository, file, signal);
	}
	const base64 = (await file.read()).toString('base64');
	return { ok: true, value: `data:${file.mimeType};base64,${base64}` };
}
