import { oxenTable } from '../../ray/oxen';
import type { Clock } from '../../transport/clock';
import type { Http } from '../../transport/http';
import type { Order, Provider, Reading } from '../provider';
import { openAccountEvents } from './accountEvents';
import { listJobs } from './list';
import { createLivePrice, readModel } from './model';
import { INPUT_NAMES } from './names';
import { cancelJob, readOutcome, readProgress } from './queue';
import { uploadInto } from './repository';
import { generateVideo, jobsAsked, submitJob } from './submission';
import type { OxenEndpoints, OxenWire } from './wire';

export const OXEN_ENDPOINTS: OxenEndpoints = { baseUrl: 'https://hub.oxen.ai' };

/** Oxen.ai's queue, blocking call, event stream, models and repositories, as its documentation describes them. */
export function createOxen(http: Http, { baseUrl }: OxenEndpoints, clock: Clock): Provider {
	const wire: OxenWire = { http, clock, baseUrl };
	return {
		id: 'oxen',
		table: oxenTable,
		inputNames: INPUT_NAMES,
		placeImage: async (order, signal) => await placeImage(wire, order, signal),
		submit: async (order, imageUrl) => await submitJob(wire, order, imageUrl),
		generate: async (order, imageUrl, timeoutMs, signal) =>
			await generateVideo(wire, order, imageUrl, timeoutMs, signal),
		jobsAsked,
		attach: (requestId) => ({ provider: 'oxen', requestId, submittedAt: 0 }),
		progress: async (job, signal) => await readProgress(wire, job, signal),
		outcome: async (job, signal) => await readOutcome(wire, job, signal),
		cancel: async (job, signal) => await cancelJob(wire, job, signal),
		list: async (atMost, signal, since) => await listJobs(wire, atMost, signal, since),
		describe: async (signal) => await readModel(wire, signal),
		livePrice: createLivePrice(wire),
		openFeed: (listener) => openAccountEvents(wire, listener),
	};
}

/** An image goes inside the request where it is small enough, unless a repository is to hold it. */
async function placeImage(
	wire: OxenWire,
	{ image, options }: Order,
	signal: AbortSignal,
): Promise<Reading<string>> {
	if (typeof image === 'string') return { ok: true, value: image };
	const { imageRepository } = options;
	const fitsInline = image.bytes <= (oxenTable.maxInlineImageBytes ?? 0);
	if (imageRepository && (imageRepository.always || !fitsInline)) {
		return await uploadInto(wire, imageRepository, image, signal);
	}
	const base64 = (await image.read()).toString('base64');
	return { ok: true, value: `data:${image.mimeType};base64,${base64}` };
}
