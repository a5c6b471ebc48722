import { patiently } from '../providers/patience';
import type { Order, Provider, Submission } from '../providers/provider';
import { backoffMs } from '../transport/backoff';
import type { Clock } from '../transport/clock';
import { shorten, type Problem } from '../models/problem';
import { caught } from './caught';

/** Tries of a paid request that the provider provably refused. */
const MAX_TRIES = 5;

/** `sentAt`: Unix time in milliseconds at which the paid request last went out. */
export type Submitted = Submission & { sentAt: number };

const TOO_LATE: Problem = { name: 'tooLate' };

const unread = (reason: string): Problem => ({ name: 'imageUnread', data: { reason: shorten(reason) } });

export interface SubmitSetting {
	provider: Provider;
	clock: Clock;
	/** Once aborted, nothing more is sent. */
	signal: AbortSignal;
	/** Unix time in milliseconds after which nothing more is sent. */
	deadline: number;
	/** Sends the paid request, once. */
	send: (order: Order, imageUrl: string) => Promise<Submission>;
}

/**
 * Makes the image reachable, then sends the paid request, once. It goes out again only after an answer that
 * proves that the provider refused it before accepting it.
 * @returns undefined if the signal came first, so that nothing was sent
 */
export async function submitOrder(order: Order, setting: SubmitSetting): Promise<Submitted | undefined> {
	const { provider, clock, signal, deadline, send } = setting;
	const place = async () => await provider.placeImage(order, signal);
	const image = await patiently(async () => await caught(place, unread), { clock, signal, deadline });
	if (signal.aborted) return undefined;
	const unsent = (problem: Problem): Submitted => ({
		fate: 'refused',
		again: false,
		problem,
		sentAt: clock.now(),
	});
	if (!image.ok) return unsent(image.problem);
	for (let tries = 1; ; tries++) {
		if (signal.aborted) return undefined;
		if (clock.now() >= deadline) return unsent(TOO_LATE);
		const sentAt = clock.now();
		const submission = await send(order, image.value);
		if (submission.fate === 'accepted') return { ...withImage(submission, image.value), sentAt };
		const submitted = { ...submission, sentAt };
		if (submission.fate === 'open' || !submission.again || tries >= MAX_TRIES) return submitted;
		const pause = backoffMs(tries, clock, submission.retryAfterMs);
		if (clock.now() + pause >= deadline) return submitted;
		await clock.sleep(pause, signal);
	}
}

/** A data URI is not kept: it would swell the saved execution. */
function withImage<Accepted extends Submission & { fate: 'accepted' }>(
	submission: Accepted,
	imageUrl: string,
): Accepted {
	if (imageUrl.startsWith('data:')) return submission;
	return { ...submission, jobs: submission.jobs.map((job) => ({ ...job, imageUrl })) };
}
