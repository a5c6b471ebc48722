import { asRequestId, parsedObject } from '../answers';
import type { Feed, FeedListener } from '../provider';
import { keepStream } from '../streams';
import type { OxenWire } from './wire';

/** Ends of jobs that nobody has asked for yet: the account's other jobs share the event stream. */
const MAX_EARLY_ENDS = 1_000;

/** Oxen's one stream for the whole account, told only ends, and cancelled jobs not at all. */
export function openAccountEvents({ http, clock, baseUrl }: OxenWire, listener: FeedListener): Feed {
	const followed = new Set<string>();
	const earlyEnds = new Set<string>();
	let settle: () => void;
	const settled = new Promise<void>((resolve) => (settle = resolve));
	const stream = keepStream(
		http,
		clock,
		`${baseUrl}/api/events`,
		{},
		({ event, data }) => {
			if (event !== 'media_generation_completed') return;
			const requestId = asRequestId(parsedObject(data)?.generation_id);
			if (!requestId) return;
			if (followed.has(requestId)) listener(requestId, { phase: 'ended' });
			else if (earlyEnds.size < MAX_EARLY_ENDS) earlyEnds.add(requestId);
		},
		(open) => {
			settle();
			if (!open) followed.forEach((requestId) => listener(requestId, undefined));
		},
	);
	return {
		ready: async () => await settled,
		add(job) {
			followed.add(job.requestId);
			// A short job can end before the answer to its submit has been read.
			if (earlyEnds.delete(job.requestId)) listener(job.requestId, { phase: 'ended' });
		},
		remove: (requestId) => void followed.delete(requestId),
		covers: (requestId) => followed.has(requestId) && stream.isOpen(),
		close: () => stream.close(),
	};
}
