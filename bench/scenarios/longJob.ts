import { openMemory } from '../../nodes/LumaRay/jobs/memory';
import { runJobs } from '../../nodes/LumaRay/jobs/run';
import { createFal, FAL_ENDPOINTS } from '../../nodes/LumaRay/providers/fal/fal';
import type { Order } from '../../nodes/LumaRay/providers/provider';
import { readEvents } from '../../nodes/LumaRay/transport/events';
import type { Http } from '../../nodes/LumaRay/transport/http';
import { Random } from '../../chaos/random';
import { Process, settled, VirtualTime } from '../../chaos/time';
import type { ContenderName } from '../contenders';
import { INPUT } from '../contenders/contender';
import { requestsOf, type Lap } from '../track';
import type { Scenario } from './stage';

/**
 * Requests during one long job. The node's real code runs in virtual time, down to the single HTTP request. For the
 * other contenders the number is calculated from a short job: their polls repeat at a fixed interval, and all other
 * requests are sent once.
 */

const JOB_MINUTES = 10;

export const longJob: Scenario = {
	label: 'One long job, in virtual time',
	async run({ size, figures }) {
		for (let repetition = 0; repetition < size.repetitions; repetition++) {
			figures.add('longJob', 'nodeStream', await requestsOfNode('auto', repetition));
			figures.add('longJob', 'nodePoll', await requestsOfNode('poll', repetition));
		}
	},
};

/** How many requests a contender would send during a long job if it polls at a fixed interval or not at all. */
export function reckonLongJob(contender: ContenderName, { seen, slowestJobMs }: Lap): number {
	const all = requestsOf(seen);
	// The streaming client reads the status only once, when the stream has ended.
	if (contender === 'falStream') return all;
	const polls = seen.requests.status ?? 0;
	return all - polls + polls * ((JOB_MINUTES * 60_000) / slowestJobMs);
}

const ORDER: Order = {
	model: 'animate',
	input: {
		imageUrl: INPUT.image_url,
		prompt: INPUT.prompt,
		aspectRatio: '16:9',
		resolution: '540p',
		duration: '5s',
		loop: false,
		referenceImageUrls: [],
	},
	options: {},
	estimate: { usd: 0.5, source: 'table' },
};

/** @param follow the node's option with that name */
async function requestsOfNode(follow: 'auto' | 'poll', seed: number): Promise<number> {
	const time = new VirtualTime();
	const clock = new Process(time, new Random(seed));
	const fal = virtualFal(clock, clock.now() + JOB_MINUTES * 60_000);
	let isDone = false;
	const running = runJobs([{ index: 0, order: ORDER, key: '0' }], {
		provider: createFal(fal.http, FAL_ENDPOINTS, clock, false),
		clock,
		signal: new AbortController().signal,
		memory: openMemory({}, { run: '0', execution: 'bench', parameters: {} }),
		follow,
		timeoutMs: 3 * JOB_MINUTES * 60_000,
		cancelOnTimeout: false,
		cancelOnStop: false,
		concurrency: 1,
		failFast: false,
		log: () => undefined,
	}).finally(() => (isDone = true));
	await settled();
	while (!isDone) await time.step();
	const results = await running;
	if (!results?.every(({ ok }) => ok)) throw new Error('The long job failed');
	return fal.requests();
}

/**
 * Simulates fal for the node's HTTP, with one job that ends at `endsAt`, in Unix milliseconds. Its stream never
 * breaks.
 */
function virtualFal(clock: Process, endsAt: number): { http: Http; requests: () => number } {
	let requests = 0;
	const status = () => ({ status: clock.now() < endsAt ? 'IN_PROGRESS' : 'COMPLETED' });
	const event = () => Buffer.from(`data: ${JSON.stringify(status())}\n\n`);

	function answerOf(method: string, url: string): { [key: string]: unknown } {
		if (method === 'POST') return { request_id: 'long' };
		if (url.endsWith('/status')) return status();
		if (url.endsWith('/pricing')) return { prices: [{ unit_price: 0.5, currency: 'USD' }] };
		return { video: { url: 'https://v3.fal.media/files/video.mp4' } };
	}

	async function* events() {
		yield event();
		await clock.sleep(endsAt - clock.now());
		yield event();
	}

	const unused = async () => {
		throw new Error('Unexpected request');
	};
	const http: Http = {
		async authenticated({ method, url }) {
			requests++;
			const headers = { 'x-fal-billable-units': '1' };
			return { answered: true, status: 200, headers, body: { json: answerOf(method, url), text: '' } };
		},
		async authenticatedEvents() {
			requests++;
			return {
				answered: true,
				status: 200,
				headers: { 'content-type': 'text/event-stream' },
				body: Object.assign(readEvents(events()), { destroy: () => undefined }),
			};
		},
		authenticatedStream: unused,
		plain: unused,
		plainStream: unused,
		trusts: () => true,
	};
	return { http, requests: () => requests };
}
