import { defineConfig } from 'vitest/config';

import { base } from '../../vitest.config.mjs';

/** `npm run bench:quick`: checks whether the benchmark runs. `npm test` leaves it out, because it takes a minute. */
export default defineConfig({ ...base, test: { ...base.test, include: ['test/bench/**/*.test.ts'] } });
