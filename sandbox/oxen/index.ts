import multipart from '@fastify/multipart';
import { createServer, listen } from '../server';
import type { OxenContext } from './context';
import { serveEvents } from './events';
import { serveGenerate } from './generate';
import { serveGenerations } from './generations';
import { oxenManners } from './manners';
import { serveModels } from './models';
import { serveQueue } from './queue';
import { serveRepos } from './repos';
import { serveResults, serveStorage } from './results';

export interface OxenService {
	/** Deletes the repositories. */
	reset(): void;
	close(): Promise<void>;
}

/** Starts the hub and the storage behind it, and stores their origins in the context. */
export async function startOxen(context: OxenContext): Promise<OxenService> {
	const { settings, passage, urls } = context;
	const manners = oxenManners(settings.oxenKey);
	const hub = createServer('oxen', 'oxen', passage, manners);
	const storage = createServer('oxenCdn', 'oxen', passage, manners);

	await hub.register(multipart, { limits: { fileSize: Infinity } });
	serveQueue(hub, context);
	serveGenerate(hub, context);
	serveEvents(hub, context);
	serveGenerations(hub, context);
	serveModels(hub, context);
	serveResults(hub, context);
	const repos = serveRepos(hub, context);
	serveStorage(storage, context);

	const close = async () => {
		await Promise.all([hub.close(), storage.close()]);
	};
	try {
		urls.oxen = await listen(hub, settings.ports.oxen);
		urls.oxenCdn = await listen(storage, settings.ports.oxenCdn);
	} catch (error) {
		await close();
		throw error;
	}
	return { reset: () => repos.clear(), close };
}
