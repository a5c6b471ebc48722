import { defineConfig } from 'vitest/config';

import { base } from '../../vitest.config.mjs';

export default defineConfig({
	...base,
	test: {
		...base.test,
		include: ['test/e2e/**/*.test.ts'],
		globalSetup: 'test/e2e/global-setup.ts',
		// One after the other: a real n8n needs the machine for itself.
		fileParallelism: false,
		// A real n8n on a slow, shared machine: what hangs is caught, what is merely slow is not.
		testTimeout: 600_000,
		hookTimeout: 600_000,
	},
});
