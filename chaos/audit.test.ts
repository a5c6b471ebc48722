import { Account, type PaidJob } from './account';
import { audit, type Verdict } from './audit';
import { FaultDice } from './faults';
import { drawPlan, makeOrder, type Plan } from './plan';
import { Random } from './random';
import type { Attempt, Story } from './story';
import { Process, VirtualTime } from './time';
import { VirtualProvider } from './wire';

/** A story written by hand, for one item: what its processes sent, and which of them crashed. */
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

describe('the audit excuses what a crash makes impossible, and nothing else', () => {
	test('an item may be paid again if its process crashes between two tries', () => {
		const story = newStory();
		const first = story.process();
		story.attempt(first, [story.pay(first)]);
		first.crash();
		const second = story.process();
		story.attempt(second, [story.pay(second)]);
		expect(story.verdict()).toEqual({ findings: [], lostInCrashes: 0, paidAgainAfterCrashes: 1 });
	});

	test('a crash afterwards does not excuse a process that pays twice', () => {
		const story = newStory();
		const process = story.process();
		const paid = [story.pay(process), story.pay(process)];
		process.crash();
		story.attempt(process, paid);
		expect(story.verdict().findings).toMatchObject([{ breach: 'paid twice', jobId: 'job-1' }]);
	});

	test('a crash does not excuse a process that pays again for what n8n had saved', () => {
		const story = newStory();
		const first = story.process();
		story.attempt(first, [story.pay(first)]);
		const second = story.process();
		const paid = story.pay(second);
		second.crash();
		story.attempt(second, [paid]);
		expect(story.verdict().findings).toMatchObject([{ breach: 'paid twice', jobId: 'job-1' }]);
	});

	test('a job may be lost if its process crashes before the answer arrives', () => {
		const story = newStory();
		const process = story.process();
		story.pay(process, { isAnswered: false });
		process.crash();
		story.attempt(process);
		expect(story.verdict()).toEqual({ findings: [], lostInCrashes: 1, paidAgainAfterCrashes: 0 });
	});

	test('a job must be in the log once its answer has arrived, even if the process crashes then', () => {
		const story = newStory();
		const process = story.process();
		story.pay(process);
		process.crash();
		story.attempt(process);
		expect(story.verdict().findings).toMatchObject([{ breach: 'lost', jobId: 'job-0' }]);
	});
});
