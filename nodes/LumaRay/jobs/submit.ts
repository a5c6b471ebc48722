import { patiently } from '../providers/patience';
import type { Addresses } from '../models/files';
import type { Order, Provider, ReadyOrder, Submission } from '../providers/provider';
import { backoffMs } from '../transport/backoff';
import type { Clock } from '../transport/clock';
import { shorten, type Problem } from '../models/problem';
import { catchProblem } from './catchProblem';
import { timerMs } from './direct';

/** The maximum number of tries of a paid request that the provider provably refused. */
const MAX_TRIES = 5;

/**
 * `sentAt`: Unix time in milliseconds of the last try. `addresses`: of the order's files, as the provider got them.
 */
export type SubmitResult = Submission & { sentAt: number; addresses?: Addresses };

const TOO_LATE: Problem = { name: 'tooLate' };

const unread = (reason: string): Problem => ({ name: 'fileUnread', data: { reason: shorten(reason) } });

export interface SubmitSetting {
	provider: Provider;
	clock: Clock;
	/** After an abort, nothing more is sent. */
	signal: AbortSignal;
	/** Unix time in milliseconds after which nothing more is sent. */
	deadline: number;
	/** Sends the paid request, once. */
	send: (ready: ReadyOrder) => Promise<Submission>;
	/** Absent for a blocking call, which would keep its turn until the video is ready. */
	inTurn?: Provider['inTurn'];
}

/**
 * Makes the files reachable, then sends the paid request once. It is sent again only if the answer proves that the
 * provider did not accept it.
 * @returns undefined if nothing was sent because the signal aborted first
 */
export async function submitOrder(order: Order, context: SubmitSetting): Promise<SubmitResult | undefined> {
	const { clock, signal, deadline } = context;
	// An upload may take hours, n8n's store may never answer, and a provider may ask for a long pause. None of these
	// may delay the run past its deadline.
	const over = new AbortController();
	const late = new AbortController();
	const wait = clock.sleep(timerMs(deadline - clock.now()), signal, over.signal);
	void wait.then(() => late.abort('late'));
	try {
		return await prepareAndSend(order, wait, { ...context, inTime: late.signal });
	} finally {
		over.abort('over');
	}
}

/**
 * @param wait resolves at the deadline, or when the signal aborts
 * @param inTime aborts at the same time
 */
async function prepareAndSend(
	order: Order,
	wait: Promise<void>,
	{
		provider,
		clock,
		signal,
		inTime,
		deadline,
		send,
		inTurn = atOnce,
	}: SubmitSetting & { inTime: AbortSignal },
): Promise<SubmitResult | undefined> {
	const prepare = async () => await provider.prepare(order, inTime);
	const ready = await Promise.race([
		patiently(async () => await catchProblem(prepare, unread), { clock, signal: inTime, deadline }),
		wait.then(() => undefined),
	]);
	if (signal.aborted) return undefined;
	const unsent = (problem: Problem): SubmitResult => ({
		result: 'refused',
		again: false,
		problem,
		sentAt: clock.now(),
	});
	if (!ready) return unsent(TOO_LATE);
	if (!ready.ok) return unsent(ready.problem);
	const addresses = keptAddresses(ready.value);
	for (let tries = 1; ; tries++) {
		let sentAt = 0;
		const submission = await inTurn(inTime, async () => {
			if (signal.aborted) return undefined;
			sentAt = clock.now();
			return inTime.aborted || sentAt >= deadline ? unsent(TOO_LATE) : await send(ready.value);
		});
		if (!submission) return undefined;
		if (submission.result === 'accepted') {
			const jobs = submission.jobs.map((job) => ({ ...job, ...addresses }));
			return { ...submission, jobs, sentAt };
		}
		const submitted = { ...submission, ...(submission.result === 'open' ? addresses : {}), sentAt };
		if (submission.result === 'open' || !submission.again || tries >= MAX_TRIES) return submitted;
		const pause = backoffMs(tries, clock, submission.retryAfterMs);
		if (clock.now() + pause >= deadline) return submitted;
		await clock.sleep(pause, signal);
	}
}

const atOnce: Provider['inTurn'] = async (_signal, submit) => await submit();

/** Data URIs are not kept: they would make the saved execution too large. */
function keptAddresses({ addresses }: ReadyOrder): { addresses?: Addresses } {
	const kept = Object.entries(addresses).filter(([, address]) => !address.startsWith('data:'));
	return kept.length > 0 ? { addresses: Object.fromEntries(kept) } : {};
}
