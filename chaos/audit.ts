import type { Result } from '../nodes/LumaRay/jobs/context';
import type { Order } from '../nodes/LumaRay/providers/provider';
import { hasEnded, statusAt, type PaidJob } from './account';
import type { Breach } from './breaches';
import type { Attempt, Story } from './story';
import type { Process } from './time';

export interface Finding {
	breach: Breach;
	what: string;
	/** The affected job. */
	jobId?: string;
}

export interface Verdict {
	findings: Finding[];
	/**
	 * Jobs whose process crashed before it read the provider's answer. Only the provider's list shows them, because n8n
	 * saves nothing about a node that did not finish.
	 */
	lostInCrashes: number;
	/** Items paid again because the process that paid for the first job crashed before n8n saved anything about it. */
	paidAgainAfterCrashes: number;
}

/** How long the node has to send a cancel after a Stop, in milliseconds. */
const CANCEL_WITHIN_MS = 2_000;
/**
 * How long the node has to end after its last job has ended, in milliseconds. It is long because polls behind a stream
 * are 2 minutes apart.
 */
const ENDS_WITHIN_MS = 5 * 60_000;
/**
 * The number of cancels that are sent at once. If there are more, some wait behind slow ones, and the time limit does
 * not apply.
 */
const CANCELS_AT_ONCE = 20;

/** Checks everything that happened in a story. */
export function audit(story: Story): Verdict {
	const { attempts, account } = story;
	const verdict: Verdict = { findings: [], lostInCrashes: 0, paidAgainAfterCrashes: 0 };
	const report = (breach: Breach, what: string, jobId?: string) =>
		verdict.findings.push({ breach, what, jobId });

	for (const orders of interchangeable(attempts)) judgePayments(orders);
	for (const job of account.jobs) judgeLoss(job);
	for (const attempt of attempts) {
		if (attempt.ending === 'stuck') report('hangs', `the node, forever, from ${attempt.startedAt} on`);
		if (attempt.results) judgeResults(attempt, attempt.results);
		if (attempt.stoppedAt !== undefined) judgeStop(attempt, attempt.stoppedAt);
	}
	for (const [one, other, id] of deliveredAtOnce(attempts)) {
		report('delivered twice', `${id} to the runs that began at ${one} and at ${other}`, id);
	}
	if (story.stillRunning.length > 0)
		report('continues after its end', 'timers long after the node has ended');
	return verdict;

	/** There may be as many successful jobs as ordered videos. Additional jobs may only replace failed ones. */
	function judgePayments(orders: Order[]): void {
		const wanted = orders.reduce((sum, { options }) => sum + (options.generations ?? 1), 0);
		const jobs = account.jobs.filter(({ order }) => orders.some((one) => isFor(order, one)));
		const requests = [...groupBy(jobs, ({ sent }) => sent).values()];
		requests.sort(([one], [other]) => one.sent.at - other.sent.at);
		requests.forEach((request, place) => {
			const [job] = request;
			const allowed = wanted - request.length;
			const earlier = requests.slice(0, place).flat();
			const good = earlier.filter((one) => !isLost(one, job.sent.at));
			if (good.length <= allowed) return;
			const known = good.filter(
				(one) => (!wasForgotten(one) || one.sent.by === job.sent.by) && !wasMistaken(one),
			);
			if (known.length <= allowed) verdict.paidAgainAfterCrashes++;
			else report('paid twice', `${job.id} although there was ${known.at(-1)!.id}`, job.id);
		});
	}

	/** A log or a result must name each accepted job. */
	function judgeLoss(job: PaidJob): void {
		if (job.cancelAskedAt !== undefined || attempts.some((attempt) => mentions(attempt, job))) return;
		// A failed blocking call counts as a refusal: nothing is billed, and its answer names no job.
		if (story.plan.setting.follow === 'direct' && job.ending === 'failed') return;
		const isUnread = wasForgotten(job) && job.sent.answeredAt === undefined;
		if (isUnread || wasMistaken(job)) verdict.lostInCrashes++;
		else report('lost', `no log or result names ${job.id}`, job.id);
	}

	/** Whether another process found an identical job of a crashed process and used it instead of this one. */
	function wasMistaken(job: PaidJob): boolean {
		return account.jobs.some(
			(other) =>
				wasForgotten(other) &&
				other !== job &&
				isSame(other.order, job.order) &&
				attempts.some(({ process, logged }) => process !== other.sent.by && logged.has(other.id)),
		);
	}

	function judgeResults(attempt: Attempt, results: Array<Result<string>>): void {
		const { orders, provider } = attempt;
		const indexes = results.map(({ index }) => index);
		if (indexes.some((index, place) => place > 0 && index < indexes[place - 1])) {
			report('wrong results', `they come in the order ${indexes.join(', ')}`);
		}
		const missing = orders.findIndex((_, index) => !indexes.includes(index));
		if (missing >= 0) report('wrong results', `none for item ${missing}`);
		judgeWait(attempt, results);
		const delivered = results.flatMap((result) => (result.ok ? [result.job.requestId] : []));
		const twice = delivered.find((id, place) => delivered.indexOf(id) !== place);
		if (twice) report('delivered twice', `${twice} to two items`, twice);
		for (const [id, times] of provider.seen.downloads) {
			if (times > 1) report('delivered twice', `the video of ${id} was fetched ${times} times`, id);
		}
		// If one failed item makes the whole node fail, the user does not see the other results.
		const isThrown = story.plan.setting.failFast && results.some(({ ok }) => !ok);
		for (const result of results) if (!result.ok || !isThrown) judgeResult(attempt, result);
	}

	/** If nothing goes wrong, the node must end soon after its last job. */
	function judgeWait({ startedAt, endedAt, stoppedAt }: Attempt, results: Array<Result<string>>): void {
		const { setting, faultProbability } = story.plan;
		const isFollowed = setting.follow === 'auto' || setting.follow === 'poll';
		const isSmooth = faultProbability === 0 && stoppedAt === undefined && results.every(({ job }) => job);
		if (!isFollowed || !isSmooth) return;
		const ends = results.map(({ job }) => (job && account.find(job.requestId))?.endsAt ?? 0);
		const lastsUntil = Math.max(startedAt, ...ends);
		if (endedAt > lastsUntil + ENDS_WITHIN_MS) {
			report('waits too long', `${Math.round((endedAt - lastsUntil) / 1000)} s after the last job ended`);
		}
	}

	function judgeResult(attempt: Attempt, result: Result<string>): void {
		const { index } = result;
		const { setting } = story.plan;
		const job = result.job && account.find(result.job.requestId);
		const status = job && statusAt(job, attempt.endedAt);
		if (job && !isSame(job.order, attempt.orders[index])) {
			report(
				'wrong results',
				`item ${index} got ${job.id}, which is for "${job.order.input.prompt}"`,
				job.id,
			);
		}
		if (result.ok) {
			if (setting.follow === 'none' || (status === 'succeeded' && result.outcome)) return;
			report('wrong results', `${job?.id} is ${status}, and item ${index} says that it succeeded`, job?.id);
			return;
		}
		if (result.halted || !job) return;
		if (!namesOf(result).includes(job.id)) report('unnamed', result.problem.name, job.id);
		const { seen } = attempt.provider;
		const isTrue =
			result.status === 'failed' || result.status === 'cancelled'
				? status === result.status || job.cancelAskedAt !== undefined
				: seen.unreadable.has(job.id) ||
					seen.notDownloaded.has(job.id) ||
					seen.withoutVideo.has(job.id) ||
					attempt.endedAt >= attempt.deadline ||
					attempt.endedByClock >= attempt.clockDeadline;
		if (!isTrue)
			report('false failure', `item ${index}: ${result.problem.name}, ${job.id} is ${status}`, job.id);
	}

	function judgeStop(attempt: Attempt, stoppedAt: number): void {
		const { process, provider, orders } = attempt;
		if (attempt.endedAt > Math.max(stoppedAt, attempt.startedAt)) {
			report('slow stop', `the node ended ${attempt.endedAt - stoppedAt} ms after it`);
		}
		if (provider.seen.lastReadAt > stoppedAt) report('continues after Stop', 'a read of a job');
		if (account.sent.some(({ by, at }) => by === process && at > stoppedAt)) {
			report('continues after Stop', 'a submit');
		}
		const unfinished = account.jobs.filter(
			(job) =>
				orders.some((order) => isFor(job.order, order)) &&
				!hasEnded(statusAt(job, Math.max(stoppedAt, job.acceptedAt))) &&
				!wasHandedOver(job, stoppedAt),
		);
		// The node cannot notice a Stop between two tries. n8n calls it again a few seconds later.
		const noticedAt = Math.max(stoppedAt, attempt.startedAt);
		for (const job of unfinished) judgeCancel(job, process, noticedAt, unfinished.length);
	}

	/**
	 * Whether a tool call with Submit Only has succeeded. Its job must then continue, whatever happens to the other
	 * calls.
	 */
	function wasHandedOver(job: PaidJob, stoppedAt: number): boolean {
		const { host, setting } = story.plan;
		if (!host.tool || setting.follow !== 'none') return false;
		return attempts.some(
			({ endedAt, results = [] }) =>
				endedAt <= stoppedAt && results.some((result) => result.ok && result.job.requestId === job.id),
		);
	}

	function judgeCancel(job: PaidJob, process: Process, stoppedAt: number, unfinished: number): void {
		const knownAt = firstKnown(job.id, process);
		const triedAt = job.cancelTriedAt;
		if (!story.plan.setting.cancelOnStop) {
			if (triedAt !== undefined && triedAt > stoppedAt && story.plan.setting.cancelOnTimeout === false) {
				report('unwanted cancel', job.id, job.id);
			}
			return;
		}
		// An unknown job cannot be cancelled. `judgeLoss` checks whether it should be known.
		if (knownAt === undefined) return;
		const dueAt = Math.max(stoppedAt, knownAt) + CANCEL_WITHIN_MS;
		if (hasEnded(statusAt(job, dueAt)) && triedAt === undefined) return;
		if (triedAt === undefined) report('stop does not cancel', job.id, job.id);
		else if (triedAt > dueAt && unfinished <= CANCELS_AT_ONCE) {
			report('stop does not cancel', `${job.id} before ${triedAt - stoppedAt} ms`, job.id);
		}
	}

	function firstKnown(id: string, process: Process): number | undefined {
		const times = attempts.flatMap(({ process: by, logged }) =>
			by === process && logged.has(id) ? [logged.get(id)!] : [],
		);
		return times.length === 0 ? undefined : Math.min(...times);
	}
}

/** Jobs that two overlapping runs of the node both delivered, with the start times of both runs. */
function deliveredAtOnce(attempts: Attempt[]): Array<[number, number, string]> {
	const deliveries = attempts.flatMap((attempt) =>
		(attempt.results ?? []).flatMap((result) => (result.ok ? [{ attempt, id: result.job.requestId }] : [])),
	);
	return [...groupBy(deliveries, ({ id }) => id)].flatMap(([id, [first, ...others]]) =>
		others.flatMap(({ attempt }): Array<[number, number, string]> => {
			const areAtOnce =
				attempt.startedAt < first.attempt.endedAt && first.attempt.startedAt < attempt.endedAt;
			return areAtOnce && attempt !== first.attempt ? [[first.attempt.startedAt, attempt.startedAt, id]] : [];
		}),
	);
}

/** Whether the user can learn from this try that this job exists or may exist. */
function mentions({ logged, loggedOpen, orders, results = [] }: Attempt, job: PaidJob): boolean {
	const isAbout = (index: number) => isFor(job.order, orders[index]);
	return (
		logged.has(job.id) ||
		[...loggedOpen].some(isAbout) ||
		results.some(
			(result) =>
				namesOf(result).includes(job.id) ||
				(!result.ok && result.problem.name === 'unknownOutcome' && isAbout(result.index)),
		)
	);
}

/**
 * Whether the job's process crashed at any step, including between two tries of the node. n8n saves an execution when
 * it parks or ends, and each process here runs from one save to the next. So if the process crashed, n8n had saved
 * nothing about this job.
 */
function wasForgotten({ sent }: PaidJob): boolean {
	return sent.by.crashedAt !== undefined;
}

/** Whether a job failed or was cancelled, so that its item may be paid for again. */
function isLost(job: PaidJob, at: number): boolean {
	return job.cancelAskedAt !== undefined || statusAt(job, at) === 'failed';
}

/** The request IDs in a result. */
function namesOf(result: Result<string>): string[] {
	const problem = result.ok ? undefined : result.problem;
	return [result.job?.requestId, problem?.requestId].filter((id) => id !== undefined);
}

/** The orders of each run, grouped by video, because equal orders can use each other's jobs. */
function interchangeable(attempts: Attempt[]): Order[][] {
	return [...groupBy(attempts, ({ lineage }) => lineage).values()].flatMap((tries) => {
		const orders = [...new Set(tries.flatMap((attempt) => attempt.orders))];
		return [...groupBy(orders, (order) => JSON.stringify(order)).values()];
	});
}

/** Whether a sent order is this item's order, or orders some of its videos. */
function isFor(sent: Order, order: Order): boolean {
	return sent.input === order.input;
}

/** Whether two orders ask for the same video, so that they can use each other's jobs. */
function isSame(one: Order, other: Order): boolean {
	const videoOf = ({ model, input }: Order) => JSON.stringify([model, input]);
	return isFor(one, other) || videoOf(one) === videoOf(other);
}

function groupBy<K, T>(values: readonly T[], keyOf: (value: T) => K): Map<K, T[]> {
	const groups = new Map<K, T[]>();
	for (const value of values) {
		const group = groups.get(keyOf(value));
		if (group) group.push(value);
		else groups.set(keyOf(value), [value]);
	}
	return groups;
}
