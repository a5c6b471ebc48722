import { parsedObject } from '../answers';
import type { Feed, FeedListener, Job } from '../provider';
import { keepStream, type KeptStream } from '../streams';
import { statusUrl } from './queue';
import { progressOf } from './results';
import type { FalWire } from './wire';

/** Status streams open at once; the jobs beyond are polled. Connections are scarce, and a poll costs little. */
const MAX_STREAMS = 8;

/** One status stream per job, up to a handful at once. */
export function openStatusStreams(wire: FalWire, listener: FeedListener): Feed {
	const { http, clock, statusQuery } = wire;
	const streams = new Map<string, KeptStream>();
	/** Jobs beyond the handful: polled until a stream is free. */
	const waiting = new Map<string, Job>();

	function open(job: Job): void {
		const { requestId } = job;
		const stream = keepStream(
			http,
			clock,
			`${statusUrl(wire, job)}/stream`,
			statusQuery,
			({ data }) => {
				const progress = progressOf(parsedObject(data));
				if (!progress) return;
				listener(requestId, progress);
				return progress.phase === 'ended' ? 'done' : undefined;
			},
			(isOpen) => {
				if (!isOpen) listener(requestId, undefined);
			},
		);
		streams.set(requestId, stream);
	}

	return {
		add(job) {
			// Several items may ask for the same job.
			if (streams.has(job.requestId)) return;
			if (streams.size < MAX_STREAMS) open(job);
			else waiting.set(job.requestId, job);
		},
		ready: async () => undefined,
		remove(requestId) {
			waiting.delete(requestId);
			streams.get(requestId)?.close();
			if (!streams.delete(requestId)) return;
			const [next] = waiting.values();
			if (!next) return;
			waiting.delete(next.requestId);
			open(next);
		},
		covers: (requestId) => streams.get(requestId)?.isOpen() ?? false,
		close() {
			waiting.clear();
			streams.forEach((stream) => stream.close());
			streams.clear();
		},
	};
}
