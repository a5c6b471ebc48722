import type { Problem } from '../../nodes/LumaRay/models/problem';
import { oxenProblem, saidProblem } from '../../nodes/LumaRay/providers/oxen/problems';

import { wordProblem } from '../../nodes/LumaRay/resources/messages';

/** Every error that Oxen documents must have a message that says what happened and what to do. */

const content = (json: unknown) => ({ json, text: JSON.stringify(json) ?? '' }) as never;

function expectHelpful(problem: Problem): void {
	const { message, description } = wordProblem(problem);
	expect(message).toMatch(/\w{2,} \w+/);
	expect(message).not.toMatch(/undefined|\[object|null|NaN/);
	expect(description).toMatch(/\b(run|change|check|wait|add|use)\b/i);
}

/** An error object in the format that Oxen documents. */
const typed = (type: string, title: string) => ({
	error: { type, title },
	status: 'error',
	status_message: type,
});

test.each<[number, object | undefined, RegExp]>([
	[401, typed('unauthenticated', 'Please log in'), /does not accept the API key$/],
	[401, { status: 'error', status_message: 'unauthenticated' }, /does not accept the API key$/],
	[403, typed('forbidden', 'Forbidden'), /does not accept the API key for this/],
	[400, typed('invalid_params', 'Invalid parameters'), /Invalid parameters/],
	[
		400,
		{ error: { type: 'invalid_params', title: 'Invalid', detail: 'No such ratio' } },
		/Invalid: No such ratio/,
	],
	[400, { error: { message: 'Model not found: x' } }, /Model not found: x/],
	[400, { error: 'num_generations must be an integer between 1 and 4' }, /between 1 and 4/],
	[400, { error_message: 'The image is broken' }, /The image is broken/],
	[404, typed('resource_not_found', 'The requested resource could not be found'), /could not be found/],
	[402, { error_message: 'Insufficient credits' }, /credits .* used up/],
	[402, undefined, /credits .* used up/],
	[400, { error: 'Insufficient credits' }, /credits .* used up/],
	[429, { error: 'Slow down' }, /no more requests .*Slow down/],
	[429, undefined, /no more requests/],
	[500, typed('unknown_error', 'Something went wrong'), /Something went wrong/],
	[502, undefined, /not available right now \(HTTP 502\)/],
	[418, undefined, /HTTP 418/],
])('has a helpful message for HTTP %d with %j', (status, body, words) => {
	const problem = oxenProblem(status, content(body), 'job');
	if (status !== 404) expect(wordProblem(problem).message).toMatch(words);
	expectHelpful(problem);
	expect(problem).toMatchObject({ httpStatus: status, requestId: 'job' });
});

test('includes the request ID in a 404 message only if the 404 is about a job', () => {
	const body = content(typed('resource_not_found', 'The requested resource could not be found'));
	expect(wordProblem(oxenProblem(404, body, 'job-7')).message).toContain(
		'has no generation with the request ID job-7',
	);
	expect(wordProblem(oxenProblem(404, body)).message).toContain('could not be found');
});

test('uses the form’s field names in the model’s message', () => {
	const problem = saidProblem(
		'Getting model response error: 422 - Value error, aspect_ratio is not one of 16:9',
	);
	expect(wordProblem(problem).message).toBe('Oxen.ai: Aspect Ratio is not one of 16:9');
	expectHelpful(problem);
});

test('suggests running the item later after an outage, and changing it after a refusal', () => {
	expect(wordProblem(oxenProblem(500, content({ error: 'It broke' }))).description).toContain('later');
	expect(wordProblem(oxenProblem(400, content({ error: 'Bad prompt' }))).description).toContain('Change');
});
