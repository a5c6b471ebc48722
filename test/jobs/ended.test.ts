import {
	advance,
	dueJobs,
	newCursor,
	oldestFirst,
	readCursor,
	saveCursor,
	type EndCursor,
	type EndEvent,
	type Sighting,
} from '../../nodes/LumaRay/jobs/ended';
import { Random } from '../support/virtualTime';

/**
 * The trigger emits each generation once when it ends, even if n8n does not save the trigger's state between polls.
 */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The machine's time when the workflow is activated. */
const START = Date.parse('2026-11-21T12:00:00Z');

interface Generation {
	id: string;
	submittedAt: number;
	endsAt: number;
	status: 'succeeded' | 'failed' | 'cancelled';
}

/** A provider with a clock that may differ from the machine's. Its list is sorted and limited by submit time. */
class Account {
	readonly generations: Generation[] = [];
	/** How far the provider's clock is ahead of the machine's, in milliseconds. */
	ahead = 0;
	/** Whether the list leaves out unfinished generations, as a list sorted by end time may do. */
	hidesOpen = false;

	list(now: number, since: number): Sighting[] {
		return this.generations
			.map((one) => this.sight(one, now))
			.filter((one) => one !== undefined)
			.filter(
				({ submittedAt = 0, status }) => submittedAt >= since && !(this.hidesOpen && status === 'running'),
			);
	}

	find(id: string, now: number): Sighting | undefined {
		const found = this.generations.find((one) => one.id === id);
		return found && this.sight(found, now);
	}

	private sight({ id, submittedAt, endsAt, status }: Generation, now: number): Sighting | undefined {
		if (submittedAt > now) return undefined;
		const times = { requestId: id, submittedAt: submittedAt + this.ahead };
		return endsAt > now
			? { ...times, status: 'running' }
			: { ...times, status, completedAt: endsAt + this.ahead };
	}
}

/** A trigger with a state that is saved the way n8n saves it. */
class Trigger {
	readonly emitted: string[] = [];
	/** The number of status checks of single generations. */
	checks = 0;
	private cursor: EndCursor;
	private saved = '';

	constructor(
		private readonly account: Account,
		private event: EndEvent,
		private readonly limit = Infinity,
	) {
		this.cursor = newCursor(event, START);
	}

	/** The first poll of an activation. n8n saves the state after it. */
	activate(now: number): void {
		const listed = this.account.list(now, this.cursor.since);
		this.cursor = advance(this.cursor, listed, { event: this.event, left: new Map(), gone: new Set(), now });
		this.save();
	}

	poll(now: number): void {
		const listed = this.account.list(now, this.cursor.since);
		const shown = listed.map(({ requestId }) => requestId);
		const unlisted = [...this.cursor.open.keys()].filter((id) => !shown.includes(id));
		this.checks += unlisted.length;
		const sightings = [
			...oldestFirst(this.cursor, listed),
			...unlisted.flatMap((id) => this.account.find(id, now) ?? []),
		];
		const due = dueJobs(this.cursor, sightings, this.event).map(({ requestId }) => requestId);
		const emitted = due.slice(0, this.limit);
		const left = new Map(due.slice(this.limit).map((id) => [id, 0]));
		this.cursor = advance(this.cursor, sightings, { event: this.event, left, gone: new Set(), now });
		this.emitted.push(...emitted);
		if (emitted.length > 0) this.save();
	}

	restart(event = this.event): void {
		this.event = event;
		this.cursor = readCursor(JSON.parse(this.saved))!;
	}

	size(): number {
		return this.saved.length;
	}

	private save(): void {
		this.saved = JSON.stringify(saveCursor(this.cursor));
	}
}

function generation(
	id: string,
	submittedAt: number,
	lifeMs: number,
	status: Generation['status'] = 'succeeded',
) {
	return { id, submittedAt, endsAt: submittedAt + lifeMs, status };
}

function idsOf(generations: Generation[]): string[] {
	return generations.map(({ id }) => id).sort();
}

function matching(generations: Generation[], event: EndEvent): Generation[] {
	return generations.filter(
		({ status }) => event === 'ended' || (status === 'succeeded') === (event === 'succeeded'),
	);
}

const CASES = Array.from({ length: 60 }, (_, seed) => seed + 1);

test.each(CASES)('emits each of 200 generations once when they end in any order (case %i)', (seed) => {
	const random = new Random(seed);
	const between = (least: number, most: number) => least + random.next() * (most - least);
	const account = new Account();
	account.ahead = between(-10, 10) * MINUTE_MS;
	account.hidesOpen = random.next() < 0.3;
	const event = (['succeeded', 'failed', 'ended'] as const)[Math.floor(random.next() * 3)];
	for (let place = 0; place < 200; place++) {
		const status = (['succeeded', 'succeeded', 'failed', 'cancelled'] as const)[
			Math.floor(random.next() * 4)
		];
		const submittedAt = START + between(-40 * MINUTE_MS, 6 * HOUR_MS);
		account.generations.push(generation(`job-${place}`, submittedAt, between(1_000, 90 * MINUTE_MS), status));
	}
	const trigger = new Trigger(account, event, random.next() < 0.5 ? 7 : Infinity);
	trigger.activate(START);
	let now = START;
	while (now < START + 10 * HOUR_MS) {
		now += between(1, 20) * MINUTE_MS;
		trigger.poll(now);
		// Also after polls that emitted nothing. n8n does not save the state after those.
		if (random.next() < 0.2) trigger.restart();
	}
	const expected = matching(account.generations, event).filter(({ endsAt }) => endsAt > START);
	expect(trigger.emitted.slice().sort()).toEqual(idsOf(expected));
});

describe('a new trigger', () => {
	test('emits generations in progress when they end, and none that had already ended', () => {
		const account = new Account();
		account.generations.push(
			generation('old', START - HOUR_MS, MINUTE_MS),
			generation('open', START - HOUR_MS, 2 * HOUR_MS),
		);
		const trigger = new Trigger(account, 'succeeded');
		trigger.activate(START);
		trigger.poll(START + MINUTE_MS);
		expect(trigger.emitted).toEqual([]);
		trigger.poll(START + 2 * HOUR_MS);
		expect(trigger.emitted).toEqual(['open']);
	});

	test.each([-20, 20])(
		'loses no generation and emits no old one if the provider’s clock is off by %i hours',
		(hours) => {
			const account = new Account();
			account.ahead = hours * HOUR_MS;
			account.generations.push(
				generation('old', START - MINUTE_MS, 1),
				generation('new', START + MINUTE_MS, 1),
			);
			const trigger = new Trigger(account, 'ended');
			trigger.activate(START);
			trigger.poll(START + 2 * MINUTE_MS);
			trigger.poll(START + 3 * MINUTE_MS);
			expect(trigger.emitted).toEqual(['new']);
		},
	);
});

test('emits a generation that takes days, even if polls no longer read that far back', () => {
	const account = new Account();
	account.generations.push(generation('slow', START - MINUTE_MS, 60 * HOUR_MS));
	const trigger = new Trigger(account, 'ended');
	trigger.activate(START);
	for (let hour = 1; hour <= 70; hour++) {
		account.generations.push(generation(`quick-${hour}`, START + hour * HOUR_MS, 1));
		trigger.poll(START + hour * HOUR_MS + MINUTE_MS);
		trigger.restart();
	}
	expect(trigger.emitted).toHaveLength(71);
	expect(new Set(trigger.emitted).size).toBe(71);
});

test('emits more generations than the limit over several polls, in the order they ended', () => {
	const account = new Account();
	for (let place = 0; place < 25; place++) {
		account.generations.push(generation(`job-${place}`, START + MINUTE_MS, (25 - place) * 1000));
	}
	const trigger = new Trigger(account, 'ended', 10);
	trigger.activate(START);
	for (let poll = 1; poll <= 4; poll++) {
		trigger.poll(START + poll * HOUR_MS);
		trigger.restart();
	}
	const order = account.generations.map(({ id }) => id).reverse();
	expect(trigger.emitted).toEqual(order);
});

test('reads a backlog from the list without status checks', () => {
	const account = new Account();
	const trigger = new Trigger(account, 'ended', 10);
	trigger.activate(START);
	for (let place = 0; place < 100; place++) {
		account.generations.push(generation(`job-${place}`, START + place * 10 * MINUTE_MS, 1));
	}
	for (let poll = 1; poll <= 10; poll++) trigger.poll(START + 24 * HOUR_MS + poll * MINUTE_MS);
	expect(trigger.emitted).toHaveLength(100);
	expect(trigger.checks).toBe(0);
});

describe('after a change of the event', () => {
	const before: EndEvent[] = ['succeeded', 'failed', 'ended'];

	test.each(before)(
		"emits a generation that ended before the change from '%s' only if it matched both events",
		(event) => {
			for (const after of before) {
				const account = new Account();
				account.generations.push(
					generation('good', START + MINUTE_MS, 1),
					generation('bad', START + MINUTE_MS, 1, 'failed'),
				);
				const trigger = new Trigger(account, event);
				trigger.activate(START);
				// The generations ended after the last poll for the old event.
				trigger.restart(after);
				trigger.poll(START + 2 * MINUTE_MS);
				account.generations.push(
					generation('later-good', START + 3 * MINUTE_MS, 1),
					generation('later-bad', START + 3 * MINUTE_MS, 1, 'failed'),
				);
				trigger.poll(START + 4 * MINUTE_MS);
				const both = matching(matching(account.generations.slice(0, 2), event), after);
				const later = matching(account.generations.slice(2), after);
				expect(trigger.emitted.slice().sort()).toEqual(idsOf([...both, ...later]));
			}
		},
	);
});

test('keeps the state small for a busy account, and loses or repeats no generation', () => {
	const account = new Account();
	const trigger = new Trigger(account, 'ended');
	trigger.activate(START);
	for (let poll = 1; poll <= 40; poll++) {
		for (let place = 0; place < 150; place++) {
			account.generations.push(
				generation(`${poll}-${place}`, START + poll * MINUTE_MS - place, 5 * MINUTE_MS),
			);
		}
		trigger.poll(START + poll * MINUTE_MS);
	}
	trigger.poll(START + 2 * HOUR_MS);
	expect(trigger.emitted).toHaveLength(6_000);
	expect(new Set(trigger.emitted).size).toBe(6_000);
	expect(trigger.size()).toBeLessThan(200_000);
});

test('stays small and loses nothing if more generations never end than the state has room for', () => {
	const account = new Account();
	const stuck = Array.from({ length: 2_500 }, (_, place) =>
		generation(`stuck-${place}`, START - HOUR_MS + place, 12 * HOUR_MS),
	);
	account.generations.push(...stuck);
	const trigger = new Trigger(account, 'ended');
	trigger.activate(START);
	for (let poll = 1; poll <= 30; poll++) {
		for (let place = 0; place < 600; place++) {
			account.generations.push(
				generation(`${poll}-${place}`, START + poll * MINUTE_MS - place, 5 * MINUTE_MS),
			);
		}
		trigger.poll(START + poll * MINUTE_MS);
		if (poll % 5 === 0) trigger.restart();
		expect(trigger.size()).toBeLessThan(300_000);
	}
	for (const hours of [2, 12, 12.1]) {
		trigger.poll(START + hours * HOUR_MS);
		trigger.restart();
	}
	expect(trigger.emitted).toHaveLength(20_500);
	expect(new Set(trigger.emitted).size).toBe(20_500);
	expect(trigger.size()).toBeLessThan(300_000);
});

test.each([0, 2_500])(
	'a list that is longer than a poll can handle is emitted from its oldest part on (%i never end)',
	(stuck) => {
		const account = new Account();
		const trigger = new Trigger(account, 'ended');
		trigger.activate(START);
		for (let place = 0; place < 25_000 + stuck; place++) {
			const life = place % 2 === 0 && place < 2 * stuck ? 9_999 * HOUR_MS : MINUTE_MS;
			account.generations.push(generation(`job-${place}`, START + place * 100, life));
		}
		for (let poll = 1; poll <= 5; poll++) {
			trigger.poll(START + HOUR_MS + poll * MINUTE_MS);
			trigger.restart();
		}
		const ended = account.generations.filter(({ endsAt }) => endsAt < START + 2 * HOUR_MS);
		expect(trigger.emitted).toEqual(ended.map(({ id }) => id));
	},
);

test('loses nothing of a backlog that is emitted slowly', () => {
	const account = new Account();
	const trigger = new Trigger(account, 'failed', 500);
	trigger.activate(START);
	for (let place = 0; place < 12_000; place++) {
		const status = place < 4_000 ? 'failed' : 'succeeded';
		account.generations.push(generation(`job-${place}`, START + place * 100, MINUTE_MS, status));
	}
	for (let poll = 1; poll <= 12; poll++) {
		trigger.poll(START + HOUR_MS + poll * MINUTE_MS);
		trigger.restart();
	}
	expect(trigger.emitted).toEqual(matching(account.generations, 'failed').map(({ id }) => id));
});

test('an impossible submit time does not move the cursor', () => {
	const account = new Account();
	account.generations.push(generation('broken', START + MINUTE_MS, 1));
	const trigger = new Trigger(account, 'ended');
	trigger.activate(START);
	account.ahead = 400 * 24 * HOUR_MS;
	trigger.poll(START + 2 * MINUTE_MS);
	account.ahead = 0;
	account.generations.push(generation('next', START + 3 * MINUTE_MS, 1));
	trigger.poll(START + 4 * MINUTE_MS);
	expect(trigger.emitted).toEqual(['broken', 'next']);
});

test.each([
	undefined,
	null,
	'text',
	{},
	{ event: 'other', since: 1, endedSince: 0, seen: [], open: [] },
	{ event: 'ended', since: '1', endedSince: 0, seen: [], open: [] },
	{ event: 'ended', since: 1, seen: [], open: [] },
	{ event: 'ended', since: 1, endedSince: 0, seen: [['a', 1]], open: [] },
	{ event: 'ended', since: 1, endedSince: 0, seen: [], open: [['a', 1]] },
	{ event: 'ended', since: 1, endedSince: 0, seen: {}, open: [] },
])('%j is not a saved state', (value) => {
	expect(readCursor(value)).toBeUndefined();
});
