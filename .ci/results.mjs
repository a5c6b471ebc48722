import { writeFileSync } from 'node:fs';

/** Milliseconds to seconds. */
const SECOND_MS = 1000;

/** What failed and why, in one line for each error. A suite or file without an error of its own has none. */
function describeFailure(failure) {
	const errors = failure.type === 'test' ? failure.result().errors : failure.errors();
	return (errors ?? []).map(
		({ message }) => `${failure.fullName ?? failure.moduleId}: ${message.split('\n')[0]}`,
	);
}

/**
 * A reporter for Vitest: what `count.js` needs of a run, into the file that RESULTS names. Vitest's own JSON tells
 * neither how long the hooks of a file took, which do the work of the largest ones, nor how many files failed as a
 * whole. It names each failure, too, since a long log is often cut.
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
				// A file that could not run, or whose hooks failed, has no failed test.
				failed: inState('failed').length || (module.ok() ? 0 : 1),
				failures: failures.flatMap(describeFailure),
			};
		});
		writeFileSync(process.env.RESULTS, JSON.stringify(files));
	}
}
