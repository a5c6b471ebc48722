import type { Job, Listed, Order, Provider } from '../providers/provider';
import type { Clock } from '../transport/clock';

/** Milliseconds before each look: a provider's list may lag behind its queue. */
const LOOKS_MS = [1_000, 4_000, 10_000];
/** Jobs that one look goes through, newest first. */
const LISTED = 100;
/** How far a provider's time of a job may lie before the submit: other clocks, and whole seconds. */
const EARLY_MS = 5_000;
/** How far after it: the submit's own timeout, and a little. */
const LATE_MS = 90_000;

/**
 * Looks for the jobs of a submit that was never answered, in the provider's own list, by prompt, image and time.
 * @param sentAt Unix time in milliseconds at which the submit went out
 * @param taken request ids that belong to other items; those found are added
 * @param inTheAir orders whose submits are not answered yet: a job that may be theirs is left to them
 * @returns the jobs where exactly as many fit as were asked for, and undefined where nobody can tell
 */
export async function findJobs(
	order: Order,
	sentAt: number,
	provider: Provider,
	taken: Set<string>,
	inTheAir: ReadonlySet<Order>,
	clock: Clock,
): Promise<Job[] | undefined> {
	const wanted = order.options.generations ?? 1;
	// A job that was paid for is looked for also after a Stop, to cancel it; so no signal ends this.
	const { signal } = new AbortController();
	for (const pause of LOOKS_MS) {
		await clock.sleep(pause);
		const listed = await provider.list(LISTED, signal);
		if (!listed.ok) {
			if (listed.passing) continue;
			return undefined;
		}
		if ([...inTheAir].some((other) => looksLike(other, order))) continue;
		const fitting = listed.value.filter((one) => !taken.has(one.requestId) && fits(one, order, sentAt));
		if (fitting.length > wanted) return undefined;
		if (fitting.length === wanted) {
			return fitting.map(({ requestId }) => {
				taken.add(requestId);
				return { ...provider.attach(requestId), submittedAt: sentAt };
			});
		}
	}
	return undefined;
}

/** Whether a list cannot tell the jobs of two orders apart. */
function looksLike(one: Order, other: Order): boolean {
	const sameImage =
		typeof one.image !== 'string' || typeof other.image !== 'string' || one.image === other.image;
	return one.input.prompt === other.input.prompt && sameImage;
}

function fits(listed: Listed, { input, image }: Order, sentAt: number): boolean {
	const { prompt, imageUrl, submittedAt = 0 } = listed;
	const sameImage = imageUrl === undefined || typeof image !== 'string' || imageUrl === image;
	const inTime = submittedAt >= sentAt - EARLY_MS && submittedAt <= sentAt + LATE_MS;
	return prompt === input.prompt && sameImage && inTime;
}
