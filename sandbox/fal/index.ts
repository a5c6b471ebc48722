import { randomUUID } from 'node:crypto';
import { createServer, listen, type Manners } from '../server';
import type { Host } from '../options';
import type { FalContext } from './context';
import { modelManners, platformManners } from './manners';
import { MultipartUploads } from './multipart';
import { servePlatform } from './platform';
import { serveQueue } from './queue';
import { serveRun } from './run';
import { serveCdn, serveUploads } from './storage';
import { Webhooks } from './webhooks';

export interface FalService {
	webhooks: Webhooks;
	/** Drops the webhook deliveries and the uploads that are in progress. */
	reset(): void;
	close(): Promise<void>;
}

/** Starts fal's hosts and stores their origins in the context. */
export async function startFal(context: FalContext): Promise<FalService> {
	const { settings, passage, urls } = context;
	const webhooks = new Webhooks(context);
	const multipart = new MultipartUploads(context);
	const server = (host: Host, manners: Manners) => {
		const app = createServer(host, 'fal', passage, manners);
		app.addHook('onRequest', async (_request, reply) => {
			void reply.header('x-fal-request-id', randomUUID());
		});
		return app;
	};
	const manners = modelManners(settings.falKey);
	const apps = {
		queue: server('queue', manners),
		run: server('run', manners),
		rest: server('rest', manners),
		api: server('api', platformManners(settings.falKey)),
		cdn: server('cdn', manners),
	};
	serveQueue(apps.queue, context);
	serveRun(apps.run, context);
	serveUploads(apps.rest, context, multipart);
	webhooks.serveKeys(apps.rest);
	servePlatform(apps.api, context);
	serveCdn(apps.cdn, context, multipart);

	const close = async () => {
		webhooks.abandon();
		await Promise.all(Object.values(apps).map((app) => app.close()));
	};
	try {
		for (const [host, app] of Object.entries(apps) as Array<[keyof typeof apps, (typeof apps)['queue']]>) {
			urls[host] = await listen(app, settings.ports[host]);
		}
	} catch (error) {
		await close();
		throw error;
	}
	const reset = () => {
		webhooks.abandon();
		multipart.clear();
	};
	return { webhooks, reset, close };
}
