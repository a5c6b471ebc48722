import type { Job, Outcome, Reading } from '../providers/provider';
import { patiently, type Patience } from '../providers/patience';
import { shorten, type Problem } from '../models/problem';
import { catchProblem } from './catchProblem';
import { createPool } from './pool';
import { halted, type Result, type RunContext } from './context';

/** Videos downloaded at once: enough to fill a line, few enough for the memory of a small machine. */
const DOWNLOADS_AT_ONCE = 4;
/** Tries of each file; every try starts from the beginning. */
const MAX_DOWNLOADS = 5;

const unstored = (reason: string): Problem => ({ name: 'notStored', data: { reason: shorten(reason) } });

/**
 * Stores one file of a job. Each file has tries of its own: a video that took many leaves as many for its EXR file.
 * @param store one try; one that throws fails like any other
 */
export async function storeFile<Stored>(
	store: () => Promise<Reading<Stored>>,
	patience: Pick<Patience, 'clock' | 'signal'>,
): Promise<Reading<Stored>> {
	return await patiently(async () => await catchProblem(store, unstored), {
		...patience,
		tries: MAX_DOWNLOADS,
	});
}

/** What a job comes to once it has ended; its video is brought home where the run collects. */
export type Conclude<Stored> = (index: number, job: Job, outcome: Outcome) => Promise<Result<Stored>>;

/** @param going aborts where nobody waits for the videos any more */
export function createConclusions<Stored>(
	{ collect }: RunContext<Stored>,
	going: AbortSignal,
): Conclude<Stored> {
	const downloading = createPool(DOWNLOADS_AT_ONCE);

	return async (index, job, outcome) => {
		const { requestId } = job;
		// Billed and yet no video: a retry asks for the result again, and pays nothing for it.
		if (outcome.status === 'succeeded' && outcome.problem) {
			return { index, ok: false, job, outcome, problem: { ...outcome.problem, requestId } };
		}
		if (outcome.status !== 'succeeded') {
			const reason: Problem = outcome.problem ?? {
				name: 'endedWithoutReason',
				data: { provider: job.provider },
			};
			const { actualUsd } = outcome;
			const billed = actualUsd === null ? {} : { billedUsd: actualUsd };
			const problem: Problem = { ...reason, requestId, ...billed };
			return { index, ok: false, job, outcome, problem, status: outcome.status };
		}
		if (!collect) return { index, ok: true, job, outcome };
		const stored = await downloading(async () => await collect(outcome, going));
		if (stored.ok) return { index, ok: true, job, outcome, stored: stored.value };
		// The download broke off because another item ended the run.
		if (going.aborted) return { ...halted(index), job, outcome };
		return { index, ok: false, job, outcome, problem: { ...stored.problem, requestId } };
	};
}
