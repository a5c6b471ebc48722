import { readFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';

/**
 * What the figures depend on: machine and versions, as pairs of name and value.
 * @param loadBefore programs that wanted to run in the minute before the benchmark began
 */
export function machineFacts(loadBefore: number): Array<[string, string]> {
	const processors = cpus();
	return [
		['Date', new Date().toISOString().slice(0, 10)],
		['Processor', `${processors.length} × ${processors[0]?.model.trim() || arch()}`],
		['Load before it began', loadBefore.toFixed(1)],
		['Memory', `${(totalmem() / 1e9).toFixed(1)} GB`],
		['System', `${platform()} ${release()}, ${arch()}`],
		['Node.js', process.versions.node],
		...['n8n-core', 'n8n-workflow', '@fal-ai/client'].map((name): [string, string] => [
			name,
			versionOf(name),
		]),
	];
}

/** Read from the file, as not every package lets its package.json be required. */
function versionOf(name: string): string {
	const file = join(__dirname, '..', '..', 'node_modules', name, 'package.json');
	return JSON.parse(readFileSync(file, 'utf8')).version;
}
