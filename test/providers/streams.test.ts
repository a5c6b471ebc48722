import { openStatusStreams } from '../../nodes/LumaRay/providers/fal/statusStreams';
import { FAL_ENDPOINTS } from '../../nodes/LumaRay/providers/fal/fal';
import { pacedReads } from '../../nodes/LumaRay/providers/rates';
import type { Feed, Job, Reading } from '../../nodes/LumaRay/providers/provider';
import type { Http } from '../../nodes/LumaRay/transport/http';
import { newProcess, runIn, type Process } from '../support/virtualTime';

/** Decides which jobs get an event stream if there are more jobs than streams. The tests run in virtual time. */

const MOST = 40;

class World {
	readonly process: Process = newProcess();
	/** Jobs with open streams, in the order they were opened. */
	readonly open: string[] = [];
	requests = 0;
	mostOpen = 0;
	/** The number of streams that the provider allows at the same time. */
	allowed = Infinity;
	/** A proxy holds back the answer until the stream ends. After a minute, the request counts as lost. */
	heldBack = false;
	readonly expected: { [kind: string]: number } = {};
	private readonly ends = new Map<string, () => void>();

	feed(heard: (requestId: string) => void = () => undefined): Feed {
		const http = { authenticatedEvents: async (request) => this.stream(request) } as Partial<Http> as Http;
		const wire = { http, endpoints: FAL_ENDPOINTS, clock: this.process, statusQuery: {} };
		const reads = pacedReads(this.process, 'test');
		return openStatusStreams(wire, reads, heard, (kind) => this.expected[kind]);
	}

	/** The provider reports that the job has ended. */
	end = (requestId: string) => this.ends.get(requestId)?.();

	private async stream({ url, signal }: Parameters<Http['authenticatedEvents']>[0]) {
		this.requests++;
		if (this.heldBack) {
			await this.process.sleep(60_000, signal);
			return { answered: false, reason: 'broken', why: 'tookTooLong' } as const;
		}
		const requestId = /requests\/([^/]+)/.exec(url)![1];
		const refused = this.open.length >= this.allowed;
		const { open, ends } = this;
		if (!refused) open.push(requestId);
		this.mostOpen = Math.max(this.mostOpen, open.length);
		async function* events() {
			yield { event: 'message', data: '{"status":"IN_PROGRESS"}' };
			const hasEnded = await new Promise<boolean>((resolve) => {
				ends.set(requestId, () => resolve(true));
				if (signal!.aborted) resolve(false);
				signal!.addEventListener('abort', () => resolve(false));
			});
			open.splice(open.indexOf(requestId), 1);
			if (hasEnded) yield { event: 'message', data: '{"status":"COMPLETED"}' };
		}
		return {
			answered: true,
			status: refused ? 429 : 200,
			headers: { 'content-type': 'text/event-stream' },
			body: Object.assign(events(), { destroy: () => undefined }),
		} as Awaited<ReturnType<Http['authenticatedEvents']>>;
	}
}

const jobOf = (requestId: string, submittedAt = 1): Job => ({ provider: 'fal', requestId, submittedAt });

function add(feed: Feed, prefix: string, count: number, kind = ''): void {
	for (let index = 0; index < count; index++) feed.add(jobOf(`${prefix}${index}`), kind);
}

test('limits the number of streams of a process, regardless of the number of executions and jobs', async () => {
	const world = new World();
	await runIn(world.process, async () => {
		const feeds = ['a', 'b', 'c'].map((name) => ({ name, feed: world.feed() }));
		feeds.forEach(({ feed, name }) => add(feed, name, 100));
		await world.process.sleep(5_000);
		expect(world.open).toHaveLength(MOST);
		expect(world.mostOpen).toBeLessThanOrEqual(MOST);
		feeds.forEach(({ feed }) => feed.close());
		await world.process.sleep(1_000);
		expect(world.open).toEqual([]);
	});
});

test('gives a stream to an execution with one job even if a large execution uses all streams', async () => {
	const world = new World();
	await runIn(world.process, async () => {
		const lost: string[] = [];
		const large = world.feed((requestId) => lost.push(requestId));
		add(large, 'large', 100);
		await world.process.sleep(5_000);
		lost.length = 0;
		const small = world.feed();
		add(small, 'small', 1);
		await world.process.sleep(1_000);
		expect(small.covers('small0')).toBe(true);
		expect(world.open).toHaveLength(MOST);
		// The job that lost its stream is reported, so that its polls are scheduled again.
		expect(lost).toHaveLength(1);
		expect(large.covers(lost[0])).toBe(false);
	});
});

test('gives a free stream to the job that should end soonest', async () => {
	const world = new World();
	Object.assign(world.expected, { long: 600_000, short: 60_000 });
	await runIn(world.process, async () => {
		const feed = world.feed();
		add(feed, 'long', MOST + 10, 'long');
		add(feed, 'short', 3, 'short');
		await world.process.sleep(5_000);
		feed.remove('long0');
		await world.process.sleep(1_000);
		expect(world.open.at(-1)).toBe('short0');
	});
});

test('gives the stream of an ended job to the next job', async () => {
	const world = new World();
	await runIn(world.process, async () => {
		const feed = world.feed((requestId) => {
			if (world.open.includes(requestId)) return;
			feed.remove(requestId);
		});
		add(feed, 'job', MOST + 1);
		await world.process.sleep(5_000);
		expect(feed.covers(`job${MOST}`)).toBe(false);
		world.end('job7');
		await world.process.sleep(5_000);
		expect(feed.covers(`job${MOST}`)).toBe(true);
	});
});

test('opens fewer streams if the provider refuses some', async () => {
	const world = new World();
	world.allowed = 10;
	await runIn(world.process, async () => {
		const feed = world.feed();
		add(feed, 'job', 300);
		await world.process.sleep(10 * 60_000);
		expect(world.open.length).toBeGreaterThan(5);
		// Each stream without events is tried three times. Meanwhile, the limit becomes lower.
		expect(world.requests).toBeLessThan(150);
	});
});

test('does not delay polls if a proxy holds back the answers of streams', async () => {
	const world = new World();
	world.heldBack = true;
	await runIn(world.process, async () => {
		const feed = world.feed();
		const { poll } = pacedReads(world.process, 'test');
		const { signal } = new AbortController();
		const read = async () => {
			await world.process.sleep(100);
			return { ok: true, value: undefined } as const;
		};
		for (let count = 0; count < 100; count++) await poll(signal, read);
		add(feed, 'job', 100);
		await world.process.sleep(1_000);
		const askedAt = world.process.now();
		await Promise.all(Array.from({ length: 100 }, async () => await poll(signal, read)));
		expect(world.process.now() - askedAt).toBeLessThan(10_000);
		feed.close();
	});
});

describe('at a provider that limits reads', () => {
	async function limited(world: World): Promise<Feed> {
		const { signal } = new AbortController();
		const refusal = { ok: false, transient: true, problem: { name: 'said', httpStatus: 429 } };
		await pacedReads(world.process, 'test').poll(signal, async () => refusal as Reading<unknown>);
		return world.feed();
	}

	test('a job that should have ended gets no stream, since only its result must be read', async () => {
		const world = new World();
		world.expected.known = 60_000;
		await runIn(world.process, async () => {
			const feed = await limited(world);
			const submittedAt = world.process.now();
			await world.process.sleep(70_000);
			feed.add(jobOf('due', submittedAt), 'known');
			feed.add(jobOf('new', world.process.now()), 'known again');
			await world.process.sleep(20_000);
			expect(world.open).toEqual(['new']);
			feed.close();
		});
	});

	test('a job that is not due gets a stream although an older job of its kind is due', async () => {
		const world = new World();
		world.expected.known = 60_000;
		await runIn(world.process, async () => {
			const feed = await limited(world);
			const submittedAt = world.process.now();
			await world.process.sleep(70_000);
			feed.add(jobOf('due', submittedAt), 'known');
			feed.add(jobOf('new', world.process.now()), 'known');
			await world.process.sleep(20_000);
			expect(world.open).toEqual(['new']);
			feed.close();
		});
	});

	test('a job gets a stream as long as it is not due', async () => {
		const world = new World();
		world.expected.known = 60_000;
		await runIn(world.process, async () => {
			const feed = await limited(world);
			feed.add(jobOf('new', world.process.now()), 'known');
			await world.process.sleep(20_000);
			expect(world.open).toEqual(['new']);
			feed.close();
		});
	});
});
