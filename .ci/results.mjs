import { writeFileSync } from 'node:fs';

/** Milliseconds to seconds. */
const SECOND_MS = 1000;

/** The errors of a test, suite or file, one line each. Empty for a suite or file without an error. */
function describeFailure(failure) {
	const errors = failure.type === 'test' ? failure.result().errors : failure.errors();
	return (errors ?? []).map(
		({ message }) => `${failure.fullName ?? failure.moduleId}: ${message.split('\n')[0]}`,
	);
}

/**
 * A reporter for Vitest. It writes what `count.js` needs to know about a run into the file that RESULTS names.
 * Vitest's own JSON reporter leaves out how long the hooks of a file took, although they do most of the work in the
 * largest files, and how many files failed as a whole. This reporter also lists each failure, because long logs are
 * often cut off.
 */
export default class Results {
	onTestRunEnd(modules) {
		const files = modules.map((module) => {
			const tests = [...module.children.allTests()];
			const inState = (state) => tests.filter((test) => test.result().state === state);
			const failures = [...inState('failed'), ...module.children.allSuites(), module];
			const { collectDuration, duration } = module.diagnostic();
			return {
				name: module.moduleId,
				seconds: (collectDuration + duration) / SECOND_MS,
				passed: inState('passed').length,
				// A file that could not run, or whose hooks failed, contains no failed test.
				failed: inState('failed').length || (module.ok() ? 0 : 1),
				failures: failures.flatMap(describeFailure),
			};
		});
		writeFileSync(process.env.RESULTS, JSON.stringify(files));
	}
}
