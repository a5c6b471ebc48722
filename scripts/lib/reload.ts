import { mkdtempSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packPackage, REPOSITORY, runProcess, type N8nInstance } from '../../harness/n8n';

const WATCHED = ['nodes', 'credentials'];
/** Milliseconds without another change before a build starts, because editors save several files at once. */
const CALM_MS = 300;

/**
 * Rebuilds the package and loads it into a running n8n whenever its source changes, until the process ends. n8n reads
 * its packages only at its start, so it is restarted with the same folder and port, and the editor's page stays open.
 * After a failed build, n8n continues unchanged.
 * @param say prints one line
 */
export async function reloadOnChange(n8n: N8nInstance, logFile: string, say: (line: string) => void) {
	let changedAt = 0;
	for (const folder of WATCHED) {
		watch(join(REPOSITORY, folder), { recursive: true }, () => (changedAt = Date.now()));
	}
	for (;;) {
		while (changedAt === 0 || Date.now() - changedAt < CALM_MS) await sleep(CALM_MS / 3);
		// Changes made during this build start another build.
		changedAt = 0;
		say('Changed: building…');
		try {
			await runProcess('npm', ['run', 'build'], { cwd: REPOSITORY, logFile });
		} catch {
			say(`The build failed; n8n continues with the last one. Log: ${logFile}`);
			continue;
		}
		const folder = mkdtempSync(join(tmpdir(), 'luma-ray-dev-'));
		try {
			const tarball = await packPackage(folder, logFile);
			await n8n.stop();
			await n8n.installPackage(tarball);
			await n8n.start();
			say('n8n runs with the change. Reload the page of the editor.');
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	}
}
