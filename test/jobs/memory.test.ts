import type { FileSource } from '../../nodes/LumaRay/models/files';
import type { Order } from '../../nodes/LumaRay/providers/provider';
import {
	lostParts,
	orderKey,
	unpaidOf,
	type Parking,
	type RememberedSubmission,
} from '../../nodes/LumaRay/jobs/memory';
import type { Json } from '../../nodes/LumaRay/providers/provider';
import { jobOf, memoryOf, orderOf, saved, VIDEO, said } from './support';

const JOB: RememberedSubmission = { result: 'accepted', jobs: [jobOf('job')] };
const OPEN: RememberedSubmission = { result: 'open', sentAt: 7, problem: said('No answer') };
const PARKING: Parking = { since: 1, ended: [], bad: [] };
const KEY = '0:order';

describe('the memory of a run', () => {
	test('is separate for each run of a node', () => {
		const context = {};
		memoryOf(context, { run: '0' }).keep(KEY, JOB);

		expect(memoryOf(context, { run: '1' }).recall(KEY)).toBeUndefined();
		expect(memoryOf(context, { run: '0' }).recall(KEY)).toEqual(JOB);
	});

	test('is cleared without affecting other runs', () => {
		const context = {};
		const [one, other] = ['0', '1'].map((run) => memoryOf(context, { run }));
		one.keep(KEY, JOB);
		other.keep(KEY, JOB);
		one.clear();

		expect(one.recall(KEY)).toBeUndefined();
		expect(one.jobs()).toEqual([]);
		expect(other.recall(KEY)).toEqual(JOB);
	});

	test('is kept after the run has ended', () => {
		const context = {};
		const memory = memoryOf(context);
		memory.keep(KEY, JOB);
		memory.close();

		expect(memoryOf(context).recall(KEY)).toEqual(JOB);
	});

	test('is separate for each node', () => {
		memoryOf({}).keep(KEY, JOB);
		expect(memoryOf({}).recall(KEY)).toBeUndefined();
	});
});

describe('a tool call', () => {
	const ARGUMENTS = [{ provider: 'fal' }, { prompt: 'A tiger' }];

	interface Left {
		parameters?: unknown;
		jobs?: boolean;
		isOpen?: boolean;
		isParked?: boolean;
	}

	/** Simulates an earlier call, and returns what a second call with ARGUMENTS finds. */
	function found({ parameters = ARGUMENTS, jobs = true, isOpen, isParked }: Left, isToolCall = true) {
		const context: Json = {};
		const first = memoryOf(context, { run: 'first', parameters, isToolCall: true });
		first.keepOrder(0, KEY, orderOf());
		if (jobs) first.keep(KEY, JOB);
		if (isParked) first.park(PARKING);
		if (!isOpen) first.close();
		const second = memoryOf(context, { run: 'second', parameters: ARGUMENTS, isToolCall });
		return { context, first, second, adopted: second.recall(KEY) !== undefined };
	}

	test('resumes the undelivered job of an identical call', () => {
		const { first, second } = found({});
		expect(second.recall(KEY)).toEqual(JOB);
		expect(second.orderOf(0)).toMatchObject({ key: KEY, input: orderOf().input });
		expect(first.recall(KEY)).toBeUndefined();
	});

	test('also resumes an unanswered submit', () => {
		const context = {};
		const first = memoryOf(context, { run: 'first', isToolCall: true });
		first.keepOrder(0, KEY, orderOf());
		first.keep(KEY, OPEN);
		first.close();
		expect(memoryOf(context, { run: 'second', isToolCall: true }).recall(KEY)).toEqual(OPEN);
	});

	test.each<[string, Left]>([
		['is still running', { isOpen: true }],
		['is parked', { isParked: true }],
		['had other arguments', { parameters: [{ provider: 'fal' }, { prompt: 'A lion' }] }],
		['had other parameters', { parameters: [{ provider: 'oxen' }, { prompt: 'A tiger' }] }],
		['paid for nothing', { jobs: false }],
	])('does not resume a call that %s', (_what, left) => {
		const { context, second, adopted } = found(left);
		expect(adopted).toBe(false);
		expect(second.orderOf(0)).toBeUndefined();
		expect(Object.keys(context.lumaRayRuns as object)).toEqual(['first']);
	});

	test('does not resume a call that delivered its video', () => {
		const context = {};
		const first = memoryOf(context, { run: 'first', isToolCall: true });
		first.keepOrder(0, KEY, orderOf());
		first.keep(KEY, JOB);
		first.clear();
		first.close();
		expect(memoryOf(context, { run: 'second', isToolCall: true }).recall(KEY)).toBeUndefined();
	});

	test('resumes each job only once', () => {
		const { context } = found({});
		const third = memoryOf(context, { run: 'third', parameters: ARGUMENTS, isToolCall: true });
		expect(third.recall(KEY)).toBeUndefined();
	});

	test('resumes one of two identical calls, and the next call resumes the other one', () => {
		const context = {};
		for (const run of ['first', 'second'])
			memoryOf(context, { run, isToolCall: true }).keepOrder(0, KEY, orderOf());
		const [first, second] = ['first', 'second'].map((run) => memoryOf(context, { run }));
		first.keep(KEY, { result: 'accepted', jobs: [jobOf('one')] });
		second.keep(KEY, { result: 'accepted', jobs: [jobOf('two')] });
		[first, second].forEach((memory) => memory.close());
		const resumed = ['third', 'fourth'].flatMap((run) =>
			memoryOf(context, { run, isToolCall: true }).requestIds(),
		);
		expect(resumed).toEqual(['one', 'two']);
	});

	test('resumes a call after a crash, because n8n does not save which calls are active', () => {
		const context: Json = {};
		const first = memoryOf(context, { run: 'first', isToolCall: true });
		first.keepOrder(0, KEY, orderOf());
		first.keep(KEY, JOB);
		expect(memoryOf(saved(context), { run: 'second', isToolCall: true }).recall(KEY)).toEqual(JOB);
	});

	test('is not resumed by a run of the node in the workflow', () => {
		expect(found({}, false).adopted).toBe(false);
	});
});

describe('the saved order of an item', () => {
	test('is kept while the node’s parameters stay the same', () => {
		const context = {};
		const order = orderOf('A tiger at 10:00', { priority: 'low' });
		memoryOf(context, { parameters: ['={{ $now }}'] }).keepOrder(3, KEY, order);

		const later = memoryOf(context, { parameters: ['={{ $now }}'] });
		expect(later.orderOf(3)).toEqual({ key: KEY, ...order });
		expect(later.orderOf(2)).toBeUndefined();
	});

	test('is dropped if the parameters have changed', () => {
		const context = {};
		memoryOf(context, { parameters: ['A tiger'] }).keepOrder(0, KEY, orderOf());
		expect(memoryOf(context, { parameters: ['A lion'] }).orderOf(0)).toBeUndefined();
	});

	test('is kept while the run is parked, even if the parameters change', () => {
		const context = {};
		const memory = memoryOf(context, { parameters: ['A tiger'] });
		memory.keepOrder(0, KEY, orderOf());
		memory.park(PARKING);
		const woken = memoryOf(context, { parameters: ['A lion'] });
		expect(woken.orderOf(0)).toMatchObject({ key: KEY });
		woken.unpark();
		expect(woken.orderOf(0)).toBeUndefined();
	});

	test('does not contain the content of its file', () => {
		const stored = { field: 'data', fileName: 'a.png', mimeType: 'image/png', identity: 'file', bytes: 7 };
		const open = async () => Buffer.alloc(7);
		const { input, ...order } = orderOf();
		const memory = memoryOf();
		const inFile = { ...input, imageUrl: { ...stored, open, read: open } };
		memory.keepOrder(0, KEY, { ...order, input: inFile, webhookUrl: 'https://n8n.example.com' });
		expect(memory.orderOf(0)).toEqual({ ...order, key: KEY, input: { ...input, imageUrl: stored } });
	});

	test('has a key that depends on provider, item, input, image and options', () => {
		const withImage = (imageUrl: string | FileSource) => ({
			...orderOf(),
			input: { ...orderOf().input, imageUrl },
		});
		const other = withImage('https://images.example.com/lion.png');
		const inFile = (identity: string) => withImage({ identity } as FileSource);
		const keys = [
			orderKey('fal', 0, orderOf()),
			orderKey('oxen', 0, orderOf()),
			orderKey('fal', 1, orderOf()),
			orderKey('fal', 0, orderOf('A lion')),
			orderKey('fal', 0, orderOf('A tiger', { generations: 2 })),
			orderKey('fal', 0, other),
			orderKey('fal', 0, inFile('one')),
			orderKey('fal', 0, inFile('two')),
		];
		expect(new Set(keys).size).toBe(keys.length);
		const asked = { ...orderOf().input, loop: undefined, referenceImageUrls: [] };
		delete asked.loop;
		expect(orderKey('fal', 0, { ...orderOf(), input: asked })).toBe(keys[0]);
		expect(orderKey('fal', 0, { ...orderOf(), webhookUrl: 'https://n8n.example.com' } as Order)).toBe(
			keys[0],
		);
		expect(orderKey('fal', 0, saved({ order: inFile('one') }).order as never)).toBe(keys[6]);
	});
});

describe('failed jobs', () => {
	const [one, two, three] = ['one', 'two', 'three'].map((id) => jobOf(id));
	const whole = { key: KEY, order: orderOf('A tiger', { generations: 3, priority: 'low' }) };

	test('are forgotten, so that a retry submits again, but their request IDs are kept', () => {
		const memory = memoryOf();
		memory.keep(KEY, { result: 'accepted', jobs: [one] });
		memory.forget(KEY, [one]);
		expect(memory.recall(KEY)).toBeUndefined();
		expect(memory.jobs()).toEqual([]);
		expect(memory.requestIds()).toEqual(['one']);
		expect(unpaidOf(memory, whole)).toEqual([whole.order]);
	});

	test('get a new order each, and the other videos of the order are kept', () => {
		const memory = memoryOf();
		memory.keep(KEY, { result: 'accepted', jobs: [one, two, three] });
		expect(unpaidOf(memory, whole)).toEqual([]);
		memory.forget(KEY, [two]);
		expect(memory.recall(KEY)).toEqual({ result: 'accepted', jobs: [one, three], lost: 1 });
		memory.forget(KEY, [one]);

		const parts = lostParts(whole, memory.recall(KEY) as { lost: number });
		expect(parts.map(({ key }) => key)).toEqual([`${KEY}/0`, `${KEY}/1`]);
		for (const { order } of parts) {
			expect(order).toEqual({ ...whole.order, options: { generations: 1, priority: 'low' } });
		}
		expect(unpaidOf(memory, whole)).toEqual(parts.map(({ order }) => order));
		memory.keep(`${KEY}/0`, { result: 'accepted', jobs: [jobOf('four')] });
		memory.keep(`${KEY}/1`, OPEN);
		expect(unpaidOf(memory, whole)).toEqual([]);
	});

	test('are ordered again one by one if all videos of an order failed', () => {
		const memory = memoryOf();
		memory.keep(KEY, { result: 'accepted', jobs: [one, two] });
		memory.forget(KEY, [one]);
		memory.forget(KEY, [two]);
		expect(memory.recall(KEY)).toEqual({ result: 'accepted', jobs: [], lost: 2 });
		expect(unpaidOf(memory, whole)).toHaveLength(2);
	});

	test('can be forgotten after the execution was saved and loaded', () => {
		const context: Json = {};
		memoryOf(context).keep(KEY, { result: 'accepted', jobs: [one, two] });
		const later = memoryOf(saved(context));
		later.forget(KEY, [later.jobs()[0].job]);
		expect(later.recall(KEY)).toEqual({ result: 'accepted', jobs: [two], lost: 1 });
	});

	test('do not affect an unanswered submit of the same order', () => {
		const memory = memoryOf();
		memory.keep(KEY, OPEN);
		memory.forget(KEY, [one]);
		expect(memory.recall(KEY)).toEqual(OPEN);
		expect(unpaidOf(memory, whole)).toEqual([]);
	});
});

describe('the list of unfinished jobs', () => {
	test('contains the jobs of all items with their keys, but no unknown jobs and none with an outcome', () => {
		const memory = memoryOf();
		memory.keep('0:a', { result: 'accepted', jobs: [jobOf('one'), jobOf('two')] });
		memory.keep('12:b', { result: 'accepted', jobs: [jobOf('three')] });
		memory.keep('13:c', OPEN);
		memory.keep('14:d', { result: 'accepted', jobs: [jobOf('four')], outcomes: [VIDEO] });
		expect(memory.jobs()).toEqual([
			{ index: 0, key: '0:a', job: jobOf('one') },
			{ index: 0, key: '0:a', job: jobOf('two') },
			{ index: 12, key: '12:b', job: jobOf('three') },
		]);
		expect(memory.requestIds()).toEqual(['one', 'two', 'three', 'four']);
	});
});

describe('saved outcomes', () => {
	const NAMES = ['job', '__proto__', 'constructor', 'toString', 'hasOwnProperty', ''];

	test.each(NAMES)('are found only by the ID of their job (%j)', (requestId) => {
		const context: Json = {};
		const memory = memoryOf(context);
		for (const name of NAMES) expect(memory.outcomeOf(name)).toBeUndefined();
		memory.keepOutcome(requestId, VIDEO);
		for (const known of [memory, memoryOf(saved(context))]) {
			for (const name of NAMES) expect(known.outcomeOf(name)).toEqual(name === requestId ? VIDEO : undefined);
		}
		expect(({} as { video?: unknown }).video).toBeUndefined();
	});

	test.each(NAMES)(
		'a job with the ID %j is kept until it is forgotten, and its ID stays known',
		(requestId) => {
			const memory = memoryOf();
			const job = jobOf(requestId);
			memory.keep(`0:${requestId}`, { result: 'accepted', jobs: [job] });
			expect(memory.jobs()).toEqual([{ index: 0, key: `0:${requestId}`, job }]);
			memory.forget(`0:${requestId}`, [job]);
			expect(memory.recall(`0:${requestId}`)).toBeUndefined();
			expect(memory.requestIds()).toEqual([requestId]);
		},
	);

	test('do not include outcomes without a video, because the provider may report another one later', () => {
		const memory = memoryOf();
		memory.keepOutcome('job', { status: 'failed', actualUsd: null, raw: {} });
		expect(memory.outcomeOf('job')).toBeUndefined();
	});
});

describe('the tries of an execution', () => {
	const FAILURE = { problem: said('Refused') };

	test('are counted, together with the failure of each item', () => {
		const context = {};
		const memory = memoryOf(context);
		expect([memory.beginTry(), memory.beginTry()]).toEqual([1, 2]);
		memory.keepFailure(4, FAILURE);
		const later = memoryOf(context);
		expect(later.beginTry()).toBe(3);
		expect(later.failureOf(4)).toEqual(FAILURE);
		expect(later.failureOf(0)).toBeUndefined();
	});

	test('start again in a retry of the execution, which keeps the jobs', () => {
		const context = {};
		const memory = memoryOf(context, { execution: '1' });
		memory.beginTry();
		memory.keepFailure(0, FAILURE);
		memory.keep(KEY, JOB);
		const retry = memoryOf(context, { execution: '2' });
		expect(retry.failureOf(0)).toBeUndefined();
		expect(retry.beginTry()).toBe(1);
		expect(retry.recall(KEY)).toEqual(JOB);
	});
});

describe('the budget of all runs', () => {
	test('includes the cost of other runs, but not of this run', () => {
		const context = {};
		const [one, two] = ['one', 'two'].map((run) => memoryOf(context, { run }));
		expect(one.committedElsewhereUsd()).toBe(0);
		one.commitUsd(1.5);
		two.commitUsd(2);
		expect([one.committedElsewhereUsd(), two.committedElsewhereUsd()]).toEqual([2, 1.5]);
		expect(memoryOf(context, { run: 'three' }).committedElsewhereUsd()).toBe(3.5);
		one.commitUsd(1);
		expect(two.committedElsewhereUsd()).toBe(1);
		one.commitUsd(0);
		expect(two.committedElsewhereUsd()).toBe(0);
	});

	test('includes a run that has delivered and was cleared', () => {
		const context = {};
		const one = memoryOf(context, { run: 'one' });
		one.commitUsd(1.5);
		one.clear();
		one.close();
		expect(memoryOf(context, { run: 'two' }).committedElsewhereUsd()).toBe(1.5);
	});

	test('includes an identical call after its job was resumed', () => {
		const context = {};
		const one = memoryOf(context, { run: 'one', isToolCall: true });
		one.keepOrder(0, KEY, orderOf());
		one.keep(KEY, JOB);
		one.commitUsd(1.5);
		one.close();
		memoryOf(context, { run: 'two', isToolCall: true });
		expect(memoryOf(context, { run: 'three' }).committedElsewhereUsd()).toBe(1.5);
	});
});

describe('a parked run', () => {
	test('is resumed under any name that n8n gives to its next run', () => {
		const context: Json = {};
		const parked = memoryOf(context, { run: '0' });
		parked.keep(KEY, JOB);
		parked.park(PARKING);
		const woken = memoryOf(saved(context), { run: '3' });
		expect(woken.recall(KEY)).toEqual(JOB);
		expect(woken.parking()).toEqual(PARKING);
	});

	test('is not resumed by a run that has its own memory', () => {
		const context: Json = {};
		memoryOf(context, { run: '3' }).keep(KEY, OPEN);
		memoryOf(context, { run: '0' }).park(PARKING);
		expect(memoryOf(context, { run: '3' }).recall(KEY)).toEqual(OPEN);
		expect(memoryOf(context, { run: '3' }).parking()).toBeUndefined();
	});
});

test("the memory is unchanged after it was saved and loaded in n8n's format", () => {
	const context: Json = {};
	const memory = memoryOf(context);
	const job = {
		...jobOf('job'),
		urls: { status: 'https://queue.fal.run/job' },
		addresses: { file: 'https://a.example.com' },
	};
	const image = 'https://images.example.com/tiger.png';
	memory.keepOrder(0, KEY, { ...orderOf(), estimate: { usd: 0.5, source: 'live' } });
	memory.keep(KEY, { result: 'accepted', jobs: [job], outcomes: [VIDEO], lost: 2 });
	memory.keep('1:open', { ...OPEN, addresses: { file: image } } as RememberedSubmission);
	memory.keepOutcome('job', VIDEO);
	memory.beginTry();
	memory.keepFailure(2, {
		problem: { ...said('Refused'), httpStatus: 422 },
		job,
		status: 'failed',
		open: true,
	});
	memory.commitUsd(1);
	memory.park({
		since: 5,
		ended: [{ index: 0, job, status: 'succeeded' }],
		bad: [{ index: 2, problem: said('x') }],
	});

	// The memory must consist of plain data: no classes, no functions, and no relevant undefined values.
	expect(saved(context)).toEqual(context);
	expect(JSON.parse(JSON.stringify(context))).toEqual(context);
	const later = memoryOf(saved(context));
	for (const read of [
		(known: typeof memory) => known.recall(KEY),
		(known: typeof memory) => known.recall('1:open'),
		(known: typeof memory) => known.orderOf(0),
		(known: typeof memory) => known.outcomeOf('job'),
		(known: typeof memory) => known.failureOf(2),
		(known: typeof memory) => known.parking(),
		(known: typeof memory) => known.requestIds(),
	]) {
		expect(read(later)).toEqual(read(memory));
		expect(read(later)).toBeDefined();
	}
	expect(memoryOf(saved(context), { run: 'other' }).committedElsewhereUsd()).toBe(1);
	expect(later.beginTry()).toBe(2);
});
