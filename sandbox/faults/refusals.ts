import type { Status } from './kinds';

const status = (code: number, body: unknown, headers?: Record<string, string>): Status => ({
	kind: 'status',
	code,
	body,
	headers,
});

/** Refusals in the words of the provider or proxy that sends them. None of them accepts a job. */
export const REFUSALS = {
	/** A proxy answers in HTML. The client cannot know whether the provider accepted the request. */
	badGateway: status(502, '<html><body><h1>502 Bad Gateway</h1></body></html>'),
	gatewayTimeout: status(504, '<html><body><h1>504 Gateway Time-out</h1></body></html>'),
	falExhaustedBalance: status(403, {
		detail: 'User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.',
	}),
	falRateLimited: status(
		429,
		{ detail: 'Too many concurrent requests', error_type: 'concurrent_requests_limit' },
		{ 'x-fal-error-type': 'concurrent_requests_limit', 'x-fal-needs-retry': '1', 'retry-after': '1' },
	),
	falUnavailable: status(
		503,
		{ detail: 'Runner unavailable', error_type: 'runner_connection_error' },
		{ 'x-fal-error-type': 'runner_connection_error', 'x-fal-retryable': 'true' },
	),
	falInternalError: status(
		500,
		{ detail: 'Internal server error', error_type: 'internal_error' },
		{ 'x-fal-error-type': 'internal_error' },
	),
	/** The HTTP code is not documented. */
	oxenInsufficientCredits: status(402, {
		error: { type: 'insufficient_credits', title: 'Insufficient credits' },
		error_message: 'Insufficient credits',
		status: 'error',
		status_message: 'insufficient_credits',
	}),
	/** Oxen's 429 has no Retry-After. */
	oxenRateLimited: status(429, {
		error: { type: 'rate_limited', title: 'Too many requests' },
		status: 'error',
		status_message: 'rate_limited',
	}),
	/** A refusal that looks like a success, except for its content. */
	oxenNothingQueued: status(200, { generations: [], error: 'No generations could be enqueued' }),
} satisfies Record<string, Status>;
