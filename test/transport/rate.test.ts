import { createRate, type Lane, type Verdict } from '../../nodes/LumaRay/transport/rate';
import { newProcess, runIn, type Process } from '../support/virtualTime';

/** A single rate in virtual time. Each test defines how the server answers. */

const LIMITS = { firstPerSecond: 100, mostPerSecond: 1_000, atOnce: 16 };

interface Server {
	/** The number of requests that the server answers per second. If absent, it answers all. */
	perSecond?: number;
	retryAfterMs?: number;
	/** Milliseconds until an answer. */
	takesMs?: (alreadySent: number) => number;
}

class Road {
	readonly process: Process = newProcess();
	private readonly begin = this.process.time.now;
	/** When requests were sent, and when refused requests were sent, in milliseconds. */
	readonly sentMs: number[] = [];
	readonly refusedMs: number[] = [];
	mostAtOnce = 0;
	private inFlight = 0;
	private answeredMs: number[] = [];
	readonly rate = createRate(this.process, LIMITS);
	readonly openLane = this.rate.openLane;

	constructor(readonly server: Server = {}) {}

	nowMs = () => this.process.time.now - this.begin;

	/** Sends one request when it is its turn. */
	async send(lane: Lane, options: { urgent?: boolean; signal?: AbortSignal } = {}): Promise<boolean> {
		const { signal = new AbortController().signal, urgent } = options;
		const request = async (): Promise<Verdict | undefined> => {
			if (signal.aborted) return undefined;
			const { perSecond = Infinity, retryAfterMs, takesMs = () => 50 } = this.server;
			const sentMs = this.nowMs();
			this.sentMs.push(sentMs);
			this.answeredMs = this.answeredMs.filter((at) => at > sentMs - 1_000);
			const refused = this.answeredMs.length >= perSecond;
			(refused ? this.refusedMs : this.answeredMs).push(sentMs);
			this.mostAtOnce = Math.max(this.mostAtOnce, ++this.inFlight);
			await this.process.sleep(takesMs(this.sentMs.length));
			this.inFlight--;
			return { refused, retryAfterMs: refused ? retryAfterMs : undefined };
		};
		const verdict = await lane(request, { signal, urgent, judge: (said) => said ?? { refused: false } });
		return verdict !== undefined && !verdict.refused;
	}

	/**
	 * Sends requests and repeats each one until it is answered.
	 * @returns milliseconds until the last answer
	 */
	async sendAll(count: number, lane = this.openLane()): Promise<number> {
		await Promise.all(
			Array.from({ length: count }, async () => {
				while (!(await this.send(lane)));
			}),
		);
		return this.nowMs();
	}
}

const run = async <T>(road: Road, work: () => Promise<T>) => await runIn(road.process, work);

test('sends more and more requests per second to a server without a limit, but few at the same time', async () => {
	const road = new Road({ takesMs: () => 5 });
	const tookMs = await run(road, async () => await road.sendAll(1_000));
	expect(tookMs).toBeLessThan(3_000);
	expect(road.mostAtOnce).toBeLessThanOrEqual(LIMITS.atOnce);
});

test.each([5, 20, 80])(
	"uses most of a server's limit of %i requests per second and is rarely refused",
	async (perSecond) => {
		const road = new Road({ perSecond });
		const count = perSecond * 20;
		const tookMs = await run(road, async () => await road.sendAll(count));
		expect(tookMs).toBeLessThan(1.3 * 20_000);
		// The requests that were in flight at the first refusal, and one more every few seconds.
		expect(road.refusedMs.length).toBeLessThan(LIMITS.atOnce + 8);
	},
);

test('counts as limited from the first refusal until the rate has recovered', async () => {
	const road = new Road({ perSecond: 20 });
	await run(road, async () => {
		expect(road.rate.isLimited()).toBe(false);
		await road.sendAll(100);
		expect(road.rate.isLimited()).toBe(true);
		road.server.perSecond = Infinity;
		await road.sendAll(5_000);
		expect(road.rate.isLimited()).toBe(false);
	});
});

test('sends nothing before the time given in a refusal', async () => {
	const road = new Road({ perSecond: 20, retryAfterMs: 3_000 });
	await run(road, async () => await road.sendAll(200));
	const [firstMs] = road.refusedMs;
	// Excludes requests that were in flight when the refusal arrived.
	const after = road.sentMs.filter((at) => at > firstMs + 50 && at < firstMs + 3_000);
	expect(after).toEqual([]);
});

test('pauses only once for simultaneous refusals with the same pause', async () => {
	const road = new Road({ perSecond: 2, retryAfterMs: 60_000 });
	await run(road, async () => {
		const all = Array.from({ length: 40 }, async () => await road.send(road.openLane()));
		await road.process.sleep(1_000);
		expect(road.refusedMs.length).toBeGreaterThan(1);
		const sent = road.sentMs.length;
		await Promise.all(all);
		expect(road.sentMs[sent]).toBeLessThan(62_000);
	});
});

test.each([
	{ what: 'ends even if no request is waiting', setByMs: 0 },
	{ what: 'ends on time if the clock is set back', setByMs: -3_600_000 },
])('the pause given in a refusal $what', async ({ setByMs }) => {
	const road = new Road({ perSecond: 1, retryAfterMs: 60_000 });
	await run(road, async () => {
		const lane = road.openLane();
		expect([await road.send(lane), await road.send(lane)]).toEqual([true, false]);
		await road.process.sleep(61_000);
		road.process.time.clockAheadMs = setByMs;
		const askedMs = road.nowMs();
		expect(await road.send(lane)).toBe(true);
		expect(road.nowMs() - askedMs).toBeLessThan(2_000);
	});
});

test('sends fewer requests while answers are slow and for a while after that', async () => {
	const road = new Road({ takesMs: (sent) => (sent > 300 && sent <= 400 ? 2_000 : 10) });
	await run(road, async () => await road.sendAll(600));
	const perSecond = (from: number) => 30_000 / (road.sentMs[from + 30] - road.sentMs[from]);
	expect(perSecond(420)).toBeLessThan(perSecond(260) / 2);
});

test('barely slows down if answers are slow for only a moment', async () => {
	const road = new Road({ takesMs: (sent) => (sent > 300 && sent <= 316 ? 2_000 : 10) });
	const tookMs = await run(road, async () => await road.sendAll(1_000));
	expect(tookMs).toBeLessThan(7_000);
});

test('sends a single request without waiting for the many requests of another sender', async () => {
	const road = new Road({ perSecond: 20 });
	await run(road, async () => {
		const large = road.sendAll(200);
		await road.process.sleep(2_000);
		const askedMs = road.nowMs();
		await road.sendAll(1);
		expect(road.nowMs() - askedMs).toBeLessThan(1_500);
		await large;
		expect(road.nowMs() - askedMs).toBeGreaterThan(5_000);
	});
});

test('sends an urgent request before other requests of the same sender', async () => {
	const road = new Road({ perSecond: 20 });
	await run(road, async () => {
		const lane = road.openLane();
		const rest = road.sendAll(200, lane);
		await road.process.sleep(2_000);
		const askedMs = road.nowMs();
		while (!(await road.send(lane, { urgent: true })));
		expect(road.nowMs() - askedMs).toBeLessThan(1_500);
		await rest;
	});
});

test('a Stop immediately clears the queue without sending the waiting requests', async () => {
	const road = new Road({ perSecond: 20, retryAfterMs: 60_000 });
	const stop = new AbortController();
	await run(road, async () => {
		const lane = road.openLane();
		const all = Array.from({ length: 300 }, async () => await road.send(lane, { signal: stop.signal }));
		await road.process.sleep(5_000);
		const sent = road.sentMs.length;
		stop.abort();
		await Promise.all(all);
		expect(road.nowMs()).toBe(5_000);
		expect(road.sentMs).toHaveLength(sent);
	});
});

test('a request that throws frees its slot', async () => {
	const road = new Road();
	const lane = road.openLane();
	const { signal } = new AbortController();
	const broken = async () => await Promise.reject(new Error('broken'));
	await run(road, async () => {
		for (let count = 0; count < 2 * LIMITS.atOnce; count++) {
			await expect(lane(broken, { signal, judge: () => ({ refused: false }) })).rejects.toThrow('broken');
		}
		expect(await road.send(lane)).toBe(true);
	});
});
