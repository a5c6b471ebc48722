import type { Finding } from './audit';
import type { StoryCounts } from './story';

/** What came of the stories of a run. */

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

/** Consecutive stories of a run. Plain data: it is sent to another process. */
export interface Stretch {
	seed: number;
	guardOut?: string;
	/** The number of the first story. */
	from: number;
	stories: number;
	/** Job orders, and stories with a finding, after which no further story is begun. */
	jobs: number;
	maxFindings: number;
}
