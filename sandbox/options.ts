import type { Edition } from './ray/model';

export const HOSTS = ['queue', 'run', 'rest', 'api', 'cdn', 'oxen', 'oxenCdn'] as const;

/**
 * Each stands for one host of a provider and is a server of its own on its own port:
 * queue.fal.run, fal.run, rest.fal.ai, api.fal.ai, fal's file CDN, hub.oxen.ai and the storage behind it.
 */
export type Host = (typeof HOSTS)[number];

export interface SandboxOptions {
	/** Seconds a job runs once it started (default 3). The index counts accepted jobs from 0. */
	jobSeconds?: number | ((index: number, input: Record<string, unknown>) => number);
	/** Seconds a job is queued before it may start (default 0.5). */
	queueSeconds?: number;
	/** How the providers describe, check and price the models: as at launch (default), or as in October 2026. */
	edition?: Edition;
	/** How long a source video is taken to be that is on another machine or is not an MP4 (default 5). */
	unknownSourceSeconds?: number;
	/** Whether the account may make HDR videos (default true). */
	hdrAccess?: boolean;
	/** What an EXR export is: one file, or a ZIP of one file for each picture (default). */
	exrFormat?: 'exr' | 'zip';
	/** Takes a line about whatever a provider would pass over in silence, such as a field that it ignores. */
	log?: (line: string) => void;
	/** The fal key that is accepted (default `sandbox-id:sandbox-secret`). */
	falKey?: string;
	/** The Oxen key that is accepted (default `sandbox-oxen-key`). */
	oxenKey?: string;
	/** How many jobs run at once; the others stay queued (default: no limit). */
	concurrency?: number;
	/**
	 * Makes every video at least this many bytes long, by an MP4 `free` box at its end that players skip.
	 * The padding is produced while it is sent and is never in memory as a whole.
	 */
	videoBytes?: number;
	/** Seconds between the keep-alive comments of an event stream (default 15, as Oxen documents). */
	keepAliveSeconds?: number;
	/** Seconds before each further delivery of a webhook that was not answered with 2xx. */
	webhookRetrySeconds?: number[];
	/** fal drops webhooks to private and loopback addresses; here they are the only ones (default true). */
	allowPrivateWebhooks?: boolean;
	/**
	 * Where Oxen's result URLs point: to the storage behind it and presigned (default), or to the hub itself,
	 * which asks for the key and redirects to the storage.
	 */
	oxenResults?: 'cdn' | 'hub';
	/** Ports to listen on (default: free ones). */
	ports?: Partial<Record<Host, number>>;
}

export type Settings = Required<Omit<SandboxOptions, 'ports'>> & { ports: Partial<Record<Host, number>> };

export function withDefaults(options: SandboxOptions): Settings {
	return {
		jobSeconds: options.jobSeconds ?? 3,
		queueSeconds: options.queueSeconds ?? 0.5,
		edition: options.edition ?? 'launch',
		unknownSourceSeconds: options.unknownSourceSeconds ?? 5,
		hdrAccess: options.hdrAccess ?? true,
		exrFormat: options.exrFormat ?? 'zip',
		log: options.log ?? (() => {}),
		falKey: options.falKey ?? 'sandbox-id:sandbox-secret',
		oxenKey: options.oxenKey ?? 'sandbox-oxen-key',
		concurrency: options.concurrency ?? Infinity,
		videoBytes: options.videoBytes ?? 0,
		keepAliveSeconds: options.keepAliveSeconds ?? 15,
		webhookRetrySeconds: options.webhookRetrySeconds ?? [0.2, 0.5, 1, 2, 4],
		allowPrivateWebhooks: options.allowPrivateWebhooks ?? true,
		oxenResults: options.oxenResults ?? 'cdn',
		ports: options.ports ?? {},
	};
}
