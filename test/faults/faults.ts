import { REFUSALS, type Fault, type Sandbox, type Service } from '../../sandbox';

/** Faults by name. Their messages use the provider's words. */
export type NamedFaults = { [what: string]: Fault | ((sandbox: Sandbox) => Fault) };

const HTML = '<html><body><h1>Something went wrong</h1></body></html>';

/** A JSON error in the provider's format. */
export function status(
	provider: Service,
	code: number,
	said: string,
	headers?: Record<string, string>,
): Fault {
	const body = provider === 'fal' ? { detail: said } : { error: { type: 'error', title: said } };
	return { kind: 'status', code, body, headers };
}

export const html = (code: number, accepted = false): Fault => ({
	kind: 'status',
	code,
	body: HTML,
	accepted,
});

/** An address on a host of the sandbox that is not in the credential. */
export const foreignUrl = ({ fal }: Pick<Sandbox, 'fal'>): string => `${fal.cdnUrl}/elsewhere`;

export const redirect = (sandbox: Sandbox): Fault => ({ kind: 'redirect', to: foreignUrl(sandbox) });

/** The request was not accepted, but the answer does not show it. */
export function lostBefore(provider: Service): NamedFaults {
	return {
		'connection reset before the request is accepted': { kind: 'resetBefore' },
		'no answer, and the request is not accepted': { kind: 'hang', accepted: false },
		'408': status(provider, 408, 'Request timeout'),
		'500': status(provider, 500, 'Internal server error'),
		'502 as HTML': html(502),
		'503 as HTML': html(503),
		'504 as HTML': html(504),
		'a redirect to another host': redirect,
	};
}

/** The request was accepted, but its answer did not arrive completely. */
export const NO_WHOLE_ANSWER: NamedFaults = {
	'connection reset after the request is accepted': { kind: 'resetAfter' },
	'no answer, but the request is accepted': { kind: 'hang', accepted: true },
	'half of the answer': { kind: 'truncated' },
	'half of the answer, and nothing more': { kind: 'stall' },
	'an answer of 100 MB': { kind: 'huge', megabytes: 100 },
};

/** The request was accepted, but its answer cannot be understood. */
export const SENSELESS: NamedFaults = {
	'an answer that is not JSON': { kind: 'garbage' },
	'200 with an empty object': { kind: 'wrongShape' },
	'200 with a list': { kind: 'wrongShape', body: [1, 2, 3] },
	'200 with a string': { kind: 'wrongShape', body: 'done' },
};

/** The request was accepted, but the answer does not show it. */
export const LOST_AFTER: NamedFaults = {
	...NO_WHOLE_ANSWER,
	...SENSELESS,
	'500 as HTML, but the request is accepted': html(500, true),
	'502 as HTML, but the request is accepted': html(502, true),
	'503 as HTML, but the request is accepted': html(503, true),
	'504 as HTML, but the request is accepted': html(504, true),
};

/** A temporary refusal: the same request may be sent again. */
export function refusedForNow(provider: Service): NamedFaults {
	const limited = provider === 'fal' ? REFUSALS.falRateLimited : REFUSALS.oxenRateLimited;
	const unavailable = provider === 'fal' ? REFUSALS.falUnavailable : status('oxen', 503, 'Unavailable');
	return { '429': limited, '503 from the provider itself': unavailable };
}

/** Every transient failure of a read. */
export function transient(provider: Service): NamedFaults {
	return {
		...lostBefore(provider),
		...NO_WHOLE_ANSWER,
		...SENSELESS,
		...refusedForNow(provider),
		'409': status(provider, 409, 'Conflict'),
		'425': status(provider, 425, 'Too early'),
		'500 as HTML': html(500),
		'a slow answer': { kind: 'delay', ms: 800 },
	};
}

/** The answers to a key that does not work. */
export function wrongKey(provider: Service): NamedFaults {
	return {
		'401': status(provider, 401, 'No user found for Key ID and Secret'),
		'403': status(provider, 403, 'Forbidden'),
	};
}
