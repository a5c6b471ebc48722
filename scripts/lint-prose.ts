/**
 * `npm run lint:prose`: finds words that the glossary replaces, in comments, strings, test names and pages.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { RULES } from './lint-prose/rules';
import { markdownTexts, typescriptTexts } from './lint-prose/texts';

const REPOSITORY = resolve(__dirname, '..');
/** The rules and their tests contain the words on purpose. */
const EXCLUDED = /^(?:scripts\/lint-prose|test\/prose)\/|LICENSE/;

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.mts', '*.md'], {
	cwd: REPOSITORY,
	encoding: 'utf8',
})
	.split('\n')
	.filter((file) => file && !EXCLUDED.test(file) && existsSync(resolve(REPOSITORY, file)));

let found = 0;
for (const file of files) {
	const source = readFileSync(resolve(REPOSITORY, file), 'utf8');
	const texts = file.endsWith('.md') ? markdownTexts(source) : typescriptTexts(source, file);
	for (const { line, text } of texts) {
		for (const { pattern, write } of RULES) {
			const match = pattern.exec(text);
			if (!match) continue;
			found++;
			process.stdout.write(`${file}:${line}  "${match[0]}" → ${write}\n`);
		}
	}
}
process.stdout.write(
	found === 0 ? `${files.length} files read like plain English\n` : `${found} to rewrite\n`,
);
process.exitCode = found === 0 ? 0 : 1;
