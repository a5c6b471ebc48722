import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What n8n-core finds in its environment. A file of its own, since the imports of a file run before its statements. */
process.env.N8N_LOG_LEVEL ??= 'silent';
process.env.N8N_USER_FOLDER = mkdtempSync(join(tmpdir(), 'luma-ray-engine-'));
process.env.N8N_ENCRYPTION_KEY = 'test';
