import type { IDataObject } from 'n8n-workflow';

import { acceptsJob, type Endpoint, type Fault } from '../../sandbox';

/**
 * Every fault at every endpoint, of both providers, in every way to follow a job, and what the node must make of it.
 * Each row is one run of the node with one item in n8n's engine.
 */

export type Provider = 'fal' | 'oxen';
export type Follow = 'auto' | 'poll' | 'direct';

export type Outcome =
	/** The video comes; exactly one job was accepted. */
	| 'succeeds'
	/** Nothing was accepted, and the message says what the provider said. */
	| 'is refused'
	/** Nobody knows whether a job was accepted: the message says so, and nothing is sent again. */
	| 'stays open'
	/** A job was accepted and did not lead to a video; the message names it. */
	| 'ends badly';

export interface FaultCase {
	provider: Provider;
	follow: Follow;
	endpoint: Endpoint;
	fault: Fault;
	/** Which request to the endpoint is struck; every one where it is left out. */
	nth?: number;
	outcome: Outcome;
	/** How often the paid request may reach the provider. */
	submits: number;
	parameters?: IDataObject;
	options?: IDataObject;
}

const HTML = '<html><body><h1>Bad Gateway</h1></body></html>';
const json = (code: number, accepted = false): Fault => ({
	kind: 'status',
	code,
	body: { detail: `HTTP ${code}`, error: { message: `HTTP ${code}` } },
	accepted,
});
const html = (code: number, accepted = false): Fault => ({ kind: 'status', code, body: HTML, accepted });
const busy = (code: number): Fault => ({
	kind: 'status',
	code,
	body: { detail: 'Busy', error: { message: 'Busy' } },
	headers: { 'retry-after': '1' },
});

/** What passes: the same read goes well a moment later. */
const PASSING: Fault[] = [
	{ kind: 'resetBefore' },
	{ kind: 'resetAfter' },
	{ kind: 'truncated' },
	{ kind: 'garbage' },
	{ kind: 'wrongShape', body: [] },
	{ kind: 'huge', megabytes: 100 },
	json(408),
	json(409),
	json(425),
	busy(429),
	json(500),
	html(502),
	busy(503),
	html(504),
];

/** Endpoints that are read while a job is followed to its video. */
const READS: Array<Pick<FaultCase, 'provider' | 'follow' | 'endpoint' | 'parameters'>> = [
	{ provider: 'fal', follow: 'poll', endpoint: 'status' },
	{ provider: 'fal', follow: 'auto', endpoint: 'result' },
	{ provider: 'fal', follow: 'poll', endpoint: 'result' },
	{ provider: 'oxen', follow: 'poll', endpoint: 'status' },
	{ provider: 'oxen', follow: 'auto', endpoint: 'status' },
];

/** Reads without which the video comes all the same. */
const BY_THE_WAY: Array<Pick<FaultCase, 'provider' | 'follow' | 'endpoint'>> = [
	{ provider: 'fal', follow: 'auto', endpoint: 'pricing' },
	{ provider: 'oxen', follow: 'auto', endpoint: 'generation' },
];

const STREAM_FAULTS: Fault[] = [
	{ kind: 'resetBefore' },
	{ kind: 'resetAfter' },
	{ kind: 'silence' },
	{ kind: 'dieAfter', events: 0 },
	{ kind: 'dieAfter', events: 1 },
	{ kind: 'duplicate' },
	{ kind: 'reorder' },
	{ kind: 'foreign' },
	{ kind: 'garbage' },
	json(401),
	json(404),
	busy(429),
	html(502),
];

const STATUS_REWRITES: Fault[] = [{ kind: 'backToQueue' }, { kind: 'unknownStatus' }, { kind: 'nullLogs' }];

/** A paid request whose answer proves nothing. */
const OPEN: Fault[] = [
	{ kind: 'resetAfter' },
	{ kind: 'truncated' },
	{ kind: 'garbage' },
	{ kind: 'wrongShape', body: [] },
	{ kind: 'huge', megabytes: 100 },
	json(408, true),
	json(500, true),
	html(502, true),
	html(503, true),
	html(504, true),
	{ kind: 'resetBefore' },
	json(500),
	html(502),
	html(504),
	{ kind: 'redirect', to: 'http://127.0.0.1:9/elsewhere', code: 307 },
];

/** A paid request that was refused for good. */
const REFUSED: Fault[] = [json(400), json(401), json(402), json(403), json(404), json(422)];

const HOSTILE_URLS = [
	'file:///etc/passwd',
	'javascript:alert(1)',
	'ftp://example.com/x.mp4',
	'not an address',
];

function* cases(): Generator<FaultCase> {
	for (const read of READS) {
		for (const fault of PASSING) yield { ...read, fault, nth: 1, outcome: 'succeeds', submits: 1 };
		for (const code of [401, 403]) yield { ...read, fault: json(code), outcome: 'ends badly', submits: 1 };
		yield { ...read, fault: { kind: 'notFound' }, nth: 1, outcome: 'succeeds', submits: 1 };
	}
	for (const read of BY_THE_WAY) {
		for (const fault of PASSING) yield { ...read, fault, outcome: 'succeeds', submits: 1 };
	}
	for (const [provider, endpoint] of [
		['fal', 'stream'],
		['oxen', 'events'],
	] as const) {
		for (const fault of STREAM_FAULTS) {
			// The poll behind the stream is what notices the end where the stream says nothing.
			const options = { pollIntervalSeconds: 1 };
			yield { provider, follow: 'auto', endpoint, fault, outcome: 'succeeds', submits: 1, options };
		}
	}
	for (const fault of STATUS_REWRITES) {
		yield { provider: 'fal', follow: 'poll', endpoint: 'status', fault, outcome: 'succeeds', submits: 1 };
		yield { provider: 'fal', follow: 'auto', endpoint: 'stream', fault, outcome: 'succeeds', submits: 1 };
	}
	for (const provider of ['fal', 'oxen'] as const) {
		for (const fault of OPEN) {
			const found = acceptsJob(fault);
			yield {
				provider,
				follow: 'poll',
				endpoint: 'submit',
				fault,
				nth: 1,
				outcome: found ? 'succeeds' : 'stays open',
				submits: 1,
			};
			yield { provider, follow: 'direct', endpoint: 'run', fault, nth: 1, outcome: 'stays open', submits: 1 };
		}
		for (const fault of REFUSED) {
			yield { provider, follow: 'poll', endpoint: 'submit', fault, outcome: 'is refused', submits: 1 };
			yield { provider, follow: 'direct', endpoint: 'run', fault, outcome: 'is refused', submits: 1 };
		}
		for (const fault of [busy(429), busy(503)]) {
			yield { provider, follow: 'poll', endpoint: 'submit', fault, nth: 1, outcome: 'succeeds', submits: 2 };
			yield { provider, follow: 'direct', endpoint: 'run', fault, nth: 1, outcome: 'succeeds', submits: 2 };
		}
		const failed: Fault = { kind: 'jobFails', message: 'The runner broke' };
		yield { provider, follow: 'poll', endpoint: 'submit', fault: failed, outcome: 'ends badly', submits: 1 };
		yield { provider, follow: 'auto', endpoint: 'submit', fault: failed, outcome: 'ends badly', submits: 1 };

		const download = { downloadVideo: true };
		for (const fault of PASSING.filter(({ kind }) => !['garbage', 'wrongShape', 'huge'].includes(kind))) {
			// 409 and 425 are no answers of a file server to a GET; the others pass.
			if (fault.kind === 'status' && [409, 425].includes(fault.code)) continue;
			yield {
				provider,
				follow: 'auto',
				endpoint: 'video',
				fault,
				nth: 1,
				outcome: 'succeeds',
				submits: 1,
				parameters: download,
			};
		}
		yield {
			provider,
			follow: 'auto',
			endpoint: 'video',
			fault: { kind: 'emptyVideo' },
			outcome: 'ends badly',
			submits: 1,
			parameters: download,
		};
		yield {
			provider,
			follow: 'auto',
			endpoint: 'video',
			fault: json(404),
			outcome: 'ends badly',
			submits: 1,
			parameters: download,
		};
		yield {
			provider,
			follow: 'auto',
			endpoint: 'video',
			fault: { kind: 'contentType', type: 'text/html' },
			outcome: 'succeeds',
			submits: 1,
			parameters: download,
		};
		const endpoint = provider === 'fal' ? 'result' : 'generation';
		for (const url of HOSTILE_URLS) {
			yield {
				provider,
				follow: 'poll',
				endpoint,
				fault: { kind: 'videoUrl', url },
				outcome: 'ends badly',
				submits: 1,
				parameters: download,
			};
		}
	}
	// An object without what is expected of it: no job's ID is an open fate, no video is a job that led to none.
	const empty: Fault = { kind: 'wrongShape', body: {} };
	yield {
		provider: 'fal',
		follow: 'poll',
		endpoint: 'submit',
		fault: empty,
		outcome: 'succeeds',
		submits: 1,
	};
	yield {
		provider: 'oxen',
		follow: 'poll',
		endpoint: 'submit',
		fault: empty,
		outcome: 'succeeds',
		submits: 1,
	};
	yield {
		provider: 'fal',
		follow: 'poll',
		endpoint: 'status',
		fault: empty,
		nth: 1,
		outcome: 'succeeds',
		submits: 1,
	};
	yield {
		provider: 'oxen',
		follow: 'poll',
		endpoint: 'status',
		fault: empty,
		nth: 1,
		outcome: 'succeeds',
		submits: 1,
	};
	yield {
		provider: 'fal',
		follow: 'poll',
		endpoint: 'result',
		fault: empty,
		outcome: 'ends badly',
		submits: 1,
	};
	yield {
		provider: 'fal',
		follow: 'direct',
		endpoint: 'run',
		fault: empty,
		outcome: 'ends badly',
		submits: 1,
	};
	yield {
		provider: 'oxen',
		follow: 'direct',
		endpoint: 'run',
		fault: empty,
		outcome: 'stays open',
		submits: 1,
	};
	yield {
		provider: 'fal',
		follow: 'auto',
		endpoint: 'result',
		fault: { kind: 'fileName', name: '../../etc/passwd' },
		outcome: 'succeeds',
		submits: 1,
		parameters: { downloadVideo: true },
	};
}

export const MATRIX: FaultCase[] = [...cases()];

/** A row in words, unlike any other's. */
export function nameOf({ provider, follow, endpoint, fault, nth, outcome }: FaultCase): string {
	const { kind, ...details } = fault;
	const accepted = 'code' in fault && 'accepted' in fault && fault.accepted ? ' after accepting' : '';
	const detail =
		'code' in fault
			? ` ${fault.code}${'body' in fault && fault.body === HTML ? ' as HTML' : ''}${accepted}`
			: Object.keys(details).length > 0
				? ` ${JSON.stringify(details)}`
				: '';
	return `${provider} ${follow}: ${kind}${detail} at ${endpoint}${nth ? ` ${nth}` : ''} ${outcome}`;
}
