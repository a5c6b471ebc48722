import type { Lane } from '../../transport/rate';
import { asRequestId, parsedObject } from '../answers';
import type { Feed, FeedListener } from '../provider';
import { streamBudgetOf } from '../streamBudget';
import { keepStream, type KeptStream } from '../streams';
import type { OxenWire } from './wire';

/**
 * The maximum number of ends to keep for jobs that are not followed yet. The account's other jobs share the event
 * stream, so most of these ends are never needed.
 */
const MAX_EARLY_ENDS = 1_000;

/** Opens Oxen's event stream for the whole account. It only reports ends, and not those of cancelled jobs. */
export function openAccountEvents(
	{ http, clock, baseUrl }: OxenWire,
	lane: Lane,
	listener: FeedListener,
): Feed {
	const followed = new Set<string>();
	const earlyEnds = new Set<string>();
	const budget = streamBudgetOf(clock);
	let stream: KeptStream | undefined;
	let isOver = false;
	let settle: () => void;
	const settled = new Promise<void>((resolve) => (settle = resolve));

	function open(): void {
		stream = keepStream(
			{ http, clock, lane },
			`${baseUrl}/api/events`,
			{},
			{
				onEvent({ event, data }) {
					if (event !== 'media_generation_completed') return;
					const requestId = asRequestId(parsedObject(data)?.generation_id);
					if (!requestId) return;
					if (followed.has(requestId)) listener(requestId, { phase: 'ended' });
					else if (earlyEnds.size < MAX_EARLY_ENDS) earlyEnds.add(requestId);
				},
				onState(state) {
					settle();
					if (state === 'refused') return;
					followed.forEach((requestId) => listener(requestId, undefined));
					if (state !== 'over') return;
					stream = undefined;
					isOver = true;
					budget.share();
				},
			},
		);
	}

	const claimant = {
		held: () => (stream ? 1 : 0),
		soonest: () => (stream || isOver ? undefined : 0),
		open,
		giveBack: () => undefined,
	};
	budget.join(claimant);
	budget.share();

	return {
		async ready() {
			if (stream) await settled;
		},
		add(job) {
			followed.add(job.requestId);
			// A short job can end before the answer to its submit has been read.
			if (earlyEnds.delete(job.requestId)) listener(job.requestId, { phase: 'ended' });
		},
		remove: (requestId) => void followed.delete(requestId),
		covers: (requestId) => followed.has(requestId) && (stream?.isOpen() ?? false),
		close() {
			stream?.close();
			stream = undefined;
			isOver = true;
			budget.leave(claimant);
		},
	};
}
