import { readFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';

/**
 * The machine and versions that the figures depend on, as pairs of name and value.
 * @param loadBefore the load average of the minute before the benchmark started
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

/** Read from the file, because some packages do not export their package.json. */
function versionOf(name: string): string {
	const file = join(__dirname, '..', '..', 'node_modules', name, 'package.json');
	return JSON.parse(readFileSync(file, 'utf8')).version;
}
