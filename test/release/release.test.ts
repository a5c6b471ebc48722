import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { fillChangelog, sectionOf } from '../../scripts/release/changelog';
import { publish, type Npm } from '../../scripts/release/publish';

const CHANGELOG = readFileSync(join(__dirname, '..', '..', 'CHANGELOG.md'), 'utf8');

describe('the changelog', () => {
	const text =
		'# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A trigger.\n\n## [0.1.0] - 2026-01-01\n\n- First.\n';

	test('gets a section for the version with all entries under Unreleased', () => {
		const filled = fillChangelog(text, '0.2.0', '2026-11-21');
		expect(filled).toContain('## [Unreleased]\n\n## [0.2.0] - 2026-11-21\n\n### Added\n\n- A trigger.\n');
		expect(sectionOf(filled, '0.2.0')).toBe('### Added\n\n- A trigger.');
		expect(sectionOf(filled, '0.1.0')).toBe('- First.');
	});

	test('does not change when the release is run again', () => {
		const filled = fillChangelog(text, '0.2.0', '2026-11-21');
		expect(fillChangelog(filled, '0.2.0', '2026-11-22')).toBe(filled);
	});

	test('causes an error if there is nothing to release', () => {
		const empty = '# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n\n- First.\n';
		expect(() => fillChangelog(empty, '0.2.0', '2026-11-21')).toThrow('nothing under');
	});

	test('of this package has something to release', () => {
		expect(sectionOf(fillChangelog(CHANGELOG, '99.0.0', '2026-11-21'), '99.0.0')).toContain('###');
	});
});

describe('publishing', () => {
	/** Simulates npm with these releases in its registry. A new version is shown only after one more query. */
	function registry(published: string[], { scanner = true, down = false } = {}) {
		const commands: string[] = [];
		let pending: string | undefined;
		const run: Npm = (args) => {
			const [command, spec = ''] = args;
			if (command !== 'view') commands.push(args.join(' '));
			if (command === 'view') {
				if (down) throw Object.assign(new Error('down'), { stderr: 'npm error code ECONNREFUSED' });
				if (published.some((one) => one === spec || one.startsWith(`${spec}@`))) return '1.0.0\n';
				if (pending) published.push(pending);
				throw Object.assign(new Error('unknown'), { stderr: 'npm error code E404' });
			}
			if (spec === 'get') return 'https://registry.example/npm/\n';
			if (command === 'publish') pending = 'node@1.0.0';
			if (command === 'exec' && !scanner) throw new Error('The scanner refuses it');
			return '';
		};
		return { run, commands };
	}
	const lines: string[] = [];
	const release = {
		name: 'node',
		version: '1.0.0',
		say: (line: string) => lines.push(line),
		pause: async () => {},
	};
	const scan = 'exec --yes -- @n8n/scan-community-package node@1.0.0';
	afterEach(() => lines.splice(0));

	test('publishes a new version without a token and scans it', async () => {
		const { run, commands } = registry(['node@0.9.0']);
		await publish(run, release);
		expect(commands).toEqual(['publish --provenance --access public', scan]);
	});

	test('skips a version that is already on the registry, and scans it again', async () => {
		const { run, commands } = registry(['node@1.0.0']);
		await publish(run, release);
		expect(commands).toEqual([scan]);
		expect(lines[0]).toBe('node@1.0.0 is already published: skip');
	});

	test('needs a token for the very first version', async () => {
		const { run, commands } = registry([]);
		await expect(publish(run, release)).rejects.toThrow('add the secret NPM_TOKEN');
		expect(commands).toEqual([]);
		await publish(run, { ...release, token: 'npm_token' });
		expect(commands).toEqual([
			'config get registry',
			'config set //registry.example/npm/:_authToken ${NODE_AUTH_TOKEN} --location user',
			'publish --provenance --access public',
			scan,
		]);
	});

	test('publishes nothing while the registry does not answer', async () => {
		const { run, commands } = registry([], { down: true });
		await expect(publish(run, { ...release, token: 'npm_token' })).rejects.toThrow('down');
		expect(commands).toEqual([]);
	});

	test('fails the release if the scanner refuses the package', async () => {
		const { run } = registry(['node@1.0.0'], { scanner: false });
		await expect(publish(run, release)).rejects.toThrow('The scanner refuses it');
	});
});
