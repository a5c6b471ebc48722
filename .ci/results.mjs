import { writeFileSync } from 'node:fs';

/** Milliseconds to seconds. */
const SECOND_MS = 1000;

/**
 * A reporter for Vitest: what `count.js` needs of a run, into the file that RESULTS names. Vitest's own JSON tells
 * neither how long the hooks of a file took, which do the work of the largest ones, nor how many files failed as a
 * whole.
 */
export default class Results {
	onTestRunEnd(modules) {
		const files = modules.map((module) => {
			const tests = [...module.children.allTests()].map((test) => test.result().state);
			const failed = tests.filter((state) => state === 'failed').length;
			const { collectDuration, duration } = module.diagnostic();
			return {
				name: module.moduleId,
				seconds: (collectDuration + duration) / SECOND_MS,
				passed: tests.filter((state) => state === 'passed').length,
				// A file that could not run, or whose hooks failed, has no failed test.
				failed: failed === 0 && !module.ok() ? 1 : failed,
			};
		});
		writeFileSync(process.env.RESULTS, JSON.stringify(files));
	}
}
