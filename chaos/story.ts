import { storeFile } from '../nodes/LumaRay/jobs/conclude';
import { orderKey, type Memory } from '../nodes/LumaRay/jobs/memory';
import { runJobs } from '../nodes/LumaRay/jobs/run';
import type { Result, RunContext, Task } from '../nodes/LumaRay/jobs/context';
import { runSuspended, type SuspendSetting } from '../nodes/LumaRay/jobs/suspend';
import type { Order } from '../nodes/LumaRay/providers/provider';
import { Account } from './account';
import { Course, type CutShort } from './course';
import { FaultDice, type FaultCounts } from './faults';
import { GUARDS, type Hands } from './guards';
import {
	closeMemory,
	createOnePass,
	memoryFor,
	nameOf,
	type Call,
	type NodeContext,
	type OnePass,
} from './host';
import { drawInterruption, drawPlan, makeOrder, priced, type Plan } from './plan';
import { Random } from './random';
import { Process, VirtualTime } from './time';
import { VirtualProvider, type Trace } from './wire';

/** One call of the node: a try, or a pass of a parked try. Times in Unix milliseconds. */
export interface Attempt {
	process: Process;
	provider: VirtualProvider;
	/** The orders by item index. The order of an item stays the same object until the item changes. */
	orders: Order[];
	/** The same object for all tries of one run of the node, including tries of "Retry execution". */
	lineage: object;
	startedAt: number;
	endedAt: number;
	/** When the run stops waiting. */
	deadline: number;
	/** The deadline and the end by the machine's clock, which may have been changed in between. */
	clockDeadline: number;
	endedByClock: number;
	/** `stuck`: the pass would never end. */
	ending: 'results' | 'parked' | 'stopped' | 'crashed' | 'stuck';
	/** When n8n must run a parked node again, by the machine's clock. */
	wakeAt?: number;
	stoppedAt?: number;
	results?: Array<Result<string>>;
	/** Request IDs in the log, each with the time when it first appeared. */
	logged: Map<string, number>;
	/** Items whose outcome is unknown according to the log. */
	loggedOpen: Set<number>;
}

/** How an execution ended. */
type Ending = 'succeeded' | 'failed' | 'stopped' | 'crashed' | 'stuck';

/** What n8n saves about an execution: the node's context, and which run of the node is next. */
interface SavedExecution {
	run: number;
	context: NodeContext;
	/** Other runs that n8n counts: empty runs after a wake, and earlier tries of a tool call. */
	otherRuns: number;
	/** Indexes of the orders whose tool calls have delivered. An agent that runs again repeats only the other calls. */
	delivered: number[];
	/** The name of a parked run in its stack entry. */
	parkedAs?: string;
	/** When a parked run stops waiting, in Unix milliseconds: in virtual time, and by the machine's clock. */
	deadline?: number;
	clockDeadline?: number;
}

/** A pass that has started. */
interface StartedPass {
	attempt: Attempt;
	memory: Memory;
	work: Promise<unknown>;
}

/** The data that a pass starts with. */
interface PassSetting {
	orders: Order[];
	lineage: object;
	context: NodeContext;
	call: Call;
	deadline: number;
	clockDeadline: number;
	onePass: OnePass;
}

export interface StoryCounts extends CutShort {
	faults: FaultCounts;
	/** Job orders: the items of all runs. Each counts once, regardless of its number of tries. */
	orders: number;
	/** Job orders by provider and model. */
	operations: Map<string, number>;
	tries: number;
	retriedExecutions: number;
	/** The number of times that an execution was parked. */
	parkings: number;
}

/** Virtual time that a run may take after its deadline, because submits, cancels and downloads are each repeated. */
const SLACK_MS = 45 * 60_000;
/** How much virtual time background work may take after the node has ended. */
const AFTERMATH_MS = 20 * 60_000;
const MAX_EXECUTIONS = 4;
/** More tries than one run of the node can need in one execution, even if n8n restarts its count at each wake. */
const MAX_TRIES = 20;
/** More wakes than one try can need: one per minute up to the longest timeout, and as many webhook deliveries. */
const MAX_WAKES = 150;

/**
 * The story of some items in n8n: executions with Retry On Fail, "Retry execution", Stops and crashes, with an
 * unreliable provider and network. The seed determines everything.
 */
export class Story {
	readonly plan: Plan;
	readonly time = new VirtualTime();
	readonly account: Account;
	readonly attempts: Attempt[] = [];
	/** Processes whose background work did not end. */
	readonly stillRunning: Process[] = [];
	private readonly random: Random;
	private readonly dice: FaultDice;
	private version = 0;
	private execution = 0;
	/** How many times this run of the node was tried in this execution. */
	private tries = 0;
	private toolCalls = 0;
	/** What n8n saved last. It saves executions that are parked or have failed, but nothing of one that crashed. */
	private saved?: string;

	constructor(
		seed: number,
		private readonly counts: StoryCounts,
		private readonly guardOut?: string,
		private readonly trace?: Trace,
	) {
		this.random = new Random(seed);
		this.plan = drawPlan(this.random);
		this.account = new Account(this.time, this.random.fork(), this.plan.provider);
		this.dice = new FaultDice(this.random.fork(), this.plan.faultProbability, counts.faults);
		const { clock } = this.plan.host;
		if (clock) this.time.at(this.time.now + clock.afterMs, () => (this.time.clockAheadMs += clock.byMs));
	}

	async run(): Promise<void> {
		let orders = this.newOrders();
		for (let executions = 1; ; executions++) {
			const { saved } = this;
			const state =
				saved === undefined
					? { run: 0, context: {}, otherRuns: 0, delivered: [] }
					: (JSON.parse(saved) as SavedExecution);
			this.execution = executions;
			const ending = await this.execute(state, orders);
			if (ending === 'stopped' || ending === 'succeeded' || ending === 'stuck') return;
			if (executions === MAX_EXECUTIONS || this.random.chance(0.4)) return;
			if (ending === 'failed') this.saved = JSON.stringify(state);
			// After a crash, users either retry the last failed execution or start a new one.
			if (this.saved === undefined || (ending === 'crashed' && this.random.chance(0.5))) {
				this.say('a new execution, without a memory');
				this.saved = undefined;
				orders = this.newOrders();
			} else {
				this.say('"Retry execution"');
				this.counts.retriedExecutions++;
				// A parked run continues with the orders that it started with, so only a failed run sees changed parameters.
				if (ending === 'failed' && this.random.chance(0.2)) this.changeAnItem(orders);
			}
		}
	}

	private newOrders(): Order[][] {
		const { plan } = this;
		return Array.from({ length: plan.runs }, () =>
			Array.from({ length: plan.items }, (_, index) => this.newOrder(index)),
		);
	}

	private newOrder(index: number): Order {
		const order = makeOrder(this.plan, index, this.version);
		const { operations } = this.counts;
		const operation = `${this.plan.provider} ${order.model}`;
		operations.set(operation, (operations.get(operation) ?? 0) + 1);
		this.counts.orders++;
		return order;
	}

	private changeAnItem(orders: Order[][]): void {
		const [run, index] = [
			this.random.integer(0, this.plan.runs - 1),
			this.random.integer(0, this.plan.items - 1),
		];
		this.version++;
		orders[run][index] = this.newOrder(index);
	}

	/** One execution in its own process: every run of the node, with its tries. */
	private async execute(state: SavedExecution, orders: Order[][]): Promise<Ending> {
		const process = new Process(this.time, this.random.fork());
		const interruption = drawInterruption(this.random, this.plan);
		const course = new Course(process, interruption, this.counts);
		let ending: Ending = 'succeeded';
		for (; state.run < this.plan.runs; state.run++) {
			const run = orders[state.run];
			ending = this.plan.host.tool
				? await this.runTool(course, state, run, this.plan.host.tool)
				: await this.runNode(course, state, run);
			if (ending !== 'succeeded') break;
			delete state.parkedAs;
		}
		if (ending !== 'crashed' && ending !== 'stuck') await this.waitForBackgroundWork(course.process);
		return ending;
	}

	/**
	 * One run of the node, as n8n's engine performs it. n8n tries it again if the node throws or if its first item has
	 * failed.
	 */
	private async runNode(course: Course, state: SavedExecution, orders: Order[]): Promise<Ending> {
		const { failFast } = this.plan.setting;
		this.tries = 0;
		for (let tries = 1; ; tries++) {
			const { parkings } = this.counts;
			const { attempt, memory } = await this.attempt(course, state, orders);
			const { results } = attempt;
			const ending = (attempt.ending = this.tries > MAX_TRIES ? 'stuck' : attempt.ending);
			// n8n restarts its count of tries in an execution that it has woken.
			if (this.counts.parkings > parkings) tries = 1;
			// n8n's retry loop calls a stopped node again.
			if (ending === 'stopped' && tries < this.plan.tries) await this.attempt(course, state, orders);
			if (!results || ending === 'stuck') return ending as 'stopped' | 'crashed' | 'stuck';
			const bad = results.filter(({ ok }) => !ok);
			if (bad.length === 0) memory.clear();
			closeMemory(memory);
			const fails = failFast ? bad.length > 0 : results[0]?.ok === false;
			if (!fails) return 'succeeded';
			if (tries >= this.plan.tries) return failFast ? 'failed' : 'succeeded';
			this.say(`try ${tries + 1}`);
			if ((await course.follow(course.process.sleep(this.plan.waitMs), Infinity)) === 'crashed')
				return 'crashed';
		}
	}

	/** One try. A parked try has many passes, each in a new process that knows only what n8n has saved. */
	private async attempt(course: Course, state: SavedExecution, orders: Order[]): Promise<StartedPass> {
		const { alwaysOutputData, dropsName, wakesTwice } = this.plan.host;
		const isLastPass = ++this.tries > this.plan.tries && this.plan.parks;
		const timeoutMs = isLastPass ? 0 : this.plan.setting.timeoutMs;
		state.deadline ??= this.time.now + timeoutMs;
		state.clockDeadline ??= course.process.now() + timeoutMs;
		const { deadline, clockDeadline } = state;
		this.counts.tries++;
		for (let wakes = 0; ; wakes++) {
			const call = this.callOf(state);
			const { context } = state;
			const setting = { orders, lineage: orders, context, call, deadline, clockDeadline };
			const copies = [context];
			if (wakes > 0 && wakesTwice) copies.push((JSON.parse(this.saved!) as SavedExecution).context);
			const onePass = createOnePass();
			const passes = copies.map((copy) => this.begin(course, { ...setting, context: copy, onePass }));
			await this.follow(course, passes);
			const [begun] = passes;
			if (begun.attempt.wakeAt === undefined) {
				delete state.deadline;
				delete state.clockDeadline;
				return begun;
			}
			if (wakes > MAX_WAKES) {
				begun.attempt.ending = 'stuck';
				return begun;
			}
			// n8n uses its machine's clock.
			const wakeAt = begun.attempt.wakeAt - this.time.clockAheadMs;
			this.counts.parkings++;
			state.parkedAs = dropsName ? undefined : nameOf(call);
			this.saved = JSON.stringify(state);
			await this.waitForBackgroundWork(course.process);
			// A webhook delivery may wake the execution earlier.
			await this.passTimeUntil(this.random.chance(0.3) ? this.random.between(this.time.now, wakeAt) : wakeAt);
			course.process = new Process(this.time, this.random.fork());
			state.context = (JSON.parse(this.saved) as SavedExecution).context;
			if (alwaysOutputData) state.otherRuns++;
		}
	}

	/** One run of an agent that calls the node as its tool, once per order. */
	private async runTool(
		course: Course,
		state: SavedExecution,
		orders: Order[],
		{ callsAtOnce, repeats }: { callsAtOnce: number; repeats: number },
	): Promise<Ending> {
		let left = orders.filter((_, index) => !state.delivered.includes(index));
		for (let round = 0; left.length > 0 && round <= repeats; round++) {
			const failed: Order[] = [];
			for (let first = 0; first < left.length; first += callsAtOnce) {
				const begun: StartedPass[] = [];
				// Calls at the same time start from the same run index.
				const firstIndex = state.otherRuns;
				const calls = left.slice(first, first + callsAtOnce).map(async (order) => {
					const ending = await this.callTool(course, state, order, orders, firstIndex, begun);
					if (ending === 'failed') failed.push(order);
					if (ending === 'succeeded') state.delivered.push(orders.indexOf(order));
				});
				const end = await this.follow(course, begun, Promise.all(calls));
				if (end !== 'done') return end;
				if (course.stoppedAt !== undefined) return 'stopped';
			}
			left = failed;
			if (left.length > 0) this.say(`${left.length} calls of the tool have failed`);
		}
		return left.length > 0 ? 'failed' : 'succeeded';
	}

	/** One tool call with its tries. The engine runs several at the same time. */
	private async callTool(
		course: Course,
		state: SavedExecution,
		order: Order,
		lineage: object,
		firstIndex: number,
		begun: StartedPass[],
	): Promise<'succeeded' | 'failed' | 'stopped'> {
		const { context } = state;
		for (let tries = 1; ; tries++) {
			const call: Call = {
				runIndex: firstIndex + tries - 1,
				toolCall: `call ${this.toolCalls++}`,
				execution: String(this.execution),
				parameters: order.input,
			};
			const deadline = this.time.now + this.plan.setting.timeoutMs;
			const clockDeadline = course.process.now() + this.plan.setting.timeoutMs;
			const setting = { orders: [order], lineage, context, call, deadline, clockDeadline };
			const pass = this.begin(course, { ...setting, onePass: createOnePass() });
			begun.push(pass);
			this.counts.tries++;
			await pass.work;
			state.otherRuns++;
			const { results } = pass.attempt;
			const hasFailed = results?.some(({ ok }) => !ok);
			if (results && !hasFailed) pass.memory.clear();
			closeMemory(pass.memory);
			if (results && !hasFailed) return 'succeeded';
			if (tries >= this.plan.tries || (!results && tries > 1)) return results ? 'failed' : 'stopped';
			// n8n's retry loop calls a stopped node again.
			await course.process.sleep(this.plan.waitMs);
		}
	}

	private callOf(state: SavedExecution): Call {
		const { run, otherRuns, parkedAs } = state;
		return { runIndex: run + otherRuns, parkedAs, execution: String(this.execution), parameters: {} };
	}

	/** Starts one pass. It continues while virtual time advances. */
	private begin(course: Course, given: PassSetting): StartedPass {
		const { process } = course;
		const { setting, downloads, parks } = this.plan;
		const { lineage, context, deadline, clockDeadline } = given;
		const provider = new VirtualProvider(
			this.account,
			process,
			this.dice,
			this.random.fork(),
			this.trace && ((line) => this.say(line)),
		);
		const attempt: Attempt = {
			process,
			provider,
			orders: [...given.orders],
			lineage,
			startedAt: this.time.now,
			endedAt: this.time.now,
			deadline,
			clockDeadline,
			endedByClock: process.now(),
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
		const orders = given.orders.map((order) => priced(order, this.random));
		const memory = memoryFor(context, given.call);
		const { signal } = course.stop;
		const hands: Hands = {
			provider,
			memory,
			log,
			orders,
			signal,
			onePass: given.onePass,
			context,
			call: given.call,
		};
		const guarded = this.guardOut ? GUARDS[this.guardOut].takeOut(hands) : hands;
		const tasks = guarded.orders.map((order, index) => ({
			index,
			order,
			key: orderKey(provider.id, index, order),
		}));
		const runSetting: RunContext<string> = {
			...setting,
			provider: guarded.provider,
			memory: guarded.memory,
			log: guarded.log,
			signal: guarded.signal,
			// The node also does this: n8n does not call a tool again after a Stop.
			cancelsUnfinished: given.call.toolCall !== undefined,
			clock: process,
			collect: downloads
				? async (outcome, going) =>
						await storeFile(async () => await provider.download(outcome, going), {
							clock: process,
							signal: going,
						})
				: undefined,
		};
		const run = guarded.onePass(async () =>
			parks
				? await parkedPass(tasks, { ...runSetting, tries: this.plan.tries })
				: await inOnePass(tasks, runSetting),
		);
		const work = run.then((passed) => {
			Object.assign(attempt, passed, { endedAt: this.time.now, endedByClock: process.now() });
			attempt.ending = passed?.results ? 'results' : passed?.wakeAt ? 'parked' : 'stopped';
			this.say(`the node: ${attempt.ending}`);
		});
		return { attempt, memory: guarded.memory, work };
	}

	/** Advances virtual time until the passes have ended, or until the work that starts them has ended. */
	private async follow(
		course: Course,
		passes: StartedPass[],
		work: Promise<unknown> = Promise.all(passes.map((pass) => pass.work)),
	): Promise<'done' | 'crashed' | 'stuck'> {
		const { setting, host, tries } = this.plan;
		const callsInTurn = host.tool ? tries : 1;
		const limit =
			this.time.now + callsInTurn * (setting.timeoutMs + SLACK_MS + Math.abs(host.clock?.byMs ?? 0));
		const end = await course.follow(work, limit);
		const { stoppedAt } = course;
		for (const { attempt } of passes) {
			const isOver = attempt.ending !== 'stuck';
			if (stoppedAt !== undefined && (!isOver || attempt.endedAt >= stoppedAt)) attempt.stoppedAt = stoppedAt;
			if (end !== 'done' && !isOver) attempt.ending = end;
		}
		if (end !== 'done') this.say(`the node: ${end}`);
		return end;
	}

	private async passTimeUntil(at: number): Promise<void> {
		let isOver = false;
		this.time.at(at, () => (isOver = true), { alive: true });
		while (!isOver) await this.time.step();
	}

	/** Advances virtual time until the background work of a node that has ended is finished, too. */
	private async waitForBackgroundWork(process: Process): Promise<void> {
		const until = this.time.now + AFTERMATH_MS;
		while (this.time.hasTimersOf(process)) {
			if (!(await this.time.step())) break;
			if (this.time.now < until) continue;
			this.stillRunning.push(process);
			process.end();
		}
	}

	private say(line: string): void {
		if (!this.trace) return;
		const seconds = ((this.time.now - this.attempts[0]?.startedAt || 0) / 1000).toFixed(3);
		this.trace(`${seconds.padStart(10)}s  ${line}`);
	}
}

/** The result of a pass for n8n. */
type PassResult = Pick<Attempt, 'results' | 'wakeAt'>;

async function inOnePass(tasks: Task[], setting: RunContext<string>): Promise<PassResult> {
	return { results: await runJobs(tasks, setting) };
}

async function parkedPass(tasks: Task[], setting: SuspendSetting<string>): Promise<PassResult> {
	const passed = await runSuspended(tasks, setting);
	if (passed.end === 'pending') return { wakeAt: passed.wakeAt };
	if (passed.end === 'stopped') return {};
	// The node also does this before it outputs its items.
	return { results: passed.results.sort((one, other) => one.index - other.index) };
}
