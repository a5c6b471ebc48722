import type { Endpoint, Fault, Service } from '../../../sandbox';
import { EVERY, NO_VIDEO, SUCCEEDS, type Ending, type FaultRow, type Follow } from '../faultCase';
import { html, lostBefore, transient, redirect, status, wrongKey, type NamedFaults } from '../faults';

const NAMES_NO_VIDEO: Ending = { end: 'fails', message: NO_VIDEO };

type Rows = (endpoint: Endpoint, follow: Follow, faults: NamedFaults, ending?: Ending) => FaultRow[];

/** Reads of a job's status and result. A transient failure is retried, a permanent one fails the item immediately. */
export function readRows(provider: Service): FaultRow[] {
	const read: Rows = (endpoint, follow, faults, ending = SUCCEEDS) =>
		Object.entries(faults).map(([what, fault]) => ({ provider, endpoint, follow, what, fault, ending }));
	const all: NamedFaults = { ...transient(provider), '404 for a job that was seen': { kind: 'notFound' } };
	const { '200 with an empty object': empty, '503 from the provider itself': unavailable, ...hitches } = all;
	const final: Ending = { end: 'fails', message: /does not accept the API key/ };
	// Without a stream, the status is read before the job ends. With a stream, it is read only after the end.
	const whatIsRead: Array<[Endpoint, Follow]> =
		provider === 'fal'
			? [
					['status', 'poll'],
					['result', 'poll'],
					['result', 'auto'],
				]
			: [
					['status', 'poll'],
					['status', 'auto'],
				];
	return [
		...whatIsRead.flatMap(([endpoint, follow]) => [
			...read(endpoint, follow, hitches),
			...read(endpoint, follow, wrongKey(provider), final),
			...outlasting(provider, endpoint, follow),
		]),
		...read('status', 'poll', {
			...twists,
			'200 with an empty object': empty,
			'503 from the provider itself': unavailable,
		}),
		...(provider === 'fal' ? falResultRows(read) : []),
		...streamRows(provider),
	];
}

/** Answers that are valid but misleading. */
const twists: NamedFaults = {
	'a status that falls back from running to queued': { kind: 'backToQueue' },
	'an unknown status': { kind: 'unknownStatus' },
	'a log that is null': { kind: 'nullLogs' },
	'another unknown status': { kind: 'unknownStatus', status: 'CANCELLING' },
};

/** Answers about a result that is not ready, or about a job that has failed. */
function falResultRows(read: Rows): FaultRow[] {
	const ended = (code: number, body: object): Fault => ({ kind: 'status', code, body });
	return [
		...read('result', 'poll', {
			'400 with the message that the job is still in progress': status(
				'fal',
				400,
				'Request is still in progress',
			),
			'503 without an error type': status('fal', 503, 'Unavailable'),
			'504 from the runner without a failure in the status': ended(504, {
				detail: 'Timed out',
				error_type: 'startup_timeout',
			}),
			'500 from the queue': ended(500, { detail: 'Internal server error', error_type: 'internal_error' }),
			'405': status('fal', 405, 'Method Not Allowed'),
			'410': status('fal', 410, 'Gone'),
			'400 with another message': status('fal', 400, 'Not completed'),
		}),
		...read('result', 'poll', { '200 with an empty object': { kind: 'wrongShape' } }, NAMES_NO_VIDEO),
		...read(
			'result',
			'poll',
			{
				'422 with the model’s own error': ended(422, {
					detail: [{ loc: ['body', 'prompt'], msg: 'x', type: 'content_policy_violation' }],
				}),
				'500 with the model’s own error': ended(500, {
					detail: [{ loc: ['body'], msg: 'x', type: 'internal_server_error' }],
				}),
				'499 for a cancelled job': ended(499, { detail: 'Cancelled', error_type: 'client_cancelled' }),
			},
			{ end: 'fails', message: /policy|failed while|cancelled/i },
		),
	];
}

/** Faults that never stop: the timeout ends the wait, and the job continues. */
function outlasting(provider: Service, endpoint: Endpoint, follow: Follow): FaultRow[] {
	const faults: { [what: string]: Fault } = {
		'500 every time': html(500),
		'429 every time': status(provider, 429, 'Too many requests'),
		// Oxen's queue may drop a job that has ended, but Oxen's record of the job still has its result.
		...(provider === 'fal' ? { '404 every time': { kind: 'notFound' } as const } : {}),
	};
	return Object.entries(faults).map(([what, fault]) => ({
		provider,
		endpoint,
		follow,
		what,
		fault,
		nth: EVERY,
		options: { timeoutMinutes: 0.1, pollIntervalSeconds: 1 },
		// A 404 for a job that has ended is final after a few tries, which may be before the timeout.
		ending: { end: 'fails', message: /was not ready after|has no generation/ },
	}));
}

/** Faults of the event stream. The polls must find the result in all cases. */
function streamRows(provider: Service): FaultRow[] {
	const endpoint = provider === 'fal' ? 'stream' : 'events';
	const faults: NamedFaults = {
		...lostBefore(provider),
		...wrongKey(provider),
		'404': { kind: 'notFound' },
		'429': status(provider, 429, 'Too many requests'),
		'an answer that is not a stream': { kind: 'garbage' },
		'a redirect to another host': redirect,
		'a stream without events': { kind: 'silence' },
		'a stream that ends before the first event': { kind: 'dieAfter', events: 0 },
		'a stream that ends in the middle of the second event': { kind: 'dieAfter', events: 1 },
		'every event twice': { kind: 'duplicate' },
		'events in the wrong order': { kind: 'reorder' },
		'events about other jobs': { kind: 'foreign' },
		...(provider === 'fal' ? twists : {}),
	};
	return Object.entries(faults).map(([what, fault]) => ({
		provider,
		endpoint,
		follow: 'auto',
		what,
		fault,
		nth: EVERY,
		// With a stream, the polls are two minutes apart unless the user sets a shorter interval.
		options: { pollIntervalSeconds: 1 },
		ending: SUCCEEDS,
	}));
}
