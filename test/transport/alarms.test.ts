import { getEventListeners } from 'node:events';

import { endingWith, onAbort } from '../../nodes/LumaRay/transport/abort';
import { setAlarm } from '../../nodes/LumaRay/transport/alarms';
import { systemClock } from '../../nodes/LumaRay/transport/clock';

/** The timers and signals of requests: thousands of them are open at the same time. */

describe('alarms', () => {
	test('ring in the order of their times, regardless of when they were set', async () => {
		const rung: number[] = [];
		const times = [60, 20, 40, 0, 20];
		await Promise.all(
			times.map(
				async (ms) =>
					await new Promise<void>((resolve) => {
						setAlarm(ms, () => {
							rung.push(ms);
							resolve();
						});
					}),
			),
		);
		expect(rung).toEqual([0, 20, 20, 40, 60]);
	});

	test('do not ring before their time', async () => {
		const setAt = performance.now();
		await new Promise<void>((resolve) => setAlarm(1_200, resolve));
		expect(performance.now() - setAt).toBeGreaterThanOrEqual(1_200);
	});

	test('do not ring after they are cancelled, even if they are due', async () => {
		const rung: string[] = [];
		const cancels: Array<() => void> = [];
		setAlarm(5, () => cancels.forEach((cancel) => cancel()));
		cancels.push(setAlarm(5.1, () => rung.push('due')));
		// Both are due when the process looks at them again.
		const busyUntil = performance.now() + 20;
		while (performance.now() < busyUntil);
		await systemClock.sleep(60);
		expect(rung).toEqual([]);
	});

	test('all ring although one of them throws', async () => {
		const reported: unknown[] = [];
		const listeners = process.listeners('unhandledRejection');
		process.removeAllListeners('unhandledRejection');
		process.once('unhandledRejection', (error) => reported.push(error));
		const bad = new Error('a bad alarm');
		// The first alarm, so that no later one has a sleep of its own.
		setAlarm(5, () => {
			throw bad;
		});
		const others = [5.1, 60].map(async (ms) => await new Promise<void>((resolve) => setAlarm(ms, resolve)));
		await Promise.all(others);
		listeners.forEach((listener) => process.on('unhandledRejection', listener));
		expect(reported).toEqual([bad]);
	});

	test('ring at once if their time is not a number, like the timers of Node.js', async () => {
		const rung: string[] = [];
		const cancel = setAlarm(NaN, () => rung.push('no time'));
		await new Promise<void>((resolve) => setAlarm(30, resolve));
		cancel();
		expect(rung).toEqual(['no time']);
	});
});

describe('a sleep', () => {
	test('ends immediately when one of its signals aborts', async () => {
		const [first, second] = [new AbortController(), new AbortController()];
		const sleeping = systemClock.sleep(3_600_000, first.signal, undefined, second.signal);
		second.abort('over');
		await sleeping;
	});

	test('with an aborted signal ends immediately', async () => {
		await systemClock.sleep(3_600_000, AbortSignal.abort());
	});
});

describe('many waits with one signal', () => {
	test('add one listener to it', async () => {
		const { signal } = new AbortController();
		for (let count = 0; count < 100; count++) onAbort(signal, () => undefined);
		expect(getEventListeners(signal, 'abort')).toHaveLength(1);
	});

	test('leave no listener when they are over, because Node.js would keep a combined signal forever', () => {
		const signal = AbortSignal.any([new AbortController().signal]);
		const takeBack = [onAbort(signal, () => undefined), onAbort(signal, () => undefined)];
		takeBack.forEach((one) => one());
		expect(getEventListeners(signal, 'abort')).toEqual([]);
	});

	test('all end when it aborts, even if earlier waits are over', () => {
		const controller = new AbortController();
		const told: string[] = [];
		const takeBack = onAbort(controller.signal, () => told.push('over'));
		takeBack();
		onAbort(controller.signal, () => told.push('waits'));
		takeBack();
		controller.abort('stopped');
		expect(told).toEqual(['waits']);
	});

	test('all end when it aborts, except cancelled ones', () => {
		const controller = new AbortController();
		const told: string[] = [];
		onAbort(controller.signal, () => told.push('first'));
		const takeBack = onAbort(controller.signal, () => told.push('second'));
		onAbort(controller.signal, () => told.push('third'));
		takeBack();
		controller.abort('stopped');
		onAbort(controller.signal, () => told.push('late'));
		expect(told).toEqual(['first', 'third', 'late']);
	});
});

describe('the signal of a request', () => {
	test('aborts with its parent until the request is released', () => {
		const parent = new AbortController();
		const [open, released] = [endingWith(parent.signal), endingWith(parent.signal)];
		released.release();
		parent.abort('stopped');
		expect([open.signal.aborted, released.signal.aborted]).toEqual([true, false]);
	});

	test('does not abort its parent if only the request ends', () => {
		const parent = new AbortController();
		const ending = endingWith(parent.signal);
		ending.end('tookTooLong');
		expect([ending.signal.aborted, parent.signal.aborted]).toEqual([true, false]);
	});
});
