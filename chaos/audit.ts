import type { Result } from '../nodes/LumaRay/jobs/context';
import type { Order } from '../nodes/LumaRay/providers/provider';
import { hasEnded, statusAt, type PaidJob } from './account';
import type { Breach } from './breaches';
import type { Attempt, Story } from './story';
import type { Process } from './time';

export interface Finding {
	breach: Breach;
	what: string;
	/** The job that it is about. */
	jobId?: string;
}

export interface Verdict {
	findings: Finding[];
	/**
	 * Jobs whose process crashed before it read the provider's answer: only the provider's own list shows them. n8n
	 * keeps nothing of a node that did not end.
	 */
	lostInCrashes: number;
	/** Items paid again because the process that paid for the first job crashed before n8n saved anything of it. */
	paidAgainAfterCrashes: number;
}

/** Milliseconds after a Stop within which a cancel must have been sent. */
const CANCEL_WITHIN_MS = 2_000;
/** Milliseconds after the end of its last job within which a node ends: behind a stream it looks every 2 minutes. */
const ENDS_WITHIN_MS = 5 * 60_000;
/** Cancels that are sent at once; where more wait in line behind slow ones, the time does not hold. */
const CANCELS_AT_ONCE = 20;

/** Goes through all that happened in a story and judges it. */
export function audit(story: Story): Verdict {
	const { attempts, account } = story;
	const verdict: Verdict = { findings: [], lostInCrashes: 0, paidAgainAfterCrashes: 0 };
	const report = (breach: Breach, what: string, jobId?: string) =>
		verdict.findings.push({ breach, what, jobId });

	for (const orders of interchangeable(attempts)) judgePayments(orders);
	for (const job of account.jobs) judgeWhereabouts(job);
	for (const attempt of attempts) {
		if (attempt.ending === 'stuck') report('hangs', `the node, for ever, from ${attempt.startedAt} on`);
		if (attempt.results) judgeResults(attempt, attempt.results);
		if (attempt.stoppedAt !== undefined) judgeStop(attempt, attempt.stoppedAt);
	}
	for (const [one, other, id] of deliveredAtOnce(attempts)) {
		report('delivered twice', `${id} to the runs that began at ${one} and at ${other}`, id);
	}
	if (story.restless.length > 0) report('goes on after its end', 'timers long after the node has ended');
	return verdict;

	/** As many videos wanted, as many good jobs: a further request needs that as many earlier jobs have ended badly. */
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

	/** Somebody must be able to say where an accepted job is. */
	function judgeWhereabouts(job: PaidJob): void {
		if (job.cancelAskedAt !== undefined || attempts.some((attempt) => tellsOf(attempt, job))) return;
		// A blocking call that ends badly is a refusal: nothing is billed, and its answer names no job.
		if (story.plan.setting.follow === 'direct' && job.ending === 'failed') return;
		const isUnread = wasForgotten(job) && job.sent.answeredAt === undefined;
		if (isUnread || wasMistaken(job)) verdict.lostInCrashes++;
		else report('lost', `nobody was told of ${job.id}`, job.id);
	}

	/** A job of a process that crashed looks like this one, and another process found it in its place. */
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
		// Where one bad item fails the whole node, nobody sees the good ones.
		const isThrown = story.plan.setting.failFast && results.some(({ ok }) => !ok);
		for (const result of results) if (!result.ok || !isThrown) judgeResult(attempt, result);
	}

	/** Where nothing goes wrong, the node ends soon after the last of its jobs. */
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
				: seen.untold.has(job.id) ||
					seen.unfetched.has(job.id) ||
					seen.withoutVideo.has(job.id) ||
					attempt.endedAt >= attempt.deadline ||
					attempt.endedByClock >= attempt.clockDeadline;
		if (!isTrue) report('given up', `item ${index}: ${result.problem.name}, ${job.id} is ${status}`, job.id);
	}

	function judgeStop(attempt: Attempt, stoppedAt: number): void {
		const { process, provider, orders } = attempt;
		if (attempt.endedAt > Math.max(stoppedAt, attempt.startedAt)) {
			report('stop is slow', `the node ended ${attempt.endedAt - stoppedAt} ms after it`);
		}
		if (provider.seen.lastReadAt > stoppedAt) report('goes on after Stop', 'a read of a job');
		if (account.sent.some(({ by, at }) => by === process && at > stoppedAt)) {
			report('goes on after Stop', 'a submit');
		}
		const unfinished = account.jobs.filter(
			(job) =>
				orders.some((order) => isFor(job.order, order)) &&
				!hasEnded(statusAt(job, Math.max(stoppedAt, job.acceptedAt))) &&
				!wasHandedOver(job, stoppedAt),
		);
		// Between two tries nobody hears of a Stop; n8n calls the node once more, a few seconds later.
		const heardAt = Math.max(stoppedAt, attempt.startedAt);
		for (const job of unfinished) judgeCancel(job, process, heardAt, unfinished.length);
	}

	/** A tool call with Submit Only has ended well: its job is meant to go on, whatever becomes of the other calls. */
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
				report('cancels against the wish', job.id, job.id);
			}
			return;
		}
		// A job that nobody knows cannot be cancelled; whether somebody was told of it is another question.
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

/** Jobs that two runs of the node delivered which ran at the same time, with the beginnings of both. */
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

/** Whether a person can learn from this try that there is this job, or that there may be one. */
function tellsOf({ logged, loggedOpen, orders, results = [] }: Attempt, job: PaidJob): boolean {
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
 * Whether the job's process crashed, at any step: also between two tries of the node. n8n saves an execution when it
 * parks or ends, and a process of its own runs each stretch between two saves, so n8n knew nothing of this job.
 */
function wasForgotten({ sent }: PaidJob): boolean {
	return sent.by.crashedAt !== undefined;
}

/** Whether a job is no use to anybody, so that its item may be paid for once more. */
function isLost(job: PaidJob, at: number): boolean {
	return job.cancelAskedAt !== undefined || statusAt(job, at) === 'failed';
}

/** Request ids that a result tells. */
function namesOf(result: Result<string>): string[] {
	const problem = result.ok ? undefined : result.problem;
	return [result.job?.requestId, problem?.requestId].filter((id) => id !== undefined);
}

/** The orders of one run, those together that ask for the same video: either job will do for them. */
function interchangeable(attempts: Attempt[]): Order[][] {
	return [...groupBy(attempts, ({ lineage }) => lineage).values()].flatMap((tries) => {
		const orders = [...new Set(tries.flatMap((attempt) => attempt.orders))];
		return [...groupBy(orders, (order) => JSON.stringify(order)).values()];
	});
}

/** Whether what was sent is an item's order, or that of some of its videos. */
function isFor(sent: Order, order: Order): boolean {
	return sent.input === order.input;
}

/** Whether two orders ask for the same video, so that either job will do. */
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
