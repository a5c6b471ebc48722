import type { ContenderName } from './contenders';
import type { Load } from './contenders/contender';
import type { JobLength } from './jobLength';
import { Child } from './processes/parent';
import type { ContenderCalls, Sample } from './processes/contender';
import type { SandboxCalls, Seen, Target } from './processes/sandbox';

/** The result of one run, as measured by the contender and by the provider. */
export interface Lap {
	sample: Sample;
	seen: Seen;
	/** How many milliseconds the contender needed. */
	tookMs: number;
	/** Milliseconds from the acceptance to the end of the longest job. */
	slowestJobMs: number;
}

const WARM_UP: JobLength = { shortestSeconds: 0.6, longestSeconds: 0.6 };

/** The one sandbox that all contenders run against. */
export class Track {
	private readonly children = new Set<{ end(): Promise<void> }>();
	private readonly sandbox: Child<SandboxCalls>;
	private count = 0;
	private runners?: Promise<Runner[]>;

	/**
	 * @param folder for the temporary files of all processes
	 * @param root the checkout that contains the contenders; this one if absent
	 */
	constructor(
		private readonly folder: string,
		private readonly root?: string,
	) {
		this.sandbox = Child.start('processes/sandbox.ts', folder);
		this.children.add(this.sandbox);
	}

	/**
	 * Starts a contender in its own process and lane, and lets it make one video, so that its code is loaded.
	 * @param videoBytes the size of every video in its lane
	 */
	async start(contender: ContenderName, videoBytes?: number): Promise<Runner> {
		const lane = `${contender} ${this.count++}`;
		const target = await this.sandbox.call('open', { lane, videoBytes });
		const child = Child.start<ContenderCalls>('processes/contender.ts', this.folder, this.root);
		this.children.add(child);
		const runner = new Runner(contender, lane, target, child, this.sandbox);
		await runner.run({ items: 1 }, WARM_UP);
		return runner;
	}

	/** One runner per contender. It is started by the first call and kept for later ones. */
	async team(contenders: ContenderName[]): Promise<Runner[]> {
		this.runners ??= Promise.all(contenders.map(async (contender) => await this.start(contender)));
		return await this.runners;
	}

	/** Stops all processes. */
	async end(): Promise<void> {
		await Promise.all([...this.children].map(async (child) => await child.end()));
	}
}

/** A contender that is ready to run. */
export class Runner {
	constructor(
		readonly contender: ContenderName,
		private readonly lane: string,
		private readonly target: Target,
		private readonly child: Child<ContenderCalls>,
		private readonly sandbox: Child<SandboxCalls>,
	) {}

	/**
	 * @param readsPerSecond the number of status checks, streams and results that the provider answers per second; no
	 * limit if absent
	 */
	async run(load: Load, length: JobLength, readsPerSecond?: number): Promise<Lap> {
		const { lane, contender, target } = this;
		await this.sandbox.call('begin', { lane, length, readsPerSecond });
		const sample = await this.child.call('run', { contender, load, target });
		const seen = await this.sandbox.call('seen', { lane });
		const slowestJobMs = Math.max(
			...seen.jobs.map(({ acceptedAt, completedAt }) => completedAt - acceptedAt),
		);
		return { sample, seen, tookMs: sample.endedAt - sample.startedAt, slowestJobMs };
	}

	/** Stops the contender's process and its lane. */
	async end(): Promise<void> {
		await this.child.end();
		await this.sandbox.call('close', { lane: this.lane });
	}
}

/** The total number of requests that the provider received. */
export function requestsOf({ requests }: Seen): number {
	return Object.values(requests).reduce((sum, count) => sum + count, 0);
}
