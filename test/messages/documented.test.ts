import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Problem, ProblemName } from '../../nodes/LumaRay/models/problem';
import { lineOf } from '../../nodes/LumaRay/resources/messages/log';
import {
	sayUnfinished,
	sayNotSuspended,
	sayUnknown,
	wordProblem,
} from '../../nodes/LumaRay/resources/messages';
import { REFUSED_DELIVERIES } from '../../nodes/LumaRay/resources/messages/deliveries';
import { sayDownload, sayNoAnswer } from '../../nodes/LumaRay/resources/messages/reasons';
import { DOWNLOADS, LOG_EVENTS, NO_ANSWERS, PARAMETERS, SAMPLES } from './samples';

/** docs/errors.md must list exactly the messages of the node. */

const PAGE = readFileSync(join(__dirname, '..', '..', 'docs', 'errors.md'), 'utf8');
/** Messages that end with a reason. The reasons have their own table. */
const WITH_REASON: ProblemName[] = [
	'fileNotInRepository',
	'fileNotUploaded',
	'noAnswer',
	'notDownloaded',
	'unknownOutcome',
	'unreachable',
];

/** The text in the first cells of the tables under these headings. */
function documented(...headings: string[]): string[] {
	const sections = PAGE.split(/^## /m).filter((section) => headings.includes(section.split('\n')[0]));
	expect(sections).toHaveLength(headings.length);
	const rows = sections.flatMap((section) => section.split('\n').filter((line) => line.startsWith('| ')));
	return rows
		.map((row) => row.split(' | ')[0].slice(2))
		.filter((cell) => !['---', 'Message', 'Words', 'Line'].includes(cell))
		.flatMap((cell) => cell.split('<br>'));
}

/** The page shows fal.ai's messages for both providers. */
function ofFal(message: string): string {
	return message.startsWith('The credits') ? message : message.replaceAll('Oxen.ai', 'fal.ai');
}

function withoutReason(message: string): string {
	return message.replace(/: (?!…: ).*$/, ': …');
}

function shownOf(problem: Problem): string {
	const { message } = wordProblem(problem);
	return ofFal(WITH_REASON.includes(problem.name) ? withoutReason(message) : message);
}

function expectSame(documentedTexts: string[], texts: string[]): void {
	const [page, code] = [new Set(documentedTexts), new Set(texts)];
	expect({ missing: [...code].filter((text) => !page.has(text)) }).toEqual({ missing: [] });
	expect({ outdated: [...page].filter((text) => !code.has(text)) }).toEqual({ outdated: [] });
}

test('docs/errors.md lists all messages about the account, submits, generations and videos', () => {
	// Problems named `worded` are messages about fields, which other tests check.
	const { worded, ...others } = SAMPLES;
	expect(worded.length).toBeGreaterThan(0);
	expectSame(
		documented('The account', 'The submit', 'The generation', 'The video'),
		(Object.values(others).flat() as Problem[]).map(shownOf),
	);
});

test('docs/errors.md lists all messages about parameters', () => {
	const texts = Object.values(PARAMETERS).flat();
	expectSame(
		documented('The options and other fields'),
		texts.map(({ message }) => message),
	);
});

test('docs/errors.md lists all answers to webhook deliveries', () => {
	expectSame(
		documented("To fal.ai's callback"),
		Object.values(REFUSED_DELIVERIES).map(([, message]) => message),
	);
});

test('docs/errors.md lists the reasons why an execution was not suspended', () => {
	for (const why of ['tool', 'engine', 'unknownEngine'] as const) {
		expect(PAGE).toContain(sayNotSuspended(why).replace(/^.* because (.*)\. It .*$/, '$1'));
	}
});

test('docs/errors.md lists the sentences about other items', () => {
	expect(PAGE).toContain(sayUnfinished(['1', '2'], 'other ')[0].replace(/: .*/, ': …'));
	expect(PAGE).toContain(sayUnknown(2)[0].replace(/;.*/, ''));
});

test('docs/errors.md lists the reasons for a missing answer', () => {
	const lacking = SAMPLES.unknownOutcome.filter(({ data }) => 'lacks' in data.because);
	expectSame(documented('Why there was no answer'), [
		...NO_ANSWERS.map(sayNoAnswer),
		...lacking.map((problem) => wordProblem(problem).message.replace(/^.*?: /, '')),
	]);
});

test('docs/errors.md lists the reasons for a failed video download', () => {
	expectSame(documented('Why a video did not arrive'), DOWNLOADS.map(sayDownload));
});

test("docs/errors.md lists the lines of n8n's log", () => {
	const lines = LOG_EVENTS.map((event) => {
		const line = lineOf(event);
		if (event.name === 'unknownOutcome') return withoutReason(line);
		return line.replace(/\(.*\)/, '(…)');
	});
	expectSame(documented("In n8n's log"), lines);
});
