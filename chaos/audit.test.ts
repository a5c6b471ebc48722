import { Account, type PaidJob } from './account';
import { audit, type Verdict } from './audit';
import { FaultDice } from './faults';
import { drawPlan, makeOrder, type Plan } from './plan';
import { Random } from './random';
import type { Attempt, Story } from './story';
import { Process, VirtualTime } from './time';
import { VirtualProvider } from './wire';

/** A story for one item, written by hand: the requests of its processes, and which processes crashed. */
function newStory() {
	const time = new VirtualTime();
	const account = new Account(time, new Random(1));
	const plan: Plan = { ...drawPlan(new Random(1)), items: 1, generations: 1 };
	plan.setting = { ...plan.setting, follow: 'auto' };
	const order = makeOrder(plan, 0, 0);
	const lineage = {};
	const attempts: Attempt[] = [];
	return {
		process: () => new Process(time, new Random(1)),
		/** One try of the node. It ends with results unless its process has crashed. */
		attempt(process: Process, named: PaidJob[] = []): void {
			const dice = new FaultDice(new Random(1), 0, new Map());
			attempts.push({
				process,
				provider: new VirtualProvider(account, process, dice, new Random(1)),
				orders: [order],
				lineage,
				startedAt: time.now,
				endedAt: time.now,
				deadline: Infinity,
				clockDeadline: Infinity,
				endedByClock: time.now,
				ending: process.alive ? 'results' : 'crashed',
				logged: new Map(named.map(({ id }) => [id, time.now])),
				loggedOpen: new Set(),
			});
		},
		/** A paid request that the provider accepted. */
		pay(process: Process, { isAnswered = true } = {}): PaidJob {
			const at = (time.now += 1);
			const answeredAt = isAnswered ? at : undefined;
			const [job] = account.accept({ order, addresses: {}, by: process, at, answeredAt });
			return Object.assign(job, { ending: 'succeeded' });
		},
		verdict: (): Verdict => audit({ plan, account, attempts, stillRunning: [] } as unknown as Story),
	};
}

describe('the audit excuses only breaches that a crash makes unavoidable', () => {
	test('excuses a second payment if the process crashed between two tries', () => {
		const story = newStory();
		const first = story.process();
		story.attempt(first, [story.pay(first)]);
		first.crash();
		const second = story.process();
		story.attempt(second, [story.pay(second)]);
		expect(story.verdict()).toEqual({ findings: [], lostInCrashes: 0, paidAgainAfterCrashes: 1 });
	});

	test('reports two payments by one process even if it crashes afterwards', () => {
		const story = newStory();
		const process = story.process();
		const paid = [story.pay(process), story.pay(process)];
		process.crash();
		story.attempt(process, paid);
		expect(story.verdict().findings).toMatchObject([{ breach: 'paid twice', jobId: 'job-1' }]);
	});

	test('reports a second payment if n8n had saved the first job, even if the second process crashes', () => {
		const story = newStory();
		const first = story.process();
		story.attempt(first, [story.pay(first)]);
		const second = story.process();
		const paid = story.pay(second);
		second.crash();
		story.attempt(second, [paid]);
		expect(story.verdict().findings).toMatchObject([{ breach: 'paid twice', jobId: 'job-1' }]);
	});

	test('excuses a lost job if the process crashed before the answer arrived', () => {
		const story = newStory();
		const process = story.process();
		story.pay(process, { isAnswered: false });
		process.crash();
		story.attempt(process);
		expect(story.verdict()).toEqual({ findings: [], lostInCrashes: 1, paidAgainAfterCrashes: 0 });
	});

	test('reports a lost job if its answer arrived but the log does not name it, even if the process crashed', () => {
		const story = newStory();
		const process = story.process();
		story.pay(process);
		process.crash();
		story.attempt(process);
		expect(story.verdict().findings).toMatchObject([{ breach: 'lost', jobId: 'job-0' }]);
	});
});
