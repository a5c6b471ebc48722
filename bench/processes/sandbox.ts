import { startSandbox, type Endpoint, type Sandbox } from '../../sandbox';
import { secondsOf, type JobLength } from '../jobLength';
import { now } from '../../sandbox/time';
import { serve } from './child';

/**
 * Runs the sandbox in a separate process, so that its memory and event loop do not count for a contender. Each
 * contender has a lane, which is its own sandbox in this process, so that its requests are counted separately.
 */

/** The addresses and keys that a contender needs to use its lane. */
export type Target = Pick<Sandbox['fal'], 'key' | 'queueUrl' | 'runUrl' | 'restUrl' | 'apiUrl'>;

/** What a lane has recorded since the last reset. */
export interface Seen {
	requests: Partial<Record<Endpoint, number>>;
	/** Reads that the lane refused because of its limit. */
	refused: number;
	/** When each read arrived, in Unix milliseconds. */
	readAt: number[];
	/** Unix times in milliseconds. */
	jobs: Array<{ acceptedAt: number; completedAt: number }>;
}

/** How many seconds each job spends in fal's queue. They are part of the job's length. */
const QUEUE_SECONDS = 0.5;
const READS = ['status', 'stream', 'result'] as const;
const isRead = (endpoint: Endpoint) => READS.some((read) => read === endpoint);
const lanes = new Map<string, { sandbox: Sandbox; length: JobLength }>();

/** Refuses reads above a number per second, like a provider with a rate limit. */
function limitReads({ faults }: Sandbox, perSecond: number): void {
	const answeredAt: number[] = [];
	const isTooMany = () => {
		while (answeredAt.length > 0 && answeredAt[0] <= now() - 1000) answeredAt.shift();
		if (answeredAt.length >= perSecond) return true;
		answeredAt.push(now());
		return false;
	};
	for (const endpoint of READS) {
		faults.add({
			endpoint,
			match: isTooMany,
			fault: {
				kind: 'status',
				code: 429,
				body: { detail: 'Too many requests', error_type: 'rate_limit' },
				headers: { 'retry-after': '1' },
			},
		});
	}
}

const calls = {
	/** Opens a lane. `videoBytes`: the size of every video. */
	async open({ lane, videoBytes }: { lane: string; videoBytes?: number }): Promise<Target> {
		const length = { shortestSeconds: 1, longestSeconds: 1 };
		const sandbox = await startSandbox({
			videoBytes,
			queueSeconds: QUEUE_SECONDS,
			jobSeconds: (index) => secondsOf(lanes.get(lane)!.length, index) - QUEUE_SECONDS,
		});
		lanes.set(lane, { sandbox, length });
		const { key, queueUrl, runUrl, restUrl, apiUrl } = sandbox.fal;
		return { key, queueUrl, runUrl, restUrl, apiUrl };
	},

	/** Resets the lane. `readsPerSecond`: how many status checks, streams and results it answers per second. */
	async begin({
		lane,
		length,
		readsPerSecond,
	}: {
		lane: string;
		length: JobLength;
		readsPerSecond?: number;
	}): Promise<void> {
		const { sandbox } = lanes.get(lane)!;
		sandbox.reset();
		if (readsPerSecond !== undefined) limitReads(sandbox, readsPerSecond);
		lanes.get(lane)!.length = length;
	},

	async seen({ lane }: { lane: string }): Promise<Seen> {
		const { requests, jobs } = lanes.get(lane)!.sandbox;
		const counts: Seen['requests'] = {};
		for (const { endpoint } of requests) counts[endpoint] = (counts[endpoint] ?? 0) + 1;
		return {
			requests: counts,
			refused: requests.filter(({ status }) => status === 429).length,
			readAt: requests.filter(({ endpoint }) => isRead(endpoint)).map(({ at }) => at),
			jobs: jobs.map(({ acceptedAt, completedAt }) => ({ acceptedAt, completedAt: completedAt! })),
		};
	},

	async close({ lane }: { lane: string }): Promise<void> {
		await lanes.get(lane)!.sandbox.close();
		lanes.delete(lane);
	},
};
export type SandboxCalls = typeof calls;

serve(calls);
