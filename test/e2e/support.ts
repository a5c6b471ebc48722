import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
	freshLog,
	installHost,
	N8nInstance,
	NEWEST_N8N,
	packPackage,
	type InstanceOptions,
} from '../../harness/n8n';

/**
 * An n8n with the packed package installed. It has not been started yet.
 * @param name the name of its log, which is kept in the cache's folder `logs`
 */
export async function installedN8n(
	name: string,
	{ version = NEWEST_N8N, ...options }: Partial<InstanceOptions> & { version?: string } = {},
): Promise<N8nInstance> {
	const logFile = freshLog(`e2e-${name}`);
	const packFolder = mkdtempSync(join(tmpdir(), 'luma-ray-pack-'));
	try {
		const tarball = await packPackage(packFolder, logFile);
		const n8n = await N8nInstance.create({ host: await installHost(version), logFile, ...options });
		await n8n.installPackage(tarball);
		return n8n;
	} finally {
		rmSync(packFolder, { recursive: true, force: true });
	}
}
