import { loadContender, type ContenderName } from '../contenders';
import type { Load } from '../contenders/contender';
import { watch, type Usage } from '../usage';
import { serve } from './child';
import { now } from '../../sandbox/time';
import type { Target } from './sandbox';

/** One contender in a separate process with its own memory and event loop. */

/** One measured run. Unix times in milliseconds. */
export interface Sample extends Usage {
	startedAt: number;
	endedAt: number;
	/** The length of each execution that ran next to the measured one, in milliseconds. */
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
