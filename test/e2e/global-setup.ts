import { installHost, NEWEST_N8N } from '../../harness/n8n';

/** Installs n8n before the first test, so that no test's timeout covers a download. */
export default async function globalSetup(): Promise<void> {
	process.stderr.write('\n');
	await installHost(NEWEST_N8N);
}
