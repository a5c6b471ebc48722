import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { REPOSITORY } from '../harness/n8n';
import type { ContenderName } from './contenders';
import { Figures, spreadOfAll } from './figures';
import { secondsOf } from './jobLength';
import { measuresOf, type Measure, type MeasureId } from './measures';
import { numberOf } from './report/words';
import type { Scenario } from './scenarios/stage';
import type { Size } from './sizes';
import type { Track } from './track';

/** Measures two commits alternately, so that other load on the machine affects both. */

const NODES: ContenderName[] = ['nodeStream', 'nodePoll'];

/**
 * Checks out another commit next to this one and reuses the installed packages.
 * @returns its folder, and a function that removes it
 */
export function checkOut(commit: string, folder: string): { root: string; remove: () => void } {
	const root = join(folder, 'base');
	const git = (...args: string[]) => execFileSync('git', ['-C', REPOSITORY, ...args], { stdio: 'pipe' });
	git('worktree', 'add', '--detach', root, commit);
	symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'));
	return { root, remove: () => void git('worktree', 'remove', '--force', root) };
}

/** One of the two commits. */
export interface Side {
	track: Track;
	figures: Figures;
}

/** Runs a scenario once per repetition and side. The sides take turns at going first. */
export async function runInTurns(scenario: Scenario, size: Size, sides: readonly Side[]): Promise<void> {
	for (let repetition = 0; repetition < size.repetitions; repetition++) {
		const seconds = secondsOf(size.longestJob, repetition);
		const once: Size = {
			...size,
			repetitions: 1,
			longestJob: { shortestSeconds: seconds, longestSeconds: seconds },
		};
		const inTurn = repetition % 2 === 0 ? sides : [...sides].reverse();
		for (const side of inTurn) await scenario.run({ size: once, ...side, contenders: NODES });
	}
}

/** One line per measured cell: the medians, and the ratio of each pair of runs. */
export function ratiosOf(size: Size, base: Figures, here: Figures): string {
	const lines = Object.entries(measuresOf(size)).flatMap(([id, measure]: [string, Measure]) =>
		NODES.flatMap((contender) => {
			const [before, now] = [base, here].map((figures) => figures.all(id as MeasureId, contender));
			const [old, recent] = [spreadOfAll(before), spreadOfAll(now)];
			if (!old || !recent) return [];
			const ratio = spreadOfAll(
				now.map((value, pair) => (value === before[pair] ? 1 : value / before[pair])),
			)!;
			const [middle, least, most] = [ratio.median, ratio.least, ratio.most].map((one) => one.toFixed(3));
			const medians = `${numberOf(old.median, measure)} → ${numberOf(recent.median, measure)}`;
			return [`${middle} (${least}–${most})  ${medians}  ${measure.title}, ${contender}`];
		}),
	);
	return ['Ratio to the base (lowest–highest pair), medians, less is better:', ...lines].join('\n');
}
