import type { Catalogue } from '../catalogue';
import type { IgnoredFields } from '../ignored';
import type { JobClock } from '../jobs';
import type { FileStore } from '../files';
import type { Settings } from '../options';
import type { Passage } from '../server';
import type { EventStreams } from '../streams';

/** Data that all hosts of fal share. */
export interface FalContext {
	readonly settings: Settings;
	readonly catalogue: Catalogue;
	readonly clock: JobClock;
	readonly ignored: IgnoredFields;
	readonly streams: EventStreams;
	readonly passage: Passage;
	readonly files: FileStore;
	/** The origins of the servers. They are known after the servers have started to listen. */
	readonly urls: Record<'queue' | 'run' | 'rest' | 'api' | 'cdn', string>;
}

/** fal serves status, result and cancel under the first two segments of an endpoint ID. */
export const APP = '/luma/agent';
