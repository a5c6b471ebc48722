/**
 * Prints the slowest suites, and `N passed, N failed`, over several runs of jest:
 * `node count.js <exit status> <result file>…`. A suite that could not run counts as one that failed, and so does a
 * red run that left no failed test behind, such as one that the linter ended before jest: "0 failed" is never said
 * of a red run.
 */
const { existsSync, readFileSync } = require('node:fs');
const { relative } = require('node:path');

/** As many as fit below a log without being scrolled to. */
const SLOWEST = 5;

const [status, ...files] = process.argv.slice(2);
const runs = files.filter((file) => existsSync(file)).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const sum = (count) => runs.reduce((total, run) => total + count(run), 0);

const suites = runs
	.flatMap((run) => run.testResults)
	.map(({ name, startTime, endTime }) => ({ name, seconds: (endTime - startTime) / 1000 || 0 }))
	.sort((one, other) => other.seconds - one.seconds);
for (const { name, seconds } of suites.slice(0, SLOWEST)) {
	console.log(`${seconds.toFixed(1).padStart(7)} s  ${relative(process.cwd(), name)}`);
}

const passed = sum((run) => run.numPassedTests);
const failed = sum((run) => run.numFailedTests + run.numRuntimeErrorTestSuites);
console.log(`${passed} passed, ${status === '0' ? failed : Math.max(failed, 1)} failed`);
