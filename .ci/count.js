/**
 * Prints the slowest files, what failed, and `N passed, N failed`, over several runs of Vitest, as `results.mjs` wrote them:
 * `node count.js <exit status> <result file>…`. A file that could not run counts as one that failed, and so does a
 * red run that left no failed test behind, such as one that the linter failed: "0 failed" is never said of a red run.
 */
const { existsSync, readFileSync } = require('node:fs');
const { relative } = require('node:path');

/** As many as fit below a log without being scrolled to. */
const SLOWEST = 5;

/** More failures than this have one cause. */
const MOST_FAILURES = 20;

const [status, ...results] = process.argv.slice(2);
const files = results
	.filter((file) => existsSync(file))
	.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')));
const sum = (count) => files.reduce((total, file) => total + count(file), 0);

const bySeconds = [...files].sort((one, other) => other.seconds - one.seconds);
for (const { name, seconds } of bySeconds.slice(0, SLOWEST)) {
	console.log(`${seconds.toFixed(1).padStart(7)} s  ${relative(process.cwd(), name)}`);
}

const failures = files.flatMap((file) =>
	file.failures.map((failure) => `${relative(process.cwd(), file.name)} > ${failure}`),
);
for (const failure of failures.slice(0, MOST_FAILURES)) console.log(`FAILED ${failure}`);

const passed = sum((file) => file.passed);
const failed = sum((file) => file.failed);
console.log(`${passed} passed, ${status === '0' ? failed : Math.max(failed, 1)} failed`);
