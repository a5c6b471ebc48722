/**
 * Prints the slowest files, the failures, and `N passed, N failed` over several runs of Vitest. It reads the files
 * that `results.mjs` wrote: `node count.js <exit status> <result file>…`. A file that could not run counts as one
 * failure. So does a failed run without a failed test, for example if the linter failed: the last line of a failed
 * run never says "0 failed".
 */
const { existsSync, readFileSync } = require('node:fs');
const { relative } = require('node:path');

/** The number of lines that fit on a screen at the end of a log. */
const SLOWEST = 5;

/** A longer list of failures usually has a single cause. */
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
