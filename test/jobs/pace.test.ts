import { createForecast } from '../../nodes/LumaRay/jobs/forecast';
import { nextPollMs, type PollState } from '../../nodes/LumaRay/jobs/pace';
import { systemClock, type Clock } from '../../nodes/LumaRay/transport/clock';

/** A clock whose random number is always 0.5, so that pauses can be predicted exactly. */
const clock: Clock = { ...systemClock, now: () => 0, random: () => 0.5 };

function seconds(state: Partial<PollState>): number {
	return nextPollMs({ ageMs: 0, covered: false, proven: false, ...state }, clock) / 1000;
}

/** The number of polls of a job that takes `jobSeconds`. */
function polls(jobSeconds: number, state: Partial<PollState> = {}): number {
	let count = 0;
	for (let age = seconds(state); age < jobSeconds; count++) age += seconds({ ...state, ageMs: age * 1000 });
	return count + 1;
}

test('polls a young job often and an old one rarely', () => {
	expect(seconds({ ageMs: 0 })).toBe(1);
	expect(seconds({ ageMs: 60_000 })).toBeCloseTo(7.2);
	expect(seconds({ ageMs: 3_600_000 })).toBe(15);
});

test('polls a job of 10 minutes at most 70 times, and less often behind a stream', () => {
	expect(polls(600)).toBeLessThanOrEqual(70);
	expect(polls(600, { covered: true })).toBeLessThanOrEqual(31);
	expect(polls(600, { covered: true, proven: true })).toBeLessThanOrEqual(6);
});

test('polls less often behind a stream that has reported an end', () => {
	expect(seconds({ covered: true })).toBe(20);
	expect(seconds({ covered: true, proven: true })).toBe(120);
	expect(seconds({ proven: true })).toBe(1);
});

test('uses the duration of earlier jobs to poll less often without noticing the end later', () => {
	expect(polls(120, { expectedMs: 120_000 })).toBeLessThan(polls(120) / 2);
	expect(seconds({ ageMs: 120_000, expectedMs: 120_000 })).toBeLessThan(seconds({ ageMs: 120_000 }));
	expect(seconds({ ageMs: 400_000, expectedMs: 120_000 })).toBe(15);
});

test('polls a job less often while other jobs of its kind are polled often', () => {
	expect(seconds({ ageMs: 1_000, spared: true })).toBe(15);
	expect(seconds({ ageMs: 1_000, spared: true, ownSeconds: 3 })).toBe(3);
});

test('uses the poll interval that the user set, even behind a stream', () => {
	expect(seconds({ ageMs: 500_000, ownSeconds: 3 })).toBe(3);
	expect(seconds({ covered: true, ownSeconds: 3 })).toBe(3);
});

test('forecasts the median of the latest jobs of the same kind', () => {
	const forecast = createForecast();
	expect(forecast.expected('540p 5s')).toBeUndefined();
	[10, 12, 400].forEach((ms) => forecast.learn('540p 5s', ms));
	forecast.learn('1080p 10s', 900);
	expect(forecast.expected('540p 5s')).toBe(12);
	Array.from({ length: 20 }, () => forecast.learn('540p 5s', 50));
	expect(forecast.expected('540p 5s')).toBe(50);
});

test('polls only the first jobs of a kind often until one of them has ended', () => {
	const forecast = createForecast();
	const notified: string[] = [];
	const isSpared = (id: string, kind = '540p 5s') => forecast.isSpared(kind, id, () => notified.push(id));
	const spared = Array.from({ length: 20 }, (_, index) => isSpared(`job ${index}`));
	expect(spared.filter(Boolean)).toHaveLength(4);
	expect(isSpared('job 19')).toBe(true);
	expect(isSpared('job 0')).toBe(false);
	expect(isSpared('of another kind', '1080p 10s')).toBe(false);
	// When a job is no longer followed, another one is polled often instead.
	forecast.leave('540p 5s', 'job 0');
	expect(isSpared('job 19')).toBe(false);
	forecast.leave('540p 5s', 'job 18');
	forecast.learn('540p 5s', 60_000);
	forecast.learn('540p 5s', 60_000);
	expect(notified).toEqual(['job 16', 'job 17']);
	expect(isSpared('job 17')).toBe(false);
});
