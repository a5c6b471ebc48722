import type { Addresses } from '../nodes/LumaRay/models/files';
import type { ProviderId } from '../nodes/LumaRay/models/names';
import type { Order } from '../nodes/LumaRay/providers/provider';
import type { Random } from './random';
import type { Process, VirtualTime } from './time';

export type Status = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** A job that the provider has accepted and will bill. Times in Unix milliseconds. */
export interface PaidJob {
	readonly id: string;
	readonly order: Order;
	/** Jobs of one request share it. */
	readonly sent: SentRequest;
	readonly acceptedAt: number;
	readonly startsAt: number;
	readonly endsAt: number;
	readonly ending: 'succeeded' | 'failed';
	/** When somebody first tried to cancel it, whatever came of that. */
	cancelTriedAt?: number;
	/** When its end was asked for; it may have gone on all the same. */
	cancelAskedAt?: number;
	cancelledAt?: number;
	/** Its own request was answered without naming it. */
	isNameless?: boolean;
	/** Until when its result is not readable, although it has ended. */
	resultFrom?: number;
}

/** A paid request as it left its process. */
export interface SentRequest {
	order: Order;
	/** Where the provider finds the files of the order. */
	addresses: Addresses;
	by: Process;
	at: number;
	/** When the sender learned what came of it, also that no answer came. Absent if it crashed before. */
	answeredAt?: number;
}

const FAILING = 0.08;
/** Seconds that jobs run: most are short, so that a run through 100,000 of them is not spent on polls. */
const DURATIONS = [
	{ share: 0.85, from: 0.5, to: 40 },
	{ share: 0.12, from: 40, to: 300 },
	{ share: 0.03, from: 300, to: 3_600 },
] as const;

/** The books of a provider: what it has accepted, and how each job stands. */
export class Account {
	readonly jobs: PaidJob[] = [];
	/** Every paid request that was sent, whatever came of it. */
	readonly sent: SentRequest[] = [];
	/** Files that its storage has taken. */
	uploads = 0;
	private readonly byId = new Map<string, PaidJob>();

	constructor(
		private readonly time: VirtualTime,
		private readonly random: Random,
		readonly provider: ProviderId = 'fal',
	) {}

	/** @param jobs how many of the generations that were asked for it takes, at least one; all if absent */
	accept(sent: SentRequest, jobs = Infinity): PaidJob[] {
		const { order } = sent;
		const asked = order.options.generations ?? 1;
		const acceptedAt = this.time.now;
		return Array.from({ length: Math.min(asked, jobs) }, () => {
			const startsAt = acceptedAt + this.random.between(50, 15_000);
			const job: PaidJob = {
				id: `job-${this.jobs.length}`,
				order,
				sent,
				acceptedAt,
				startsAt,
				endsAt: startsAt + this.duration() * 1000,
				ending: this.random.chance(FAILING) ? 'failed' : 'succeeded',
			};
			this.jobs.push(job);
			this.byId.set(job.id, job);
			return job;
		});
	}

	find(id: string): PaidJob | undefined {
		return this.byId.get(id);
	}

	/** @param isHeard false where the job goes on all the same, as one that runs may */
	cancel(job: PaidJob, isHeard: boolean): 'asked' | 'had ended' {
		if (hasEnded(statusAt(job, this.time.now))) return 'had ended';
		job.cancelAskedAt ??= this.time.now;
		if (isHeard) job.cancelledAt ??= this.time.now;
		return 'asked';
	}

	private duration(): number {
		let rest = this.random.next();
		const range = DURATIONS.find(({ share }) => (rest -= share) < 0) ?? DURATIONS[0];
		return this.random.between(range.from, range.to);
	}
}

export function statusAt(job: PaidJob, at: number): Status {
	if (job.cancelledAt !== undefined && job.cancelledAt <= at) return 'cancelled';
	if (at >= job.endsAt) return job.ending;
	return at >= job.startsAt ? 'running' : 'queued';
}

export function hasEnded(status: Status): boolean {
	return status !== 'queued' && status !== 'running';
}
