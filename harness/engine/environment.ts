import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The environment variables that n8n-core reads. They are set in a separate file, because the imports of a file run
 * before its statements.
 */
process.env.N8N_LOG_LEVEL ??= 'silent';
process.env.N8N_USER_FOLDER = mkdtempSync(join(tmpdir(), 'luma-ray-engine-'));
process.env.N8N_ENCRYPTION_KEY = 'test';
