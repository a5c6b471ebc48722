import type { Feed, FeedListener, Job, Progress } from '../nodes/LumaRay/providers/provider';
import type { Account } from './account';
import type { FaultDice, StreamLie } from './faults';
import type { Random } from './random';
import type { Process } from './time';

const REOPENS_AFTER_MS = 2_000;

/** A provider's event stream that sometimes reports too few events, too many, or wrong ones. */
export class VirtualFeed implements Feed {
	private readonly followed = new Map<string, StreamLie | undefined>();
	private readonly timers: Array<{ cancelled?: boolean }> = [];
	private isOpen = true;
	private isClosed = false;

	constructor(
		private readonly account: Account,
		private readonly process: Process,
		private readonly listener: FeedListener,
		private readonly dice: FaultDice,
		private readonly random: Random,
	) {}

	async ready(): Promise<void> {
		if (this.dice.streamLie() === 'neverReady') return await new Promise(() => undefined);
		await this.process.sleep(this.random.between(10, 400));
	}

	add({ requestId }: Job): void {
		const job = this.account.find(requestId);
		const lie = this.dice.streamLie();
		if (!job || this.isClosed || lie === 'noRoom') return;
		this.followed.set(requestId, lie);
		if (lie === 'silence' || lie === 'missed') return;
		const delay = this.random.between(10, 500);
		this.reportAt(job.startsAt + delay, requestId, 'running', lie);
		this.reportAt(job.endsAt + delay, requestId, 'ended', lie);
		if (lie === 'foreign') this.reportAt(job.startsAt, 'job-of-another-run', 'ended');
		if (lie === 'reorder') this.reportAt(job.endsAt + delay + 5, requestId, 'running');
		if (lie === 'death') this.after(this.random.between(0, 30_000), () => this.die());
	}

	remove(requestId: string): void {
		this.followed.delete(requestId);
	}

	covers(requestId: string): boolean {
		return this.isOpen && !this.isClosed && this.followed.has(requestId);
	}

	close(): void {
		this.isClosed = true;
		this.timers.forEach((timer) => (timer.cancelled = true));
	}

	private reportAt(at: number, requestId: string, phase: Progress['phase'], lie?: StreamLie): void {
		const { now } = this.process.time;
		if (at < now) return;
		const report = () => {
			if (this.isOpen) this.listener(requestId, { phase });
		};
		this.after(at - now, report);
		if (lie === 'duplicate') this.after(at - now + 1, report);
	}

	private die(): void {
		if (!this.isOpen) return;
		this.isOpen = false;
		for (const requestId of this.followed.keys()) this.listener(requestId, undefined);
		this.after(REOPENS_AFTER_MS, () => (this.isOpen = true));
	}

	private after(ms: number, act: () => void): void {
		const { time } = this.process;
		this.timers.push(time.at(time.now + ms, act, this.process));
	}
}
