import { createBells } from '../../nodes/LumaRay/jobs/bells';
import { followJob, type Followed } from '../../nodes/LumaRay/jobs/follow';
import { createForecast } from '../../nodes/LumaRay/jobs/forecast';
import type { Feed, Job, Outcome, Progress, Provider, Reading } from '../../nodes/LumaRay/providers/provider';
import { Random } from '../chaos/random';
import { Process, VirtualTime } from '../chaos/time';

/** Following one job on virtual time, at a provider that answers as a test wants. */

const MINUTE = 60_000;
const VIDEO: Outcome = { status: 'succeeded', actualUsd: 0.5, raw: {} };
const GONE: Reading<Outcome> = {
	ok: false,
	passing: false,
	notFound: true,
	problem: { message: 'No such request' },
};

interface World {
	/** How the job stands after so many seconds. */
	phaseAt: (seconds: number) => Progress['phase'];
	outcome: Reading<Outcome>;
	/** Seconds between two reports of the stream, which never tells the end; absent where there is no stream. */
	reportsEvery?: number;
	pollIntervalSeconds?: number;
}

async function follow(world: World): Promise<{ followed: Followed; seconds: number; looks: number }> {
	const time = new VirtualTime();
	const clock = new Process(time, new Random(1));
	const startedAt = time.now;
	const seconds = () => (time.now - startedAt) / 1000;
	const job: Job = { provider: 'fal', requestId: 'job', submittedAt: startedAt };
	const bells = createBells(clock);
	let looks = 0;
	const provider = {
		progress: async (): Promise<Reading<Progress>> => {
			looks++;
			return { ok: true, value: { phase: world.phaseAt(seconds()) } };
		},
		outcome: async () => world.outcome,
	} as Partial<Provider> as Provider;
	let followed: Followed | undefined;
	const report = () => {
		if (followed) return;
		if (world.phaseAt(seconds()) !== 'ended') bells.ring('job', { phase: 'running' });
		time.at(time.now + world.reportsEvery! * 1000, report, clock);
	};
	if (world.reportsEvery) time.at(time.now, report, clock);
	void followJob(job, '', true, {
		provider,
		clock,
		bells,
		feed: world.reportsEvery ? ({ covers: () => true } as Partial<Feed> as Feed) : undefined,
		turn: async () => undefined,
		signal: new AbortController().signal,
		deadline: startedAt + 30 * MINUTE,
		pollIntervalSeconds: world.pollIntervalSeconds,
		forecast: createForecast(),
	}).then((end) => (followed = end));
	while (!followed && (await time.step()));
	return { followed: followed!, seconds: seconds(), looks };
}

test('a stream that talks and loses the end is found out by the poll behind it', async () => {
	const phaseAt = (seconds: number) => (seconds < 20 ? 'running' : 'ended');
	const { followed, seconds } = await follow({
		phaseAt,
		outcome: { ok: true, value: VIDEO },
		reportsEvery: 5,
	});

	expect(followed).toMatchObject({ end: 'outcome' });
	expect(seconds).toBeLessThan(3 * 60);
});

test('an interval that the person set holds, however often the stream reports', async () => {
	const { seconds, looks } = await follow({
		phaseAt: (passed) => (passed < 35 ? 'running' : 'ended'),
		outcome: { ok: true, value: VIDEO },
		reportsEvery: 3,
		pollIntervalSeconds: 10,
	});

	expect(looks).toBe(4);
	expect(seconds).toBe(40);
});

test('nobody waits until the deadline for the result of a job that has ended and is gone', async () => {
	const { followed, seconds } = await follow({ phaseAt: () => 'ended', outcome: GONE });

	expect(followed).toEqual({ end: 'untold', problem: { message: 'No such request' } });
	expect(seconds).toBeLessThan(5 * 60);
});

test('a job that a provider loses sight of for a while is waited for', async () => {
	let misses = 2;
	const { followed } = await follow({
		phaseAt: () => 'ended',
		get outcome() {
			return misses-- > 0 ? GONE : { ok: true as const, value: VIDEO };
		},
	});

	expect(followed).toMatchObject({ end: 'outcome' });
});
