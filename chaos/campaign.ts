import { setMaxListeners } from 'node:events';

import { audit, type Finding } from './audit';
import { storySeed } from './random';
import { Story, type StoryCounts } from './story';

export interface Campaign {
	seed: number;
	/** Job orders after which no further story is begun. */
	jobs: number;
	/** The guard that is taken out on purpose, if any. */
	guardOut?: string;
	/** Stories with a finding after which no further story is begun. */
	maxFindings?: number;
	/** Called now and then. */
	onProgress?: (report: Report) => void;
}

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

const PROGRESS_EVERY = 500;

// All sleepers of a run wait on one signal; the real clock gives each a signal of its own, which takes its time.
setMaxListeners(0);

/** Lives story after story until enough jobs were ordered. */
export async function runCampaign(campaign: Campaign): Promise<Report> {
	const { seed, jobs, guardOut, maxFindings = 10, onProgress } = campaign;
	const report: Report = {
		...emptyCounts(),
		stories: 0,
		accepted: 0,
		lostInCrashes: 0,
		paidAgainAfterCrashes: 0,
		found: [],
	};
	while (report.orders < jobs && report.found.length < maxFindings) {
		const number = report.stories++;
		const story = new Story(storySeed(seed, number), report, guardOut);
		await story.live();
		const { findings, lostInCrashes, paidAgainAfterCrashes } = audit(story);
		report.accepted += story.account.jobs.length;
		report.lostInCrashes += lostInCrashes;
		report.paidAgainAfterCrashes += paidAgainAfterCrashes;
		if (findings.length > 0) report.found.push({ story: number, findings });
		if (report.stories % PROGRESS_EVERY === 0) onProgress?.(report);
	}
	return report;
}

/** Lives one story of a run again, exactly, and writes down what happens. */
export async function replay(
	seed: number,
	story: number,
	guardOut?: string,
): Promise<{ plan: Story['plan']; lines: string[]; findings: Finding[] }> {
	const lines: string[] = [];
	const again = new Story(storySeed(seed, story), emptyCounts(), guardOut, (line) => lines.push(line));
	await again.live();
	return { plan: again.plan, lines, findings: audit(again).findings };
}

function emptyCounts(): StoryCounts {
	return { faults: new Map(), orders: 0, tries: 0, retriedExecutions: 0, parkings: 0, stops: 0, crashes: 0 };
}
