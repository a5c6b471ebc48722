import { join } from 'node:path';

import { structureProblems } from './rules';
import { parseSources, readTexts } from './sources';

const REPOSITORY = join(__dirname, '..', '..');

function problemsIn(files: { [path: string]: string }): string[] {
	return structureProblems(parseSources(new Map(Object.entries(files))));
}

test('the repository follows its structure rules', () => {
	const problems = structureProblems(parseSources(readTexts(REPOSITORY)));
	if (problems.length === 0) return;
	const failure = new Error(problems.join('\n'));
	// Without a stack, Vitest prints only the problems.
	failure.stack = failure.message;
	throw failure;
});

describe('the structure check reports', () => {
	const JOB = 'nodes/LumaRay/jobs/job.ts';

	test.each([
		['an import', "import { prepare } from '../resources/prepare';"],
		['an import of a type', "import type { Item } from '../resources/prepare';"],
		['an export from a file', "export * from '../resources/prepare';"],
		['a dynamic import', "const load = () => import('../resources/prepare');"],
		['a require', "const { prepare } = require('../resources/prepare');"],
		['an import with require', "import prepare = require('../resources/prepare');"],
		['an import type', "type Item = import('../resources/prepare').Item;"],
	])('an upward import, written as %s', (_, text) => {
		expect(problemsIn({ [JOB]: text, 'nodes/LumaRay/resources/prepare.ts': '' })).toEqual([
			`${JOB}: an upward import of nodes/LumaRay/resources/prepare.ts`,
		]);
	});

	test.each([
		['models', 'transport'],
		['transport', 'providers'],
		['providers', 'jobs'],
		['jobs', 'resources'],
	])('an import into %s from the layer above, %s', (lower, upper) => {
		const files = {
			[`nodes/LumaRay/${lower}/one.ts`]: `import '../${upper}/other';`,
			[`nodes/LumaRay/${upper}/other.ts`]: '',
		};
		expect(problemsIn(files)).toEqual([
			`nodes/LumaRay/${lower}/one.ts: an upward import of nodes/LumaRay/${upper}/other.ts`,
		]);
	});

	test('an import from the file above all layers', () => {
		const files = { [JOB]: "import '../LumaRay.node';", 'nodes/LumaRay/LumaRay.node.ts': '' };
		expect(problemsIn(files)).toEqual([`${JOB}: an upward import of nodes/LumaRay/LumaRay.node.ts`]);
	});

	test.each([
		['nodes/LumaRay/jobs/job.ts', '../../../sandbox', 'nodes/ must not import sandbox/index.ts'],
		[
			'sandbox/jobs.ts',
			'../nodes/LumaRay/models/check',
			'sandbox/ must not import nodes/LumaRay/models/check',
		],
		['harness/video.ts', '../test/support/server', 'harness/ must not import test/support/server'],
		['harness/video.ts', '../bench/track', 'harness/ must not import bench/track'],
		['harness/video.ts', '../chaos/time', 'harness/ must not import chaos/time'],
		['bench/cli.ts', '../test/support/server', 'bench/ must not import test/support/server'],
		['chaos/cli.ts', '../test/support/server', 'chaos/ must not import test/support/server'],
		['scripts/demo.ts', '../test/rows.json', 'scripts/ must not import test/rows.json'],
	])('a forbidden import in %s of %s', (path, specifier, problem) => {
		const files = { [path]: `import '${specifier}';`, 'sandbox/index.ts': '' };
		expect(problemsIn(files)).toEqual([`${path}: ${problem}`]);
	});

	test('a package that is missing in an installation of the product', () => {
		const text = "import 'n8n-workflow'; import 'node:crypto'; import type { Stats } from 'node:fs';";
		expect(problemsIn({ [JOB]: text })).toEqual([`${JOB}: the product must not import node:fs`]);
	});

	test('an import cycle once, even if it consists of type imports', () => {
		const files = {
			'bench/one.ts': "import './two';",
			'bench/two.ts': "import type { Three } from './folder';",
			'bench/folder/index.ts': "export const load = () => import('../one');",
		};
		expect(problemsIn(files)).toEqual([
			'an import cycle: bench/one.ts → bench/two.ts → bench/folder/index.ts → bench/one.ts',
		]);
	});

	test('a folder without a rule', () => {
		expect(problemsIn({ 'tools/one.ts': '' })).toEqual([
			'tools/one.ts: its folder has no rule in test/structure/rules.ts',
		]);
	});

	test('a function of the product with more than 70 lines, even without a name', () => {
		const body = (lines: number) => `{\n${'\n'.repeat(lines - 2)}}`;
		const text = [
			`/** Says what it does. */\nfunction fits() ${body(70)}`,
			`function long() ${body(71)}`,
			`const arrow = () => ${body(72)};`,
			`call(function () ${body(73)});`,
		].join('\n');
		expect(problemsIn({ [JOB]: text, 'test/long.ts': `function long() ${body(90)}` })).toEqual([
			`${JOB}:72: long has 71 lines, at most 70`,
			`${JOB}:143: arrow has 72 lines, at most 70`,
			`${JOB}:215: a function has 73 lines, at most 70`,
		]);
	});
});
