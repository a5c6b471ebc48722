import { openMemory, orderKey, type Memory } from '../../nodes/LumaRay/jobs/memory';
import { runJobs } from '../../nodes/LumaRay/jobs/run';
import type { Result, RunSetting, Task } from '../../nodes/LumaRay/jobs/setting';
import { runSuspended, type SuspendSetting } from '../../nodes/LumaRay/jobs/suspend';
import type { Order } from '../../nodes/LumaRay/providers/provider';
import { Account } from './account';
import { Course, type CutShort } from './course';
import { FaultDice, type FaultCounts } from './faults';
import { GUARDS, type Hands } from './guards';
import { drawInterruption, drawPlan, makeOrder, type Plan } from './plan';
import { Random } from './random';
import { Process, VirtualTime } from './time';
import { VirtualProvider, type Tell } from './wire';

/** One call of the node: a try, or a pass of a parked one. Times in Unix milliseconds. */
export interface Attempt {
	process: Process;
	provider: VirtualProvider;
	/** By index of the item. As long as an item stays the same, its order is the same object. */
	orders: Order[];
	/** The same for all tries of one run of the node, also across "Retry execution". */
	lineage: object;
	startedAt: number;
	endedAt: number;
	/** From here on nobody waits any more. */
	deadline: number;
	/** `stuck`: it would never have ended. */
	ending: 'results' | 'parked' | 'stopped' | 'crashed' | 'stuck';
	/** When n8n is to run the node again, where it is parked. */
	wakeAt?: number;
	stoppedAt?: number;
	results?: Array<Result<string>>;
	/** Request ids in the log, and when each was first named. */
	logged: Map<string, number>;
	/** Items of which the log says that a job may have been accepted. */
	loggedOpen: Set<number>;
}

/** How an execution ended. */
type Ending = 'succeeded' | 'failed' | 'stopped' | 'crashed' | 'stuck';

/** What n8n keeps of an execution: the node's context, and which run of the node comes next. */
interface Saved {
	run: number;
	context: { [key: string]: unknown };
	/** When a parked run will be waited for no more, in Unix milliseconds. */
	deadline?: number;
}

export interface StoryCounts extends CutShort {
	faults: FaultCounts;
	/** Job orders: items of all runs, each counted once however often it was tried. */
	orders: number;
	tries: number;
	retriedExecutions: number;
	/** How often an execution was parked. */
	parkings: number;
}

/** Virtual time that a run may take beyond its deadline: submits, cancels and downloads are each repeated. */
const SLACK_MS = 45 * 60_000;
/** Virtual time after the node has ended in which all that goes on in the background must be over. */
const AFTERMATH_MS = 20 * 60_000;
const MAX_EXECUTIONS = 4;
/** More tries than one run of the node can need in one execution, however often n8n counts them anew. */
const MAX_TRIES = 20;

/**
 * The life of some items in n8n: an execution, its tries under Retry On Fail, "Retry execution", Stops and crashes,
 * with a provider and a network on which anything goes wrong. Everything follows from the seed.
 */
export class Story {
	readonly plan: Plan;
	readonly time = new VirtualTime();
	readonly account: Account;
	readonly attempts: Attempt[] = [];
	/** Processes that left something running behind for good. */
	readonly restless: Process[] = [];
	private readonly random: Random;
	private readonly dice: FaultDice;
	private version = 0;
	private execution = 0;
	/** Tries of this run of the node in this execution. */
	private tries = 0;
	/** What n8n last saved: it saves an execution that is parked or has failed, and nothing of one that crashed. */
	private saved?: string;

	constructor(
		seed: number,
		private readonly counts: StoryCounts,
		private readonly guardOut?: string,
		private readonly tell?: Tell,
	) {
		this.random = new Random(seed);
		this.plan = drawPlan(this.random);
		this.account = new Account(this.time, this.random.fork());
		this.dice = new FaultDice(this.random.fork(), this.plan.faultProbability, counts.faults);
	}

	async live(): Promise<void> {
		let orders = this.newOrders();
		for (let executions = 1; ; executions++) {
			const { saved } = this;
			const state = saved === undefined ? { run: 0, context: {} } : (JSON.parse(saved) as Saved);
			this.execution = executions;
			const ending = await this.execute(state, orders);
			if (ending === 'stopped' || ending === 'succeeded' || ending === 'stuck') return;
			if (executions === MAX_EXECUTIONS || this.random.chance(0.4)) return;
			if (ending === 'failed') this.saved = JSON.stringify(state);
			// After a crash people press "Retry" on the failed execution before it, or start a new one.
			if (this.saved === undefined || (ending === 'crashed' && this.random.chance(0.5))) {
				this.say('a new execution, which knows nothing');
				this.saved = undefined;
				orders = this.newOrders();
			} else {
				this.say('"Retry execution"');
				this.counts.retriedExecutions++;
				// A parked run goes on with what it was parked with, whatever the parameters say now.
				if (ending === 'failed' && this.random.chance(0.2)) this.changeAnItem(orders);
			}
		}
	}

	private newOrders(): Order[][] {
		const { plan, version } = this;
		this.counts.orders += plan.runs * plan.items;
		return Array.from({ length: plan.runs }, () =>
			Array.from({ length: plan.items }, (_, index) => makeOrder(plan, index, version)),
		);
	}

	private changeAnItem(orders: Order[][]): void {
		const [run, index] = [
			this.random.integer(0, this.plan.runs - 1),
			this.random.integer(0, this.plan.items - 1),
		];
		orders[run][index] = makeOrder(this.plan, index, ++this.version);
		this.counts.orders++;
	}

	/** One execution in a process of its own: every run of the node, each with its tries. */
	private async execute(state: Saved, orders: Order[][]): Promise<Ending> {
		const process = new Process(this.time, this.random.fork());
		const interruption = drawInterruption(this.random, this.plan);
		const course = new Course(process, interruption, this.counts);
		let ending: Ending = 'succeeded';
		for (; state.run < this.plan.runs; state.run++) {
			ending = await this.runNode(course, state, orders[state.run]);
			if (ending !== 'succeeded') break;
		}
		if (ending !== 'crashed' && ending !== 'stuck') await this.letItRest(course.process);
		return ending;
	}

	/** One run of the node as n8n's engine does it: tried again where it failed, or where its first item is bad. */
	private async runNode(course: Course, state: Saved, orders: Order[]): Promise<Ending> {
		const { failFast } = this.plan.setting;
		this.tries = 0;
		for (let tries = 1; ; tries++) {
			const { parkings } = this.counts;
			const attempt = await this.attempt(course, state, orders);
			const { results } = attempt;
			const ending = (attempt.ending = this.tries > MAX_TRIES ? 'stuck' : attempt.ending);
			// n8n counts anew in an execution that it has woken.
			if (this.counts.parkings > parkings) tries = 1;
			// n8n's retry loop calls a stopped node again.
			if (ending === 'stopped' && tries < this.plan.tries) await this.attempt(course, state, orders);
			if (!results || ending === 'stuck') return ending as 'stopped' | 'crashed' | 'stuck';
			const bad = results.filter(({ ok }) => !ok);
			if (bad.length === 0) this.memoryOf(state).clear();
			const fails = failFast ? bad.length > 0 : results[0]?.ok === false;
			if (!fails) return 'succeeded';
			if (tries >= this.plan.tries) return failFast ? 'failed' : 'succeeded';
			this.say(`try ${tries + 1}`);
			if ((await course.follow(course.process.sleep(this.plan.waitMs), Infinity)) === 'crashed')
				return 'crashed';
		}
	}

	/** One try. A parked one is many passes, each in a process of its own, with nothing but what n8n has saved. */
	private async attempt(course: Course, state: Saved, orders: Order[]): Promise<Attempt> {
		const isLastLook = ++this.tries > this.plan.tries && this.plan.parks;
		const deadline = (state.deadline ??= this.time.now + (isLastLook ? 0 : this.plan.setting.timeoutMs));
		this.counts.tries++;
		for (;;) {
			const attempt = await this.pass(course, state, orders, deadline);
			if (attempt.wakeAt === undefined) {
				delete state.deadline;
				return attempt;
			}
			this.counts.parkings++;
			this.saved = JSON.stringify(state);
			await this.letItRest(course.process);
			// A delivery of the provider's may wake it sooner.
			const wakeAt = this.random.chance(0.3)
				? this.random.between(this.time.now, attempt.wakeAt)
				: attempt.wakeAt;
			await this.passTimeUntil(wakeAt);
			course.process = new Process(this.time, this.random.fork());
			state.context = (JSON.parse(this.saved) as Saved).context;
		}
	}

	private async pass(course: Course, state: Saved, orders: Order[], deadline: number): Promise<Attempt> {
		const { process } = course;
		const { setting, downloads, parks } = this.plan;
		const provider = new VirtualProvider(
			this.account,
			process,
			this.dice,
			this.random.fork(),
			this.tell && ((line) => this.say(line)),
		);
		const attempt: Attempt = {
			process,
			provider,
			orders: [...orders],
			lineage: orders,
			startedAt: this.time.now,
			endedAt: this.time.now,
			deadline,
			ending: 'stuck',
			logged: new Map(),
			loggedOpen: new Set(),
		};
		this.attempts.push(attempt);
		const log: Hands['log'] = (event, { requestId }, index) => {
			this.say(`log: ${event.name} ${requestId ?? ''} (item ${index})`);
			if (!requestId) attempt.loggedOpen.add(index);
			else if (!attempt.logged.has(requestId)) attempt.logged.set(requestId, this.time.now);
		};
		const hands = { provider, memory: this.memoryOf(state), log };
		const guarded = this.guardOut ? GUARDS[this.guardOut].takeOut(hands) : hands;
		const tasks = orders.map((order, index) => ({ index, order, key: orderKey(provider.id, index, order) }));
		const runSetting: RunSetting<string> = {
			...setting,
			...guarded,
			clock: process,
			signal: course.stop.signal,
			collect: downloads ? async (outcome, signal) => await provider.download(outcome, signal) : undefined,
		};
		const run = parks
			? parkedPass(tasks, { ...runSetting, tries: this.plan.tries })
			: inOnePass(tasks, runSetting);
		const work = run.then((passed) => Object.assign(attempt, passed, { endedAt: this.time.now }));
		const limit = this.time.now + setting.timeoutMs + SLACK_MS;
		const end = await course.follow(work, limit);
		attempt.stoppedAt = course.stoppedAt;
		if (end === 'done') attempt.ending = attempt.results ? 'results' : attempt.wakeAt ? 'parked' : 'stopped';
		else attempt.ending = end;
		this.say(`the node: ${attempt.ending}`);
		return attempt;
	}

	private memoryOf({ context, run }: Saved): Memory {
		return openMemory(context, { run: String(run), execution: String(this.execution), parameters: {} });
	}

	private async passTimeUntil(at: number): Promise<void> {
		let isOver = false;
		this.time.at(at, () => (isOver = true), { alive: true });
		while (!isOver) await this.time.step();
	}

	/** Lets run out what goes on in the background after the node has ended. */
	private async letItRest(process: Process): Promise<void> {
		const until = this.time.now + AFTERMATH_MS;
		while (this.time.hasTimersOf(process)) {
			if (!(await this.time.step())) break;
			if (this.time.now < until) continue;
			this.restless.push(process);
			process.crash();
		}
	}

	private say(line: string): void {
		if (!this.tell) return;
		const seconds = ((this.time.now - this.attempts[0]?.startedAt || 0) / 1000).toFixed(3);
		this.tell(`${seconds.padStart(10)}s  ${line}`);
	}
}

/** What a pass hands back to n8n. */
type Passed = Pick<Attempt, 'results' | 'wakeAt'>;

async function inOnePass(tasks: Task[], setting: RunSetting<string>): Promise<Passed> {
	return { results: await runJobs(tasks, setting) };
}

async function parkedPass(tasks: Task[], setting: SuspendSetting<string>): Promise<Passed> {
	const passed = await runSuspended(tasks, setting);
	if (passed.end === 'pending') return { wakeAt: passed.wakeAt };
	if (passed.end === 'stopped') return {};
	// As the node does it before it puts out its items.
	return { results: passed.results.sort((one, other) => one.index - other.index) };
}
