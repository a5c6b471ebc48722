import { REFUSALS, type Fault, type FaultRule } from '../../sandbox';
import { eventsOf, finish, HELD, oxenClient, OXEN_INPUT, sleep, until, useSandbox } from './support';

const sandbox = useSandbox(HELD);
const oxen = oxenClient(sandbox);

function add(endpoint: FaultRule['endpoint'], fault: Fault, rest: Partial<FaultRule> = {}) {
	return sandbox.faults.add({ service: 'oxen', endpoint, fault, ...rest });
}

test('an Oxen submit with the fault resetAfter leaves one generation behind', async () => {
	add('submit', { kind: 'resetAfter' });
	await expect(oxen.enqueue()).rejects.toThrow();
	expect((await oxen.get('/api/ai/queue')).body.generations).toMatchObject([{ prompt: OXEN_INPUT.prompt }]);
});

test.each([REFUSALS.oxenInsufficientCredits, REFUSALS.oxenNothingQueued, REFUSALS.oxenRateLimited])(
	'an Oxen refusal accepts no job: $code $body.error_message $body.error',
	async (refusal) => {
		add('submit', refusal);
		expect(await oxen.enqueue()).toMatchObject({ status: refusal.code, body: refusal.body });
		expect(sandbox.jobs).toHaveLength(0);
	},
);

test('an Oxen generation fails with the fault jobFails', async () => {
	add('submit', { kind: 'jobFails', message: 'Out of tigers' });
	expect(await oxen.complete()).toMatchObject([{ status: 'failed', error_message: 'Out of tigers' }]);
});

test('an Oxen status can fall back to queued, be unknown, or be 404', async () => {
	add('status', { kind: 'backToQueue' }, { nth: [1, 2] });
	add('status', { kind: 'unknownStatus' }, { nth: 3 });
	add('status', { kind: 'notFound' }, { nth: 4 });
	await oxen.enqueue();
	await sandbox.advance(sandbox.jobs[0]);
	const said = [];
	for (let poll = 0; poll < 4; poll += 1) {
		const { status, body } = await oxen.get(`/api/ai/queue/${sandbox.jobs[0].id}`);
		said.push(status === 200 ? body.status : body.error.type);
	}
	expect(said).toEqual(['processing', 'queued', 'WARMING_UP', 'resource_not_found']);
});

describe('the fault videoUrl at Oxen changes the video’s address', () => {
	const url = 'http://127.0.0.1:9/elsewhere.mp4';
	beforeEach(() => {
		for (const endpoint of ['status', 'generation', 'run', 'events'] as const) {
			add(endpoint, { kind: 'videoUrl', url });
		}
	});

	test('in the queue and in the history', async () => {
		const [row] = await oxen.complete();
		expect(row.result_url).toBe(url);
		const { body } = await oxen.get(`/api/ai/generations/${row.generation_id}`);
		expect(body.generation).toMatchObject({ result_url: url, cost: '0.50' });
	});

	test('in the blocking call and in an event', async () => {
		const feed = await oxen.listen();
		await oxen.enqueue();
		await finish(sandbox);
		await until(() => eventsOf(feed.text).some(({ data }) => data.url === url), 'the event');
		feed.leave();
		const answer = oxen.post('/api/ai/videos/generate', { json: OXEN_INPUT });
		await until(() => sandbox.jobs.length === 2, 'the job');
		await finish(sandbox, sandbox.jobs[1]);
		const { body } = await answer;
		expect(body.videos).toEqual([{ url }]);
	});
});

describe('a fault of Oxen’s event stream', () => {
	const idsIn = (text: string) =>
		eventsOf(text)
			.filter(({ event }) => event === 'media_generation_completed')
			.map(({ data }) => data.generation_id);

	/** The text that a stream sends until `isAll` returns true for it. */
	async function heard(fault: Fault, isAll: (text: string) => boolean) {
		add('events', fault);
		const feed = await oxen.listen();
		await oxen.complete();
		await until(() => isAll(feed.text), 'the events');
		// Time for events that should not come.
		await sleep(30);
		feed.leave();
		return feed.text;
	}

	test('can repeat events', async () => {
		const text = await heard({ kind: 'duplicate' }, (heard) => idsIn(heard).length >= 2);
		expect(idsIn(text)).toEqual([sandbox.jobs[0].id, sandbox.jobs[0].id]);
	});

	test('can add events about other generations', async () => {
		const isOurs = (id: string) => id === sandbox.jobs[0].id;
		const ids = idsIn(await heard({ kind: 'foreign' }, (text) => idsIn(text).some(isOurs)));
		expect(ids).toContain(sandbox.jobs[0].id);
		expect(ids.length).toBeGreaterThan(1);
	});

	test('can send no events', async () => {
		expect(await heard({ kind: 'silence' }, () => true)).toBe('');
	});

	test('can break the stream in the middle of an event, after which a new stream works', async () => {
		add('events', { kind: 'dieAfter', events: 1 }, { nth: 1 });
		const feed = await oxen.listen();
		await oxen.complete();
		await until(() => feed.text.includes('event: media_generation_completed'), 'half of the event');
		await until(() => sandbox.openStreams() === 0, 'the break');
		expect(idsIn(feed.text)).toEqual([]);
		const again = await oxen.listen();
		await oxen.complete();
		await until(() => idsIn(again.text).length === 1);
		again.leave();
	});
});
