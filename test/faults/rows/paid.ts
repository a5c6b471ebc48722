import type { Fault, Service } from '../../../sandbox';
import { REFUSALS } from '../../../sandbox';
import { NO_VIDEO, SUCCEEDS, type Ending, type FaultRow, type Follow } from '../faultCase';
import {
	LOST_AFTER,
	lostBefore,
	refusedForNow,
	status,
	wrongKey,
	foreignUrl,
	type NamedFaults,
} from '../faults';

/** The paid request is sent only once, unless the provider definitely refused it. */
export function paidRows(provider: Service, follow: Follow): FaultRow[] {
	const endpoint = follow === 'direct' ? 'run' : 'submit';
	const rows = (faults: NamedFaults, ending: Ending): FaultRow[] =>
		Object.entries(faults).map(([what, fault]) => ({
			provider,
			follow,
			endpoint,
			what,
			fault,
			ending,
			// A blocking call waits until the deadline, here about a minute. The value is not a whole number of
			// milliseconds on purpose.
			options: follow === 'direct' ? { timeoutMinutes: 1.2345678 } : {},
		}));
	// For fal's queue, the job is found in the list. A blocking call's job is not in the list, and Oxen's list shows
	// only the prompt, which proves nothing.
	const isFound = provider === 'fal' && follow !== 'direct';
	const afterwards: Ending = isFound ? SUCCEEDS : { end: 'open', jobs: 1 };
	const { '200 with an empty object': empty, ...lostAfter } = LOST_AFTER;
	return [
		...rows(lostBefore(provider), { end: 'open', jobs: 0 }),
		...rows(lostAfter, afterwards),
		...rows({ '200 with an empty object': empty }, emptyAnswer(provider, follow) ?? afterwards),
		...rows(refusedForNow(provider), SUCCEEDS).map((row) => ({ ...row, paidRequests: 2 })),
		...rows({ 'a slow answer': { kind: 'delay', ms: 1_500 } }, SUCCEEDS),
		...rows(wrongKey(provider), { end: 'refused', message: /does not accept the API key/ }),
		...rows(refused(provider), {
			end: 'refused',
			// Oxen's 402 always means missing credits, regardless of its message.
			message: /refused|not be found|NOT_FOUND|HTTP 404|used up/i,
		}),
		...rows(exhausted(provider), { end: 'refused', message: /used up/ }),
		...rows(
			{ 'a job that fails': { kind: 'jobFails', message: 'The machine broke down' } },
			failureOf(provider, follow),
		),
		...(follow === 'direct' ? [] : rows(badIds(provider), afterwards)),
		...(follow === 'direct' ? [] : strangeIds(provider, follow)),
	];
}

/**
 * fal returns the ID of a blocking call's job in a header, so the outcome is known even without a video in the
 * answer.
 */
function emptyAnswer(provider: Service, follow: Follow): Ending | undefined {
	return provider === 'fal' && follow === 'direct' ? { end: 'fails', message: NO_VIDEO } : undefined;
}

function refused(provider: Service): NamedFaults {
	return {
		'400': status(provider, 400, 'The input was refused'),
		'402': status(provider, 402, 'It was refused until it is paid'),
		'404': { kind: 'notFound' },
		'409': status(provider, 409, 'It was refused as a duplicate'),
		'422': status(provider, 422, 'The input was refused'),
	};
}

function exhausted(provider: Service): NamedFaults {
	return provider === 'fal'
		? { 'an exhausted balance': REFUSALS.falExhaustedBalance }
		: { 'no credits left': REFUSALS.oxenInsufficientCredits };
}

function failureOf(provider: Service, follow: Follow): Ending {
	const message = /broke down/;
	// The answer to Oxen's blocking call contains no request ID.
	if (follow === 'direct' && provider === 'oxen') return { end: 'failsUnnamed', message };
	return { end: 'fails', message };
}

/** Accepted jobs with an answer that contains no trustworthy ID. */
function badIds(provider: Service): NamedFaults {
	return {
		'a number as the ID': accepted(provider, 7),
		'an empty ID': accepted(provider, ''),
		'an ID with line breaks': accepted(provider, 'a\r\nAuthorization: b'),
		'an ID of 10,000 characters': accepted(provider, 'x'.repeat(10_000)),
	};
}

/** An ID that would change the path of a URL, and addresses on another host. The node must use neither. */
function strangeIds(provider: Service, follow: Follow): FaultRow[] {
	const id = '../../../elsewhere?a=1#/x';
	const common = {
		provider,
		follow,
		endpoint: 'submit' as const,
		options: { timeoutMinutes: 0.1 },
	};
	const neverReady = (pretended: string): Ending => ({
		end: 'fails',
		message: /was not ready after/,
		id: pretended,
	});
	return [
		{ ...common, what: 'an ID with slashes', fault: accepted(provider, id), ending: neverReady(id) },
		{
			...common,
			what: 'addresses on another host',
			ending: neverReady('an-id'),
			fault: (sandbox) => {
				const url = foreignUrl(sandbox);
				return accepted(provider, 'an-id', { status_url: url, response_url: url, cancel_url: url });
			},
		},
	];
}

function accepted(provider: Service, id: unknown, urls: object = {}): Fault {
	const body =
		provider === 'fal'
			? { request_id: id, status: 'IN_QUEUE', ...urls }
			: { generations: [{ generation_id: id, status: 'queued', ...urls }] };
	return { kind: 'wrongShape', body };
}
