import { LumaRayFalApi } from '../../credentials/LumaRayFalApi.credentials';
import { LumaRayOxenApi } from '../../credentials/LumaRayOxenApi.credentials';
import { LumaRay } from '../../nodes/LumaRay/LumaRay.node';
import type { Problem } from '../../nodes/LumaRay/models/problem';
import { wordProblem } from '../../nodes/LumaRay/resources/messages';
import { lineOf } from '../../nodes/LumaRay/resources/messages/log';
import { LOG_EVENTS, PARAMETERS, SAMPLES } from './samples';

const PROBLEMS = Object.values(SAMPLES).flat() as Problem[];
const CREDENTIALS = [new LumaRayFalApi(), new LumaRayOxenApi()];
const GENERATION_OPERATIONS = new LumaRay().description.properties
	.filter(
		({ name, displayOptions }) =>
			name === 'operation' && displayOptions?.show?.resource?.[0] === 'generation',
	)
	.flatMap(({ options = [] }) => options.map(({ name }) => name));
/** Inputs of the model that the node has no field for. */
const FOREIGN_INPUTS = ['hdr'];

/** Every display name of a field, of its options and of a credential. */
function displayNames(): string[] {
	const names: string[] = [];
	const visit = (value: unknown): void => {
		if (typeof value !== 'object' || value === null) return;
		const { displayName } = value as { displayName?: unknown };
		if (typeof displayName === 'string') names.push(displayName);
		Object.values(value).forEach(visit);
	};
	visit([new LumaRay().description, CREDENTIALS]);
	return names;
}

const WORDED = [
	...PROBLEMS.map((problem) => [JSON.stringify(problem), wordProblem(problem)] as const),
	...Object.entries(PARAMETERS).flatMap(([name, messages]) =>
		messages.map((message) => [name, message] as const),
	),
];

describe.each(WORDED)('the message for %s', (_what, { message, description }) => {
	test('says what happened and what to do next', () => {
		expect(message).not.toBe('');
		expect(description).not.toBe('');
		expect(`${message} ${description}`).not.toMatch(/undefined|null|NaN|\[object/);
	});

	test('avoids vague words such as error and problem', () => {
		expect(`${message} ${description}`).not.toMatch(/\b(errors?|problems?|failures?|mistakes?)\b/i);
	});

	test('calls the job a generation and its result a video', () => {
		// Addresses and display names are exempt.
		const own = `${message} ${description}`.replace(/https?:\/\/\S+|'[^']*'/g, '');
		expect(own).not.toMatch(/\b(jobs?|clips?)\b/i);
	});

	test('quotes only existing display names of fields and credentials', () => {
		const known = [...displayNames(), ...FOREIGN_INPUTS];
		// Skips apostrophes inside a word.
		const quoted = [...`${message} ${description}`.matchAll(/(?<!\w)'([^']+)'(?!\w)/g)].map(
			([, name]) => name,
		);
		expect(quoted.filter((name) => !known.includes(name))).toEqual([]);
	});

	test('mentions only existing operations', () => {
		const named = [...description.matchAll(/Generation: ([A-Z]\w*(?: [A-Z]\w*)*)/g)].map(([, name]) => name);
		expect(named.filter((name) => !GENERATION_OPERATIONS.includes(name))).toEqual([]);
	});
});

test.each(LOG_EVENTS)("n8n's log calls a job a generation: %j", (event) => {
	expect(lineOf(event)).not.toMatch(/\b(jobs?|clips?)\b/i);
});

test.each(PROBLEMS)('the message is the same after the problem was saved: %j', (problem) => {
	expect(wordProblem(JSON.parse(JSON.stringify(problem)) as Problem)).toEqual(wordProblem(problem));
});

test('the message contains the request ID once', () => {
	const requestId = 'job-1';
	const named = (problem: Problem) =>
		wordProblem({ ...problem, requestId }).description.split(requestId).length - 1;
	expect(named({ name: 'cancelled' })).toBe(1);
	expect(named({ name: 'timedOut', data: { provider: 'fal', minutes: 30, requestId, job: 'goesOn' } })).toBe(
		1,
	);
});

test('the message about an unknown problem of another version contains the request ID', () => {
	const saved = { name: 'fromTheFuture', requestId: 'job-1' } as unknown as Problem;
	expect(wordProblem(saved).description).toContain('job-1');
});
