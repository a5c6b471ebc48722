import { defineConfig } from 'vitest/config';

import { base } from '../../vitest.config.mjs';

export default defineConfig({
	...base,
	test: {
		...base.test,
		include: ['test/e2e/**/*.test.ts'],
		globalSetup: 'test/e2e/global-setup.ts',
		// One file at a time, because a real n8n needs the whole machine.
		fileParallelism: false,
		// A real n8n may be slow on a shared machine, so the timeouts catch only tests that hang.
		testTimeout: 600_000,
		hookTimeout: 600_000,
	},
});
