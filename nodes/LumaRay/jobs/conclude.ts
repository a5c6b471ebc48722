import type { Job, Outcome, Reading } from '../providers/provider';
import { patiently, type Patience } from '../providers/patience';
import { shorten, type Problem } from '../models/problem';
import { catchProblem } from './catchProblem';
import { createPool } from './pool';
import { halted, type Result, type RunContext } from './context';

/** Videos downloaded at once: enough to use the full bandwidth, few enough for the memory of a small machine. */
const DOWNLOADS_AT_ONCE = 4;
/** Tries per file. Each try downloads the whole file. */
const MAX_DOWNLOADS = 5;

const unstored = (reason: string): Problem => ({ name: 'notStored', data: { reason: shorten(reason) } });

/**
 * Stores one file of a job. Tries are counted per file, so the EXR file has all its tries even if the video needed
 * several.
 * @param store one try; an exception counts as a failed try
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

/** Makes the result of a job that has ended. Downloads its video if the run collects videos. */
export type Conclude<Stored> = (index: number, job: Job, outcome: Outcome) => Promise<Result<Stored>>;

/** @param going aborts when the run stops waiting for the videos */
export function createConclusions<Stored>(
	{ collect }: RunContext<Stored>,
	going: AbortSignal,
): Conclude<Stored> {
	const downloading = createPool(DOWNLOADS_AT_ONCE);

	return async (index, job, outcome) => {
		const { requestId } = job;
		// Billed, but without a video: a retry reads the result again, at no cost.
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
		// The download was aborted because another item ended the run.
		if (going.aborted) return { ...halted(index), job, outcome };
		return { index, ok: false, job, outcome, problem: { ...stored.problem, requestId } };
	};
}
