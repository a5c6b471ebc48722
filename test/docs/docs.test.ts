import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const REPOSITORY = join(__dirname, '..', '..');
const PAGES = [
	...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
	...readdirSync(join(REPOSITORY, 'docs'))
		.filter((name) => name.endsWith('.md'))
		.map((name) => `docs/${name}`),
];

function textOf(page: string): string {
	return readFileSync(join(REPOSITORY, page), 'utf8');
}

describe.each(PAGES)('%s', (page) => {
	test('mentions only commands that exist', () => {
		const { scripts } = JSON.parse(textOf('package.json')) as { scripts: { [name: string]: string } };
		const named = [...textOf(page).matchAll(/npm (?:run )?([a-z][\w:]*)/g)].map(([, name]) => name);
		const ownCommands = named.filter((name) => !['install', 'rebuild', 'pack', 'registry'].includes(name));
		for (const name of ownCommands) expect(Object.keys(scripts)).toContain(name);
	});

	test('links only to files that exist', () => {
		const targets = [...textOf(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target]) => target);
		for (const target of targets) {
			expect([target, existsSync(join(REPOSITORY, dirname(page), target))]).toEqual([target, true]);
		}
	});
});
