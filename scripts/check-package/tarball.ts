import { readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { OUTPUT_SCHEMAS } from '../lib/output-schemas';
import { entryPoints, type Manifest } from './manifest';

const ALLOWED_AT_THE_ROOT = ['package.json', 'README.md', 'LICENSE.md', 'CHANGELOG.md'];
const REQUIRED = ['package.json', 'README.md', 'LICENSE.md'];
/** The files that the build makes: code, icons, n8n's node.json with categories, and the output schemas. */
const ALLOWED_IN_DIST =
	/^dist\/(nodes|credentials)\/.+(\.(js|svg|png|node\.json)|\/__schema__\/v[\d.]+\/\w+\/\w+\.json)$/;
const SCHEMAS = 'dist/nodes/LumaRay/__schema__/v1.0.0';

/**
 * The size limit of the packed package in kilobytes. Users wait for its download, and n8n reads all of it at every
 * start.
 */
const MOST_KB = 200;

/** Finds files in the unpacked package that do not belong there, and files that are missing. */
export function contentProblems(folder: string, manifest: Manifest): string[] {
	const files = filesIn(folder);
	const schemas = Object.entries(OUTPUT_SCHEMAS).flatMap(([resource, operations]) =>
		Object.keys(operations).map((operation) => `${SCHEMAS}/${resource}/${operation}.json`),
	);
	const missing = [...REQUIRED, ...entryPoints(manifest), ...schemas].filter((file) => !files.includes(file));
	const surplus = files.filter((file) => !ALLOWED_AT_THE_ROOT.includes(file) && !ALLOWED_IN_DIST.test(file));
	return [
		...missing.map((file) => `${file} is missing`),
		...surplus.map((file) => `${file} does not belong there`),
	];
}

/** Checks whether the packed package has become too large. */
export function sizeProblems(tarball: string): string[] {
	const kb = statSync(tarball).size / 1000;
	return kb <= MOST_KB ? [] : [`it has ${kb.toFixed()} kB, more than ${MOST_KB}`];
}

/** All files below a folder, as relative paths with slashes. */
export function filesIn(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
}
