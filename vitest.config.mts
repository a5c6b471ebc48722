import { createRequire } from 'node:module';

import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';

const { resolve } = createRequire(import.meta.url);

/** Processes that run test files. More than cores, since most files wait for a server most of the time. */
const WORKERS = 8;

/** The files that take longest, longest first: begun last, one of them alone would hold up the end of a run. */
const LONGEST = [
	'host/matrix',
	'faults/matrix',
	'chaos/chaos',
	'engine/trigger',
	'engine/suspend',
	'wire/answers',
	'wire/search',
	'engine/openFate',
	'host/tools',
	'host/structures',
	'jobs/scale',
	'engine/exr',
	'engine/animate',
	'wire/largeUploads',
	'wire/connections',
	'wire/lists',
	'sandbox/large-uploads',
	'engine/retry',
	'transport/downloads',
	'transport/uploads',
];

/** Begins the longest files first, also on a machine that has never run them. */
class LongestFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const place = ({ moduleId }: TestSpecification) => {
			const found = LONGEST.findIndex((name) => moduleId.endsWith(`${name}.test.ts`));
			return found === -1 ? LONGEST.length : found;
		};
		return [...files].sort((one, other) => place(one) - place(other));
	}
}

/** What the configurations of all tests share. */
export const base = defineConfig({
	// n8n-core requires this build. An import would load the other one, whose classes are not the same.
	resolve: { alias: { 'n8n-workflow': resolve('n8n-workflow') } },
	test: {
		globals: true,
		pool: 'forks',
		// Only what hangs is caught, not what is slow: other work may run on the same machine.
		testTimeout: 300_000,
		hookTimeout: 300_000,
	},
});

export default defineConfig({
	...base,
	test: {
		...base.test,
		include: ['test/**/*.test.ts', 'chaos/**/*.test.ts'],
		// A real n8n, and the benchmark, run by commands of their own.
		exclude: ['**/node_modules/**', 'test/e2e/**', 'test/bench/**'],
		poolOptions: {
			// The files of a worker share n8n's modules: to load those for each file again takes longer than most tests.
			// As few workers as many, since Vitest 3 may give a file to an idle worker that it is about to end.
			forks: { isolate: false, minForks: WORKERS, maxForks: WORKERS },
		},
		setupFiles: 'test/support/setup.ts',
		sequence: { sequencer: LongestFirst },
	},
});
