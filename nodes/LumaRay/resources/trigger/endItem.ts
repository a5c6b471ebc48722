import type { INodeExecutionData } from 'n8n-workflow';

import { checkStatus } from '../../jobs/status';
import type { Problem } from '../../models/problem';
import type { ListedJob, Outcome } from '../../providers/provider';
import { systemClock } from '../../transport/clock';
import type { Collector } from '../collect';
import type { Connection } from '../connect';
import { wordProblem } from '../messages';
import { jobItem, type OutputForm } from '../output';
import { timeUp } from './pollError';

/** Polls that try to read a result and download its video. After that, the item is returned without them. */
export const MAX_TRIES = 5;

/** A generation that has ended, from the list or from a status check. */
export type Ended = Pick<ListedJob, 'requestId' | 'status' | 'submittedAt' | 'completedAt'> &
	Partial<ListedJob>;

export interface ItemMaker {
	connection: Connection;
	collect: Collector;
	form: OutputForm;
	/** Aborts when the time that n8n gives a poll is up. */
	signal: AbortSignal;
}

/** `later`: the next poll tries again; `problem` says why, unless the time was up. */
export type EndItem =
	| { item: INodeExecutionData }
	| { later: true; problem?: Problem; retryAfterMs?: number };

/**
 * The item of a generation that has ended, in the form of Generation: Get. A problem that persists, or that a later try
 * cannot solve, becomes its `errorMessage`: the end must not be lost, and must not delay other generations.
 * @param tries earlier polls that tried
 */
export async function endItem(ended: Ended, tries: number, maker: ItemMaker): Promise<EndItem> {
	const { connection, collect, signal } = maker;
	const { provider } = connection;
	const isLastTry = tries + 1 >= MAX_TRIES;
	const job = provider.attach(ended.requestId, ended.model);
	const checked = await checkStatus(job, provider, systemClock, signal, 1);
	const known = checked.ok ? checked.value.outcome : undefined;
	if (!checked.ok || !known) {
		const problem: Problem = checked.ok ? { name: 'notEnded' } : checked.problem;
		const retryAfterMs = checked.ok ? undefined : checked.retryAfterMs;
		const mayPass = checked.ok || checked.transient || signal.aborted || concernsAccount(problem);
		if (isPaced(problem) || (mayPass && !isLastTry)) return { later: true, problem, retryAfterMs };
		return { item: itemOf(ended, listedOutcome(ended), maker, undefined, timeUp(problem, signal)) };
	}
	if (known.status !== 'succeeded' || known.problem) return { item: itemOf(ended, known, maker) };
	const stored = await collect(known, signal);
	if (stored.ok) return { item: itemOf(ended, known, maker, stored.value) };
	if ((stored.transient || signal.aborted) && !isLastTry) return { later: true };
	return { item: itemOf(ended, known, maker, undefined, timeUp(stored.problem, signal)) };
}

/** Whether the provider refused the key or the request rate, so it makes no sense to read the others now. */
export function concernsAccount(problem: Problem): boolean {
	return problem.httpStatus === 401 || isPaced(problem);
}

/** Whether the provider asks to slow down. That does not count as a try. */
export function isPaced({ httpStatus }: Problem): boolean {
	return httpStatus === 429;
}

function itemOf(
	ended: Ended,
	outcome: Outcome,
	{ connection: { provider }, form }: ItemMaker,
	stored?: Parameters<typeof jobItem>[3],
	problem?: Problem,
): INodeExecutionData {
	const job = provider.attach(ended.requestId, ended.model);
	const status = outcome.status === 'succeeded' && outcome.problem ? 'failed' : outcome.status;
	const about = {
		catalogue: provider.catalogue,
		job,
		status,
		outcome,
		model: outcome.model,
		withLogs: false,
	};
	const { json, binary } = jobItem(0, about, form, stored);
	const errorMessage = problem && wordProblem(problem).message;
	// A trigger has no input items, so there is no paired item.
	return { json: { ...json, ...(errorMessage && { errorMessage }) }, ...(binary && { binary }) };
}

/** The outcome as far as the list contains it. */
function listedOutcome({ status, videoUrl, completedAt, actualUsd, raw }: Ended): Outcome {
	return {
		status: status === 'failed' || status === 'cancelled' ? status : 'succeeded',
		...(videoUrl === undefined ? {} : { video: { url: videoUrl } }),
		...(completedAt === undefined ? {} : { completedAt }),
		actualUsd: actualUsd ?? null,
		raw: raw ?? {},
	};
}
