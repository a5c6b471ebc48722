import type { ContenderName } from '../contenders';
import type { Figures } from '../figures';
import type { Size } from '../sizes';
import type { Track } from '../track';

/** What a scenario needs. */
export interface Stage {
	size: Size;
	track: Track;
	figures: Figures;
	contenders: ContenderName[];
}

/** Measures something several times and adds the results to the report. */
export interface Scenario {
	label: string;
	run(stage: Stage): Promise<void>;
}
