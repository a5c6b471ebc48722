import type { Edition } from './ray/model';

export const HOSTS = ['queue', 'run', 'rest', 'api', 'cdn', 'oxen', 'oxenCdn'] as const;

/**
 * The hosts of the providers. Each is a separate server on its own port: queue.fal.run, fal.run, rest.fal.ai,
 * api.fal.ai, fal's file CDN, hub.oxen.ai and the storage behind it.
 */
export type Host = (typeof HOSTS)[number];

export interface SandboxOptions {
	/** How many seconds a job runs after its start (default 3). The index counts accepted jobs from 0. */
	jobSeconds?: number | ((index: number, input: Record<string, unknown>) => number);
	/** How many seconds a job is queued before it may start (default 0.5). */
	queueSeconds?: number;
	/**
	 * The edition in which the providers describe, check and price the models: as at launch (default), or as in October
	 * 2026.
	 */
	edition?: Edition;
	/** The assumed length of a source video that is on another machine or is not an MP4, in seconds (default 5). */
	unknownSourceSeconds?: number;
	/** Whether the account may make HDR videos (default true). */
	hdrAccess?: boolean;
	/** The format of an EXR export: one file, or a ZIP with one file per picture (default). */
	exrFormat?: 'exr' | 'zip';
	/** Called with a line about each thing that a provider would silently ignore, such as an unknown field. */
	log?: (line: string) => void;
	/** The fal key that is accepted (default `sandbox-id:sandbox-secret`). */
	falKey?: string;
	/** The Oxen key that is accepted (default `sandbox-oxen-key`). */
	oxenKey?: string;
	/** How many jobs run at the same time. The others stay queued (default: no limit). */
	concurrency?: number;
	/**
	 * Makes every video at least this many bytes long, with an MP4 `free` box at its end that players skip. The padding
	 * is generated while it is sent and is never in memory as a whole.
	 */
	videoBytes?: number;
	/** Seconds between the keep-alive comments of an event stream (default 15, as Oxen documents). */
	keepAliveSeconds?: number;
	/** Seconds before each additional delivery of a webhook that was not answered with 2xx. */
	webhookRetrySeconds?: number[];
	/** Whether webhooks may go to private and loopback addresses, as tests need (default true). fal drops such webhooks. */
	allowPrivateWebhooks?: boolean;
	/**
	 * The target of Oxen's result URLs: presigned URLs of the storage (default), or URLs of the hub, which requires the
	 * key and redirects to the storage.
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
