import { crowd } from './crowd';
import { longJob } from './longJob';
import { fairness, limitedReads, limitedWake, wake } from './limits';
import { download, sourceVideo, upload } from './memory';
import { largeBatch, oneJob, smallBatch } from './waiting';
import type { Scenario } from './stage';

/** All scenarios, in the order they run. */
export const SCENARIOS: Scenario[] = [
	oneJob,
	smallBatch,
	largeBatch,
	longJob,
	download,
	upload,
	sourceVideo,
	crowd,
	limitedReads,
	wake,
	limitedWake,
	fairness,
];
