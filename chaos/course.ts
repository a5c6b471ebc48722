import type { Interruption } from './plan';
import { settled, type Process } from './time';

export interface CutShort {
	stops: number;
	crashes: number;
}

/** Runs one execution step by step, until it ends or is interrupted. */
export class Course {
	readonly stop = new AbortController();
	stoppedAt?: number;
	private steps = 0;

	constructor(
		/** A parked execution continues in another process. */
		public process: Process,
		private readonly interruption: Interruption | undefined,
		private readonly counts: CutShort,
	) {}

	/** Advances virtual time until the work is done. */
	async follow(work: Promise<unknown>, limit: number): Promise<'done' | 'crashed' | 'stuck'> {
		const { time } = this.process;
		let done = false;
		void work.then(() => (done = true));
		await settled();
		while (!done) {
			if (this.interruption && this.steps++ === this.interruption.afterSteps) {
				if (this.interruption.kind === 'crash') {
					this.counts.crashes++;
					this.process.crash();
					return 'crashed';
				}
				this.counts.stops++;
				this.stoppedAt = time.now;
				this.stop.abort();
				await settled();
				continue;
			}
			if (time.now > limit || !(await time.step())) return 'stuck';
		}
		return 'done';
	}
}
