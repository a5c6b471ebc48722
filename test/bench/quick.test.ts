import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { REPOSITORY } from '../../harness/n8n';

/** In milliseconds. The command takes less than 2 minutes on an idle machine. */
const PATIENCE_MS = 900_000;

// Checks only that the benchmark runs. On a shared machine its numbers mean nothing.
test(
	'the benchmark runs and writes its report',
	async () => {
		const out = mkdtempSync(join(tmpdir(), 'luma-ray-bench-test-'));
		try {
			const tsx = join(REPOSITORY, 'node_modules', 'tsx', 'dist', 'cli.mjs');
			const args = [tsx, 'bench/cli.ts', '--quick', '--out', out];
			const { stdout } = await promisify(execFile)(process.execPath, args, {
				cwd: REPOSITORY,
				timeout: PATIENCE_MS,
			});
			expect(stdout).toContain(join(out, 'benchmarks.md'));
			const report = readFileSync(join(out, 'benchmarks.md'), 'utf8');
			expect(report).toContain('| Luma Ray node, stream |');
			expect(report).not.toMatch(/NaN|undefined|Infinity/);
			expect(readFileSync(join(out, 'images', 'bench.svg'), 'utf8')).toContain('</svg>');
		} finally {
			rmSync(out, { recursive: true, force: true });
		}
	},
	PATIENCE_MS + 10_000,
);
