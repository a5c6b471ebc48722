import { RULES } from '../../scripts/lint-prose/rules';
import { markdownTexts, typescriptTexts } from '../../scripts/lint-prose/texts';

/** The words that a rule finds in a text, or nothing. */
function found(text: string): string[] {
	return RULES.flatMap(({ pattern }) => pattern.exec(text)?.[0] ?? []);
}

describe('the rules of the glossary', () => {
	test.each([
		['The node takes up the job.', 'takes up'],
		['It is submitted anew.', 'anew'],
		['Nobody knows whether it was accepted.', 'Nobody'],
		['A poll that fails in passing is repeated.', 'in passing'],
		['The video lies in the store.', 'lies in'],
		['It is cancelled where that is possible.', 'where that is'],
		['Items that ended badly are reported.', 'ended badly'],
		['A poll in place of an event.', 'in place of'],
		['It is accepted, also if the client has left.', 'also if'],
		['The file is yet to be read.', 'yet to be'],
		['It fails after so many polls.', 'after so many'],
		['A box that goes on to the end.', 'goes on to'],
		['A pause must not put that off.', 'put that off'],
		['This process was held up.', 'was held up'],
		['Such a server is wrong more often than not.', 'more often than not'],
	])('%s', (text, word) => {
		expect(found(text)).toContain(word);
	});

	test.each([
		'The node resumes the job.',
		'Oxen.ai takes up to 9 MB.',
		'The folder where the logs go.',
		'A list of old generations, also for agents.',
		'A failed status check does not fail the job.',
		'It puts the file into the item and does not hold up the others.',
	])('%s is plain', (text) => {
		expect(found(text)).toEqual([]);
	});
});

describe('what is read', () => {
	test('of a TypeScript file: comments and sentences, with their lines, but no code', () => {
		const source = [
			'/** Polls the job. */',
			'const anew = 1; // A value',
			"const name = 'once more';",
			'// The first line',
			'// and the second one.',
			"say('The job was submitted again.');",
			'say(`The job ${anew} was submitted again.`);',
		].join('\n');
		expect(typescriptTexts(source, 'a.ts').map(({ line, text }) => [line, text.trim()])).toEqual([
			[1, 'Polls the job.'],
			[2, 'A value'],
			[4, 'The first line and the second one.'],
			[6, 'The job was submitted again.'],
			[7, 'The job … was submitted again.'],
		]);
	});

	test('of a Markdown page: all but code', () => {
		const source = 'Run it.\n\n```bash\nnpm run anew\n```\n\nThe word `anew` is code.';
		expect(markdownTexts(source)).toEqual([
			{ line: 1, text: 'Run it.' },
			{ line: 7, text: 'The word `…` is code.' },
		]);
	});
});
