import { mkdtempSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packPackage, REPOSITORY, runProcess, type N8nInstance } from '../../harness/n8n';

const WATCHED = ['nodes', 'credentials'];
/** Milliseconds without another change before a build starts: an editor saves several files at once. */
const CALM_MS = 300;

/**
 * Builds the package and loads it into a running n8n whenever its source changes, forever. n8n reads its packages
 * when it starts, so it is started again, on the same folder and port: the editor's page stays open. A build that
 * fails leaves n8n as it is.
 * @param say prints one line
 */
export async function reloadOnChange(n8n: N8nInstance, logFile: string, say: (line: string) => void) {
	let changedAt = 0;
	for (const folder of WATCHED) {
		watch(join(REPOSITORY, folder), { recursive: true }, () => (changedAt = Date.now()));
	}
	for (;;) {
		while (changedAt === 0 || Date.now() - changedAt < CALM_MS) await sleep(CALM_MS / 3);
		// What changes while this is built is built next.
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
