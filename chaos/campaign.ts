import { setMaxListeners } from 'node:events';

import { audit, type Finding } from './audit';
import { createCrew } from './crew';
import { storySeed } from './random';
import type { Report, Stretch } from './report';
import { Story } from './story';

export interface Campaign {
	seed: number;
	/** No story starts after this many job orders. */
	jobs: number;
	/** The guard to remove on purpose, if any. */
	guardOut?: string;
	/** No story starts after this many stories with a finding. */
	maxFindings?: number;
	/**
	 * The number of processes that run the stories. The report is the same for any number. If it is 1, this process
	 * runs them.
	 */
	workers?: number;
	/** Called repeatedly during the run. */
	onProgress?: (report: Report) => void;
}

const PROGRESS_EVERY = 500;
/**
 * How many stories a worker runs at a time: about half a second of work, so that the messages between the processes
 * cost little.
 */
const STRETCH_STORIES = 100;
/**
 * Stretches in progress or waiting per worker. One waits, so that no worker is idle while the slowest one finishes.
 */
const STRETCHES_AHEAD = 2;

// All sleeps of a run share one signal. The real clock gives each sleep its own signal, which is too slow here.
setMaxListeners(0);

/** Runs one story after another until enough jobs have been ordered. */
export async function runCampaign(campaign: Campaign): Promise<Report> {
	const { workers = 1 } = campaign;
	const whole: Stretch = {
		seed: campaign.seed,
		guardOut: campaign.guardOut,
		from: 0,
		stories: Infinity,
		jobs: campaign.jobs,
		maxFindings: campaign.maxFindings ?? 10,
	};
	if (workers > 1) return await shareOut(whole, workers, campaign.onProgress);
	return await runStretch(whole, campaign.onProgress);
}

/** Runs the stories of a stretch in this process, one after another. */
export async function runStretch(stretch: Stretch, onProgress?: Campaign['onProgress']): Promise<Report> {
	const { seed, guardOut, from, stories, jobs, maxFindings } = stretch;
	const report = emptyReport();
	while (report.stories < stories && report.orders < jobs && report.found.length < maxFindings) {
		const number = from + report.stories++;
		const story = new Story(storySeed(seed, number), report, guardOut);
		try {
			await story.run();
		} catch (error) {
			throw new Error(`Story ${number} of seed ${seed} threw`, { cause: error });
		}
		const { findings, lostInCrashes, paidAgainAfterCrashes } = audit(story);
		report.accepted += story.account.jobs.length;
		report.lostInCrashes += lostInCrashes;
		report.paidAgainAfterCrashes += paidAgainAfterCrashes;
		if (findings.length > 0) report.found.push({ story: number, findings });
		if (report.stories % PROGRESS_EVERY === 0) onProgress?.(report);
	}
	return report;
}

/** Runs the stories in several processes. Adds up their reports in the order of the stories. */
async function shareOut(
	whole: Stretch,
	workers: number,
	onProgress: Campaign['onProgress'],
): Promise<Report> {
	const crew = createCrew(workers);
	const report = emptyReport();
	const ahead: Array<Promise<Report>> = [];
	try {
		for (let from = 0; report.orders < whole.jobs && report.found.length < whole.maxFindings; ) {
			while (ahead.length < workers * STRETCHES_AHEAD) {
				const next = from + ahead.length * STRETCH_STORIES;
				const part = crew.run({ ...whole, from: next, stories: STRETCH_STORIES });
				// The results of a stretch that is still in progress when the run ends are dropped.
				part.catch(() => undefined);
				ahead.push(part);
			}
			const part = await ahead.shift()!;
			const jobs = whole.jobs - report.orders;
			const maxFindings = whole.maxFindings - report.found.length;
			const isLast = part.orders >= jobs || part.found.length >= maxFindings;
			// A single process would stop in the middle of the last stretch, so that stretch is run again up to that point.
			add(report, isLast ? await runStretch({ ...whole, from, jobs, maxFindings }) : part);
			from += STRETCH_STORIES;
			if (report.stories % PROGRESS_EVERY === 0) onProgress?.(report);
		}
	} finally {
		crew.dismiss();
	}
	return report;
}

/** Repeats one story of a run exactly and records what happens. */
export async function replay(
	seed: number,
	story: number,
	guardOut?: string,
): Promise<{ plan: Story['plan']; lines: string[]; findings: Finding[] }> {
	const lines: string[] = [];
	const again = new Story(storySeed(seed, story), emptyReport(), guardOut, (line) => lines.push(line));
	await again.run();
	return { plan: again.plan, lines, findings: audit(again).findings };
}

function emptyReport(): Report {
	return {
		faults: new Map(),
		operations: new Map(),
		orders: 0,
		tries: 0,
		retriedExecutions: 0,
		parkings: 0,
		stops: 0,
		crashes: 0,
		stories: 0,
		accepted: 0,
		lostInCrashes: 0,
		paidAgainAfterCrashes: 0,
		found: [],
	};
}

/** Adds the report of a stretch to the report of the stories before it. */
function add(report: Report, { faults, operations, found, ...counts }: Report): void {
	for (const [kind, count] of faults) report.faults.set(kind, (report.faults.get(kind) ?? 0) + count);
	for (const [name, count] of operations) {
		report.operations.set(name, (report.operations.get(name) ?? 0) + count);
	}
	report.found.push(...found);
	for (const name of Object.keys(counts) as Array<keyof typeof counts>) report[name] += counts[name];
}
