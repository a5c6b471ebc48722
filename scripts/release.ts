/**
 * `npm run release -- prepare <version>` and `npm run release -- publish`: the steps of
 * .github/workflows/release.yml.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { refuse } from './lib/flags';
import { fillChangelog, sectionOf } from './release/changelog';
import { npm, publish } from './release/publish';

const USAGE = `npm run release -- prepare <version>   sets the version in package.json and in CHANGELOG.md
npm run release -- notes              prints the changelog of the version in package.json
npm run release -- publish            publishes it, unless the registry has it, and runs n8n's scanner on it

Each step changes nothing when it is run again.
`;

const REPOSITORY = resolve(__dirname, '..');
const CHANGELOG = join(REPOSITORY, 'CHANGELOG.md');

const [step, version = ''] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

function readManifest(): { name: string; version: string } {
	return JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
		name: string;
		version: string;
	};
}

function prepare(): void {
	if (!/^\d+\.\d+\.\d+$/.test(version)) refuse(`'${version}' is not a version such as 1.2.3`);
	const text = readFileSync(CHANGELOG, 'utf8');
	writeFileSync(CHANGELOG, fillChangelog(text, version, new Date().toISOString().slice(0, 10)));
	npm(['version', version, '--no-git-tag-version', '--allow-same-version']);
	say(`package.json and CHANGELOG.md are at ${version}`);
}

function printNotes(): void {
	const manifest = readManifest();
	const notes = sectionOf(readFileSync(CHANGELOG, 'utf8'), manifest.version);
	if (notes === undefined) refuse(`CHANGELOG.md has no section for ${manifest.version}`);
	say(notes);
}

const STEPS: { [step: string]: () => void | Promise<void> } = {
	prepare,
	notes: printNotes,
	publish: async () => await publish(npm, { ...readManifest(), token: process.env.NODE_AUTH_TOKEN, say }),
};

void (async () => {
	const run = STEPS[step ?? ''];
	if (!run) {
		process.stdout.write(USAGE);
		process.exit(step === undefined || step === '--help' ? 0 : 2);
	}
	await run();
})().catch((error: Error) => {
	process.stderr.write(`${error.message}\n`);
	process.exitCode = 1;
});
