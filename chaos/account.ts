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
	/** All jobs of one request share this object. */
	readonly sent: SentRequest;
	readonly acceptedAt: number;
	readonly startsAt: number;
	readonly endsAt: number;
	readonly ending: 'succeeded' | 'failed';
	/** When a cancel was first sent, regardless of its result. */
	cancelTriedAt?: number;
	/** When a cancel reached the provider. The job may have continued anyway. */
	cancelAskedAt?: number;
	cancelledAt?: number;
	/** Whether the answer to its request left out the job's ID. */
	isNameless?: boolean;
	/** When its result becomes readable, if that is later than the job's end. */
	resultFrom?: number;
}

/** A paid request at the moment it left its process. */
export interface SentRequest {
	order: Order;
	/** The addresses of the files in the order. */
	addresses: Addresses;
	by: Process;
	at: number;
	/** When the sender got an answer or stopped waiting for it. Absent if the sender crashed first. */
	answeredAt?: number;
}

const FAILING = 0.08;
/** How long jobs run. Most are short, because 100,000 long jobs would spend all the time on polls. */
const DURATIONS = [
	{ share: 0.85, from: 0.5, to: 40 },
	{ share: 0.12, from: 40, to: 300 },
	{ share: 0.03, from: 300, to: 3_600 },
] as const;

/** The records of a provider: the jobs that it has accepted, and their states. */
export class Account {
	readonly jobs: PaidJob[] = [];
	/** Every paid request that was sent, regardless of its result. */
	readonly sent: SentRequest[] = [];
	/** The number of uploaded files. */
	uploads = 0;
	private readonly byId = new Map<string, PaidJob>();

	constructor(
		private readonly time: VirtualTime,
		private readonly random: Random,
		readonly provider: ProviderId = 'fal',
	) {}

	/** @param jobs how many of the ordered generations to accept, at least one; all if absent */
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

	/** @param takesEffect false if the job continues despite the cancel, as a running job may */
	cancel(job: PaidJob, takesEffect: boolean): 'asked' | 'had ended' {
		if (hasEnded(statusAt(job, this.time.now))) return 'had ended';
		job.cancelAskedAt ??= this.time.now;
		if (takesEffect) job.cancelledAt ??= this.time.now;
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
