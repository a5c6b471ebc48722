import { installHost, NEWEST_N8N } from '../../harness/n8n';

/** Installs n8n before the first test, so that no download counts against a test's timeout. */
export default async function globalSetup(): Promise<void> {
	process.stderr.write('\n');
	await installHost(NEWEST_N8N);
}
