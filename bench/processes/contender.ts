import { loadContender, type ContenderName } from '../contenders';
import type { Load } from '../contenders/contender';
import { watch, type Usage } from '../usage';
import { serve } from './child';
import { now } from '../../sandbox/time';
import type { Target } from './sandbox';

/** One contender in its own process, so that it has its own memory and event loop. */

/** One measured run. Unix times in milliseconds. */
export interface Sample extends Usage {
	startedAt: number;
	endedAt: number;
	/** Milliseconds of each execution beside. */
	besideMs?: number[];
}

const calls = {
	/** Loads the contender's code. */
	async load({ contender }: { contender: ContenderName }): Promise<void> {
		await loadContender(contender);
	},

	async run({
		contender,
		load,
		target,
	}: {
		contender: ContenderName;
		load: Load;
		target: Target;
	}): Promise<Sample> {
		const prepare = await loadContender(contender);
		const work = await prepare(load, target);
		const finish = watch();
		const startedAt = now();
		const besideMs = (await work()) ?? undefined;
		return { startedAt, endedAt: now(), besideMs, ...finish() };
	},
};
export type ContenderCalls = typeof calls;

serve(calls);
