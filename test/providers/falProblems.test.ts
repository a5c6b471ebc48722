import type { Problem } from '../../nodes/LumaRay/models/problem';
import { falJobProblem, falProblem } from '../../nodes/LumaRay/providers/fal/problems';

import { wordProblem } from '../../nodes/LumaRay/resources/messages';

/** Every error that fal documents (docs.fal.ai/errors) must have a message that says what happened and what to do. */

const IMAGE = ['body', 'image_url'];
/** By type: the HTTP status, the other fields of the entry, and a part of the expected message. */
const MODEL_ERRORS: Array<[string, number, object, string | RegExp]> = [
	[
		'content_policy_violation',
		422,
		{ loc: ['body', 'prompt'] },
		"'Prompt' was refused by the content policy",
	],
	['no_media_generated', 422, {}, 'produced no video'],
	['image_too_small', 422, { loc: IMAGE, ctx: { min_width: 256, min_height: 128 } }, '256×128 pixels'],
	['image_too_small', 422, { loc: IMAGE }, "'Image URL' is too small"],
	['image_too_large', 422, { loc: IMAGE, ctx: { max_width: 4096, max_height: 4097 } }, '4096×4097 pixels'],
	['image_load_error', 422, { loc: IMAGE, msg: 'HTTP 403' }, "'Image URL' could not be loaded (403)"],
	['file_download_error', 422, { loc: IMAGE, msg: 'No answer' }, "'Image URL' could not be downloaded"],
	['face_detection_error', 422, { loc: IMAGE }, 'no face'],
	['file_too_large', 422, { loc: IMAGE, ctx: { max_size: 1000 } }, '1000 bytes'],
	['unsupported_image_format', 422, { loc: IMAGE, ctx: { supported_formats: ['png', 'webp'] } }, 'png, webp'],
	['feature_not_supported', 422, { loc: ['body', 'loop'], msg: '10s' }, "'Loop' asks for something"],
	['one_of', 422, { loc: ['body', 'duration'], ctx: { expected: ['5s', '10s'] } }, 'its options: 5s, 10s'],
	['literal_error', 422, { loc: ['body', 'resolution'], ctx: { expected: "'540p'" } }, "its options: '540p'"],
	['enum', 422, { loc: ['body', 'resolution'], msg: 'Not one' }, "'Resolution': not one"],
	['sequence_too_long', 422, { loc: ['body', 'reference_image_urls'], ctx: { max_length: 4 } }, 'at most 4'],
	['sequence_too_short', 422, { loc: ['body', 'reference_image_urls'] }, 'too few entries'],
	[
		'greater_than',
		422,
		{ loc: ['body', 'duration'], msg: 'Must be greater than 0' },
		'must be greater than 0',
	],
	['missing', 422, { loc: ['body', 'prompt'] }, "'Prompt' is missing"],
	['internal_server_error', 500, { loc: ['body'] }, 'failed while'],
	['downstream_service_unavailable', 500, { loc: ['body'] }, 'not available'],
	['downstream_service_error', 400, { loc: ['body'] }, 'refused the generation'],
	['generation_timeout', 504, { loc: ['body'] }, 'took too long'],
	['a_type_of_tomorrow', 422, { loc: ['body', 'prompt'], msg: 'New rule' }, "'Prompt': new rule"],
];
const INFRASTRUCTURE: Array<[string, number]> = [
	['request_timeout', 504],
	['startup_timeout', 504],
	['runner_connection_timeout', 503],
	['runner_disconnected', 503],
	['runner_scheduling_failure', 503],
	['runner_incomplete_response', 502],
	['runner_server_error', 500],
	['internal_error', 500],
	['client_cancelled', 499],
];

const content = (json: unknown) => ({ json, text: JSON.stringify(json) ?? '' }) as never;

/** The message must consist of words, and the description must say what to do. */
function expectHelpful(problem: Problem): void {
	const { message, description } = wordProblem(problem);
	expect(message).toMatch(/\w{2,} \w+/);
	expect(message).not.toMatch(/undefined|\[object|null|NaN/);
	expect(description).toMatch(/\b(run|change|check|wait|open|top it up|give|set)\b/i);
	expect(description).not.toMatch(/undefined|\[object|NaN/);
}

test.each(MODEL_ERRORS)(
	'has a helpful message for the model’s %s (HTTP %d, %j)',
	(type, status, entry, words) => {
		const problem = falProblem(status, {}, content({ detail: [{ type, msg: 'x', ...entry }] }), 'job');
		expectHelpful(problem);
		expect(wordProblem(problem).message).toEqual(
			expect.stringMatching(typeof words === 'string' ? escaped(words) : words),
		);
		expect(problem).toMatchObject({ httpStatus: status, requestId: 'job' });
	},
);

test.each(MODEL_ERRORS)(
	'has a helpful message for the model’s %s (HTTP %d) without other fields',
	(type, status) => {
		expectHelpful(falProblem(status, {}, content({ detail: [{ type, msg: 'Something is wrong' }] })));
	},
);

describe.each(INFRASTRUCTURE)('the platform’s error %s', (type, status) => {
	test.each<[string, { [name: string]: string }, object]>([
		['in the answer', {}, { detail: 'Something', error_type: type }],
		['in the header', { 'x-fal-error-type': type }, { detail: 'Something' }],
	])('has a helpful message if the type is %s', (_where, headers, body) => {
		const problem = falProblem(status, headers, content(body));
		expectHelpful(problem);
		expect(wordProblem(problem).message).not.toContain('Something');
	});
});

test.each<[number, object | undefined, RegExp]>([
	[401, { detail: 'No key' }, /does not accept the API key/],
	[403, { detail: 'Forbidden' }, /does not accept the API key/],
	[403, { detail: 'User is locked. Exhausted balance.' }, /balance .* used up/],
	[403, { error: { message: 'No access to this app' } }, /has no access to this model/],
	[429, { detail: 'Slow down' }, /no more requests .*Slow down/],
	[429, undefined, /no more requests/],
	[400, { error: { type: 'validation_error', message: 'Bad cursor' } }, /Bad cursor/],
	[500, { error: { type: 'server_error', message: 'It broke' } }, /It broke/],
	[422, {}, /no reason was given/],
	[502, undefined, /not available right now \(HTTP 502\)/],
	[418, undefined, /HTTP 418/],
])('has a helpful message for HTTP %d with %j', (status, body, words) => {
	const problem = falProblem(status, {}, content(body));
	expectHelpful(problem);
	expect(wordProblem(problem).message).toMatch(words);
});

test('includes all entries in the message and counts list positions from 1', () => {
	const loc = ['body', 'reference_image_urls', 2];
	const detail = [
		{ type: 'missing', loc: ['body', 'prompt'] },
		{ type: 'image_load_error', loc, msg: '404' },
	];
	const { message, description } = wordProblem(falProblem(422, {}, content({ detail })));
	expect(message).toBe("'Prompt' is missing; Entry 3 of 'Reference Image URLs' could not be loaded (404)");
	expect(description).toContain('private browser window');
});

test('includes the request ID in the message about an unknown job', () => {
	const problem = falJobProblem(404, {}, content({ status: 'NOT_FOUND' }), 'job-7');
	expect(problem).toMatchObject({ httpStatus: 404, requestId: 'job-7' });
	expect(wordProblem(problem).message).toContain('has no generation with the request ID job-7');
	expect(wordProblem(problem).description).toContain('requestId');
});

function escaped(text: string): RegExp {
	return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}
