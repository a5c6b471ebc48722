import { createRequire } from 'node:module';

import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';

const { resolve } = createRequire(import.meta.url);

/**
 * The number of processes that run test files. There are more than cores, because most files spend most of their time
 * waiting for a server.
 */
const WORKERS = 8;

/** The files that take longest, longest first. If one of them started last, the whole run would wait for it alone. */
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

/** Starts the longest files first, even on a machine that has never run them. */
class LongestFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const place = ({ moduleId }: TestSpecification) => {
			const found = LONGEST.findIndex((name) => moduleId.endsWith(`${name}.test.ts`));
			return found === -1 ? LONGEST.length : found;
		};
		return [...files].sort((one, other) => place(one) - place(other));
	}
}

/** The settings that all test configurations share. */
export const base = defineConfig({
	// n8n-core requires this build of n8n-workflow. An import would load the other build, which has its own classes.
	resolve: { alias: { 'n8n-workflow': resolve('n8n-workflow') } },
	test: {
		globals: true,
		pool: 'forks',
		// Long timeouts that catch only tests that hang, because other work may run on the same machine.
		testTimeout: 300_000,
		hookTimeout: 300_000,
	},
});

export default defineConfig({
	...base,
	test: {
		...base.test,
		include: ['test/**/*.test.ts', 'chaos/**/*.test.ts'],
		// The tests with a real n8n and the benchmark have separate commands.
		exclude: ['**/node_modules/**', 'test/e2e/**', 'test/bench/**'],
		poolOptions: {
			// The files of a worker share n8n's modules, because loading them again for each file takes longer than most
			// tests. The minimum number of workers equals the maximum, because Vitest 3 may give a file to an idle worker
			// that it is about to end.
			forks: { isolate: false, minForks: WORKERS, maxForks: WORKERS },
		},
		setupFiles: 'test/support/setup.ts',
		sequence: { sequencer: LongestFirst },
	},
});
