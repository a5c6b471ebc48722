import type { Catalogue } from '../catalogue';
import type { IgnoredFields } from '../ignored';
import type { JobClock } from '../jobs';
import type { FileStore } from '../files';
import type { Settings } from '../options';
import type { Passage } from '../server';
import type { EventStreams } from '../streams';

/** What the hosts of fal share. */
export interface FalContext {
	readonly settings: Settings;
	readonly catalogue: Catalogue;
	readonly clock: JobClock;
	readonly ignored: IgnoredFields;
	readonly streams: EventStreams;
	readonly passage: Passage;
	readonly files: FileStore;
	/** Origins, known once the servers listen. */
	readonly urls: Record<'queue' | 'run' | 'rest' | 'api' | 'cdn', string>;
}

/** fal serves status, result and cancel under the first two segments of an endpoint id. */
export const APP = '/luma/agent';
