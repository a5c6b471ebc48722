import type { FileStore } from '../files';
import type { Catalogue } from '../catalogue';
import type { IgnoredFields } from '../ignored';
import type { JobClock } from '../jobs';
import type { Settings } from '../options';
import type { Passage } from '../server';
import type { EventStreams } from '../streams';

/** Data that all hosts of Oxen share. */
export interface OxenContext {
	readonly settings: Settings;
	readonly catalogue: Catalogue;
	readonly clock: JobClock;
	readonly ignored: IgnoredFields;
	readonly streams: EventStreams;
	readonly passage: Passage;
	readonly files: FileStore;
	/** The origins of the servers. They are known after the servers have started to listen. */
	readonly urls: Record<'oxen' | 'oxenCdn', string>;
}

/** The account that the key belongs to. */
export const ACCOUNT = 'sandbox-user';
