import type { Problem } from '../../models/problem';
import { asVideoUrl } from '../../transport/urls';
import { asNumber, asObject, asString, asWords, ownWords } from '../answers';
import type { Json, Outcome, Progress } from '../provider';
import { saidProblem } from './problems';

/** Reads Oxen's answers about a job. */

/** The phase in a row. With an unknown status, keep waiting. */
export function phaseOf(row: Json): Progress['phase'] {
	const status = asString(row.status);
	if (status === 'succeeded' || status === 'failed' || status === 'cancelled') return 'ended';
	return status === 'queued' ? 'queued' : 'running';
}

/** The model in a row. */
export function modelIn(row: Json): { model?: string } {
	const model = asWords(row.model_name);
	return model === undefined ? {} : { model };
}

/**
 * The outcome of a job that has ended, from its row.
 * @param home one of Oxen's addresses: if it is private, the video's address may be private too
 */
export function outcomeOf(row: Json, home: string): Outcome {
	const [enqueued, started, completed] = [row.enqueued_at, row.started_at, row.completed_at].map(asNumber);
	const common = {
		...modelIn(row),
		actualUsd: usdOf(row.cost),
		...(completed === undefined ? {} : { completedAt: completed * 1000 }),
		...(enqueued === undefined || started === undefined ? {} : { queueSeconds: started - enqueued }),
		...(started === undefined || completed === undefined ? {} : { runSeconds: completed - started }),
		raw: row,
	};
	if (row.status !== 'succeeded') {
		return {
			status: row.status === 'cancelled' ? 'cancelled' : 'failed',
			problem: failureIn(row),
			...common,
		};
	}
	const url = asVideoUrl(row.result_url, home);
	if (!url) {
		const problem: Problem = { name: 'noVideoNamed', data: { provider: 'oxen' } };
		return { status: 'succeeded', problem, ...common };
	}
	return { status: 'succeeded', video: { url, ...nameIn(url) }, ...common };
}

function failureIn(row: Json): Problem {
	if (row.status === 'cancelled') return { name: 'cancelled' };
	const said = ownWords(row.error_message);
	return said === undefined ? { name: 'endedWithoutReason', data: { provider: 'oxen' } } : saidProblem(said);
}

/** The outcome for one video in the blocking call's answer: an address, or the video itself. Empty without either. */
export function inlineOutcome(value: unknown, home: string): Outcome[] {
	const video = asObject(value);
	const base64 = asString(video?.b64_json);
	const url = asVideoUrl(video?.url, home);
	if (base64) {
		const inline = { base64, contentType: 'video/mp4', fileName: 'video.mp4' };
		// The raw answer would hold the video in memory a second time and make the item huge.
		return [{ status: 'succeeded', inline, actualUsd: null, raw: { b64_json: '(attached as binary data)' } }];
	}
	if (!video || !url) return [];
	return [{ status: 'succeeded', video: { url, ...nameIn(url) }, actualUsd: null, raw: video }];
}

function nameIn(url: string): { contentType: string; fileName?: string } {
	const name = URL.canParse(url) ? new URL(url).pathname.split('/').pop() : undefined;
	return { contentType: 'video/mp4', ...(name ? { fileName: name } : {}) };
}

/** A cost in USD; null if it is missing or not a valid amount. Oxen sends costs as decimal strings. */
export function usdOf(value: unknown): number | null {
	const usd = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	return typeof usd === 'number' && Number.isFinite(usd) && usd >= 0 ? usd : null;
}
