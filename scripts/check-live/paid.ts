import { setTimeout as sleep } from 'node:timers/promises';
import type { Input } from '../../nodes/LumaRay/models/parameters';
import { clipPriceAmong } from '../../nodes/LumaRay/models/prices';
import type { Job, Outcome, Provider, ReadyOrder } from '../../nodes/LumaRay/providers/provider';
import { wordProblem } from '../../nodes/LumaRay/resources/messages';
import { ask, Difference, expectEqual, expectStatus, Unchecked, type Fact } from './facts';

/** The input of the cheapest generation that needs no file. */
const MODEL = 'generate';
const INPUT: Input = {
	prompt: 'A paper boat drifts across a still pond',
	aspectRatio: '16:9',
	resolution: '540p',
	duration: '5s',
};
/** Seconds between two polls, and seconds after which the check stops waiting. */
const POLL_SECONDS = 5;
const WAIT_SECONDS = 20 * 60;

/** Describes the paid generation in the question to the user. */
export const PAID_GENERATION = 'one 5-second text-to-video generation at 540p';

/**
 * The price of the paid generation in USD by the provider's live description. Null if the description contains no
 * price.
 */
export async function paidPrice(provider: Provider): Promise<number | null> {
	const { editions } = provider.catalogue.models[MODEL];
	const { signal } = new AbortController();
	const described = provider.livePrice ? undefined : await provider.describe(MODEL, signal);
	const price = await provider.livePrice?.(MODEL, signal);
	const live = price?.ok ? price.value : described?.ok ? described.value.price : undefined;
	const { usd, source } = clipPriceAmong(editions, INPUT, { live });
	return source === 'live' ? usd : null;
}

/**
 * Facts about one paid generation, in order, because each needs the one before. The request is sent only once,
 * whatever happens.
 * @param say prints a line, so that the request ID is known even if the process is killed
 */
export function paidFacts(
	provider: Provider,
	usd: number | null,
	say: (line: string) => void,
	pollSeconds = POLL_SECONDS,
): Fact[] {
	const folder = `nodes/LumaRay/providers/${provider.id}`;
	const { signal } = new AbortController();
	let job: Job | undefined;
	let outcome: Outcome | undefined;
	return [
		{
			says: 'A submit is answered with one request ID',
			where: `${folder}/submission.ts`,
			check: async () => (job = await submit(provider, usd, say)),
		},
		{
			says: 'The provider reports the job until it has ended, and names the video',
			where: `${folder}/queue.ts, ${folder}/results.ts`,
			check: async () => (outcome = await waitForEnd(provider, need(job), signal, pollSeconds)),
		},
		{
			says: 'The address of the video answers with a video',
			where: 'nodes/LumaRay/transport/video.ts',
			check: async () => {
				const answer = await ask(need(outcome?.video).url, {
					method: 'GET',
					headers: { Range: 'bytes=0-11' },
				});
				expectStatus(answer, [200, 206]);
				if (!answer.text.includes('ftyp')) throw new Difference('an MP4 file', answer.text.slice(0, 12));
			},
		},
		{
			says: 'The billed amount is the live price',
			where: `${folder}/prices.ts or model.ts, ${folder}/results.ts`,
			check: async () => {
				if (usd === null) throw new Unchecked('the provider has no live price');
				expectEqual('USD', usd, need(outcome).actualUsd);
			},
		},
		{
			says: 'The list of generations names the job',
			where: `${folder}/list.ts`,
			check: async () => {
				const { requestId, submittedAt } = need(job);
				const list = await provider.list([MODEL], 20, signal, submittedAt - 60_000);
				if (!list.ok) throw new Unchecked(wordProblem(list.problem).message);
				if (list.value.some((one) => one.requestId === requestId)) return;
				throw new Difference(requestId, `${list.value.length} other jobs`);
			},
		},
	].map((fact) => ({ ...fact, check: async () => void (await fact.check()) }));
}

async function submit(provider: Provider, usd: number | null, say: (line: string) => void): Promise<Job> {
	const estimate = usd === null ? { usd, reason: 'unpublished' as const } : { usd };
	const ready: ReadyOrder = {
		order: { model: MODEL, input: INPUT, options: {}, estimate: { ...estimate, source: 'live' } },
		addresses: {},
	};
	const submission = await provider.submit(ready);
	if (submission.result !== 'accepted') {
		const { message } = wordProblem(submission.problem);
		throw new Difference('an accepted submit', `${submission.result}: ${message}`);
	}
	const [job] = submission.jobs;
	if (!job) throw new Difference('a request ID', JSON.stringify(submission.raw));
	say(`  request ID ${job.requestId}`);
	return job;
}

async function waitForEnd(
	provider: Provider,
	job: Job,
	signal: AbortSignal,
	pollSeconds: number,
): Promise<Outcome> {
	const deadline = Date.now() + WAIT_SECONDS * 1000;
	while (Date.now() < deadline) {
		const progress = await provider.progress(job, signal);
		const hasEnded = progress.ok && ('status' in progress.value || progress.value.phase === 'ended');
		const outcome = hasEnded ? await provider.outcome(job, signal) : undefined;
		if (outcome?.ok) {
			const { status, problem, video } = outcome.value;
			if (video) return outcome.value;
			throw new Difference('a video', `${status}: ${problem ? wordProblem(problem).message : 'no video'}`);
		}
		await sleep(pollSeconds * 1000);
	}
	throw new Unchecked(`request ID ${job.requestId} is still unfinished after ${WAIT_SECONDS / 60} minutes`);
}

function need<T>(value: T | undefined): T {
	if (value === undefined) throw new Unchecked('the fact before this one does not hold');
	return value;
}
