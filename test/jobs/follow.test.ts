import { createJobEvents } from '../../nodes/LumaRay/jobs/jobEvents';
import { followJob, type FollowResult } from '../../nodes/LumaRay/jobs/follow';
import { createForecast } from '../../nodes/LumaRay/jobs/forecast';
import type { Feed, Job, Outcome, Progress, Provider, Reading } from '../../nodes/LumaRay/providers/provider';
import { pacedReads } from '../../nodes/LumaRay/providers/rates';
import type { Clock } from '../../nodes/LumaRay/transport/clock';
import { Random } from '../../chaos/random';
import { Process, VirtualTime } from '../../chaos/time';

/** Follows one job in virtual time. Each test sets the provider's answers. */

const MINUTE = 60_000;
const VIDEO: Outcome = { status: 'succeeded', actualUsd: 0.5, raw: {} };
const GONE: Reading<Outcome> = {
	ok: false,
	transient: false,
	notFound: true,
	problem: { name: 'said', data: { provider: 'fal' }, said: 'No such request' },
};
const NOT_ENDED: Reading<Outcome> = { ok: false, transient: true, problem: { name: 'notEnded' } };

interface World {
	/** The phase of the job after this many seconds. */
	phaseAt: (seconds: number) => Progress['phase'];
	outcome: Reading<Outcome>;
	/** `notEnded` if absent. */
	outcomeBeforeEnd?: Reading<Outcome>;
	/**
	 * Seconds between two events of the stream, which never reports the end. If infinite, the stream reports nothing. If
	 * absent, there is no stream.
	 */
	reportsEvery?: number;
	pollIntervalSeconds?: number;
	/** Seconds after which the stream reports the end of another job of the run. */
	anotherEndsAt?: number;
	/** After `at` seconds, the clock is changed by `by` seconds. */
	clockSet?: { at: number; by: number };
	/** The number of other jobs' polls that are queued before each poll of this job. */
	othersInLine?: number;
	timeoutMinutes?: number;
	/** How long an earlier job of the same kind took. */
	earlierJobSeconds?: number;
	/** The provider limits reads. */
	limitsReads?: boolean;
}

/** A clock that can be changed while jobs are followed. Sleeps are not affected. */
function settable(process: Process, time: VirtualTime, set: World['clockSet']): Clock {
	const setAt = time.now + (set?.at ?? Infinity) * 1000;
	return {
		now: () => time.now + (time.now >= setAt ? set!.by * 1000 : 0),
		random: process.random,
		setAlarm: (ms, ring) => process.setAlarm(ms, ring),
		sleep: async (ms, ...signals) => await process.sleep(ms, ...signals),
	};
}

async function follow(
	world: World,
): Promise<{ followed: FollowResult; seconds: number; polls: number; outcomeReads: number }> {
	const time = new VirtualTime();
	const process = new Process(time, new Random(1));
	const clock = settable(process, time, world.clockSet);
	const startedAt = time.now;
	const seconds = () => (time.now - startedAt) / 1000;
	const job: Job = { provider: 'fal', requestId: 'job', submittedAt: startedAt };
	const jobEvents = createJobEvents(clock);
	let polls = 0;
	let outcomeReads = 0;
	const forecast = createForecast();
	if (world.earlierJobSeconds) forecast.learn('', world.earlierJobSeconds * 1000);
	const reads = pacedReads(clock, 'test');
	const answer = async (): Promise<Reading<Progress>> => ({
		ok: true,
		value: { phase: world.phaseAt(seconds()) },
	});
	const provider = {
		progress: async (_job: Job, signal: AbortSignal) => {
			for (let other = 0; other < (world.othersInLine ?? 0); other++) void reads.poll(signal, answer);
			return await reads.poll(signal, async () => {
				polls++;
				return await answer();
			});
		},
		outcome: async () => {
			outcomeReads++;
			return world.phaseAt(seconds()) === 'ended' ? world.outcome : (world.outcomeBeforeEnd ?? NOT_ENDED);
		},
		skipsStatus: () => world.limitsReads === true,
	} as Partial<Provider> as Provider;
	let followed: FollowResult | undefined;
	const report = () => {
		if (followed) return;
		if (world.phaseAt(seconds()) !== 'ended') jobEvents.emit('job', { phase: 'running' });
		time.at(time.now + world.reportsEvery! * 1000, report, process);
	};
	if (world.reportsEvery !== undefined && world.reportsEvery < Infinity) time.at(time.now, report, process);
	if (world.anotherEndsAt !== undefined) {
		time.at(
			startedAt + world.anotherEndsAt * 1000,
			() => jobEvents.emit('another', { phase: 'ended' }),
			process,
		);
	}
	void followJob(job, '', true, {
		provider,
		clock,
		jobEvents,
		feed: world.reportsEvery ? ({ covers: () => true } as Partial<Feed> as Feed) : undefined,
		signal: new AbortController().signal,
		inTime: new AbortController().signal,
		deadline: startedAt + (world.timeoutMinutes ?? 30) * MINUTE,
		pollIntervalSeconds: world.pollIntervalSeconds,
		forecast,
	}).then((end) => (followed = end));
	while (!followed && (await time.step()));
	return { followed: followed!, seconds: seconds(), polls, outcomeReads };
}

test('polls notice the end of a job if the stream does not report it', async () => {
	const phaseAt = (seconds: number) => (seconds < 20 ? 'running' : 'ended');
	const { followed, seconds } = await follow({
		phaseAt,
		outcome: { ok: true, value: VIDEO },
		reportsEvery: 5,
	});

	expect(followed).toMatchObject({ end: 'outcome' });
	expect(seconds).toBeLessThan(20 + 135);
});

test('trusts a stream only for a short time as long as it has not reported anything', async () => {
	const { seconds, polls } = await follow({
		phaseAt: (passed) => (passed < 130 ? 'running' : 'ended'),
		outcome: { ok: true, value: VIDEO },
		reportsEvery: Infinity,
	});

	expect(seconds).toBeLessThan(130 + 25);
	expect(polls).toBeLessThan(10);
});

test('trusts a stream for longer after it has reported on the job', async () => {
	const { seconds, polls } = await follow({
		phaseAt: (passed) => (passed < 600 ? 'running' : 'ended'),
		outcome: { ok: true, value: VIDEO },
		reportsEvery: 3_600,
	});

	expect(seconds).toBeLessThan(600 + 135);
	expect(polls).toBeLessThanOrEqual(7);
});

test('trusts a stream for longer after it has reported the end of another job', async () => {
	const { seconds, polls } = await follow({
		phaseAt: (passed) => (passed < 300 ? 'running' : 'ended'),
		outcome: { ok: true, value: VIDEO },
		reportsEvery: Infinity,
		anotherEndsAt: 5,
	});

	expect(seconds).toBeLessThan(300 + 135);
	expect(polls).toBeLessThanOrEqual(5);
});

describe('when the clock is changed while a job is followed', () => {
	const HOUR = 3_600;

	test.each([
		['back by an hour', -HOUR],
		['forward by an hour', HOUR],
	])('polls and notices the end on time (clock set %s)', async (_how, by) => {
		const { followed, seconds } = await follow({
			phaseAt: (passed) => (passed < 60 ? 'running' : 'ended'),
			outcome: { ok: true, value: VIDEO },
			reportsEvery: Infinity,
			clockSet: { at: 30, by },
		});

		expect(followed).toMatchObject({ end: 'outcome' });
		expect(seconds).toBeLessThan(60 + 25);
	});

	test('does not delay the queue of polls when the clock is set back by an hour', async () => {
		const { seconds } = await follow({
			phaseAt: (passed) => (passed < 60 ? 'running' : 'ended'),
			outcome: { ok: true, value: VIDEO },
			pollIntervalSeconds: 1,
			// Each round takes about a second in the queue, so the clock changes while this job waits in it.
			othersInLine: 200,
			clockSet: { at: 30, by: -HOUR },
		});

		expect(seconds).toBeLessThan(60 + 10);
	});

	test.each([
		['back', -HOUR],
		['forward', HOUR],
	])('keeps the length of Timeout when the clock is set %s by an hour', async (_how, by) => {
		const { followed, seconds } = await follow({
			phaseAt: () => 'running',
			outcome: GONE,
			clockSet: { at: 33, by },
			timeoutMinutes: 10,
		});

		expect(followed).toMatchObject({ end: 'timeout' });
		expect(seconds).toBeGreaterThan(9.5 * 60);
		expect(seconds).toBeLessThan(10.5 * 60);
	});
});

test('uses the poll interval that the user set, regardless of the stream’s events', async () => {
	const { seconds, polls } = await follow({
		phaseAt: (passed) => (passed < 35 ? 'running' : 'ended'),
		outcome: { ok: true, value: VIDEO },
		reportsEvery: 3,
		pollIntervalSeconds: 10,
	});

	expect(polls).toBe(4);
	expect(seconds).toBe(40);
});

test('stops waiting before the deadline if the result of an ended job no longer exists', async () => {
	const { followed, seconds } = await follow({ phaseAt: () => 'ended', outcome: GONE });

	expect(followed).toEqual({
		end: 'unreadable',
		problem: { name: 'said', data: { provider: 'fal' }, said: 'No such request' },
	});
	expect(seconds).toBeLessThan(5 * 60);
});

test('waits for a result that the provider cannot find at first', async () => {
	let misses = 2;
	const { followed } = await follow({
		phaseAt: () => 'ended',
		get outcome() {
			return misses-- > 0 ? GONE : { ok: true as const, value: VIDEO };
		},
	});

	expect(followed).toMatchObject({ end: 'outcome' });
});

test.each([429, 503])(
	'waits for the result until the deadline if the provider answers %i',
	async (httpStatus) => {
		const refused = { ok: false, transient: true, problem: { ...GONE.problem, httpStatus } } as const;
		let reads = 0;
		const { followed, seconds } = await follow({
			phaseAt: (passed) => (passed < 20 ? 'running' : 'ended'),
			// Ends the test even if the follower never stops.
			get outcome() {
				return ++reads > 100 ? { ok: true as const, value: VIDEO } : refused;
			},
			timeoutMinutes: 2,
		});

		expect(followed).toMatchObject({ end: 'timeout' });
		expect(seconds).toBe(120);
		expect(reads).toBeLessThan(20);
	},
);

describe('a job that should have ended, at a provider that limits reads', () => {
	const ENDS_AFTER = 60;
	const limited: World = {
		phaseAt: (passed) => (passed < ENDS_AFTER ? 'running' : 'ended'),
		outcome: { ok: true, value: VIDEO },
		earlierJobSeconds: ENDS_AFTER,
		limitsReads: true,
	};

	test('needs no status check once it is due', async () => {
		const { followed, polls, outcomeReads } = await follow(limited);
		const usual = await follow({ ...limited, limitsReads: false });

		expect(followed).toEqual(usual.followed);
		expect(polls + outcomeReads).toBe(usual.polls + usual.outcomeReads - 1);
	});

	test('is polled until it ends if it takes longer than expected', async () => {
		const { followed, seconds, polls } = await follow({ ...limited, earlierJobSeconds: 20 });

		expect(followed).toMatchObject({ end: 'outcome' });
		expect(seconds).toBeLessThan(ENDS_AFTER + 15);
		expect(polls).toBeLessThan(5);
	});

	test('is not read without pauses if the provider contradicts itself about its end', async () => {
		let reads = 0;
		const { followed, outcomeReads } = await follow({
			...limited,
			get outcome() {
				reads++;
				// At first, the result cannot be read. Then it says that the job has not ended, unlike the status.
				if (reads > 2) return reads > 500 ? { ok: true as const, value: VIDEO } : NOT_ENDED;
				return { ok: false as const, transient: true, problem: { ...GONE.problem, httpStatus: 500 } };
			},
			timeoutMinutes: 5,
		});

		expect(followed).toMatchObject({ end: 'timeout' });
		expect(outcomeReads).toBeLessThan(60);
	});

	test('reports the last known phase if it takes too long', async () => {
		const { followed } = await follow({ ...limited, phaseAt: () => 'queued', timeoutMinutes: 2 });

		expect(followed).toEqual({ end: 'timeout', status: 'queued' });
	});

	test.each<{ what: string; answer: Reading<Outcome> }>([
		{ what: 'does not know it', answer: GONE },
		{ what: 'says that it failed', answer: { ok: true, value: { ...VIDEO, status: 'failed' } } },
		{ what: 'names no video', answer: { ok: true, value: { ...VIDEO, problem: GONE.problem } } },
	])(
		'is still followed if the answer for its result $what before its status says that it ended',
		async ({ answer }) => {
			const { followed, seconds } = await follow({
				...limited,
				earlierJobSeconds: 20,
				outcomeBeforeEnd: answer,
			});

			expect(followed).toMatchObject({ end: 'outcome', outcome: VIDEO });
			expect(seconds).toBeGreaterThanOrEqual(ENDS_AFTER);
		},
	);
});
