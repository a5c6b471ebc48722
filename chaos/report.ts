import type { Finding } from './audit';
import type { StoryCounts } from './story';

/** The results of the stories of a run. */

export interface StoryFindings {
	story: number;
	findings: Finding[];
}

export interface Report extends StoryCounts {
	stories: number;
	/** Jobs that the provider accepted. */
	accepted: number;
	lostInCrashes: number;
	paidAgainAfterCrashes: number;
	found: StoryFindings[];
}

/** Consecutive stories of a run. Contains only plain data, so that it can be sent to another process. */
export interface Stretch {
	seed: number;
	guardOut?: string;
	/** The number of the first story. */
	from: number;
	stories: number;
	/** No story starts after this many job orders, or after this many stories with a finding. */
	jobs: number;
	maxFindings: number;
}
