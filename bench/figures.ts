import type { ContenderName } from './contenders';
import type { MeasureId } from './measures';

/** The results of several runs of the same measurement. */
export interface Spread {
	median: number;
	least: number;
	most: number;
}

/** The spread of some values, or undefined for an empty list. */
export function spreadOfAll(values: readonly number[]): Spread | undefined {
	const sorted = [...values].sort((one, other) => one - other);
	if (sorted.length === 0) return undefined;
	const middle = (sorted.length - 1) / 2;
	const median = (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
	return { median, least: sorted[0], most: sorted[sorted.length - 1] };
}

/** All measured values, by measure and contender. */
export class Figures {
	private readonly values = new Map<string, number[]>();

	add(measure: MeasureId, contender: ContenderName, value: number): void {
		this.valuesOf(measure, contender).push(value);
	}

	/** Undefined if this contender was not measured. */
	spread(measure: MeasureId, contender: ContenderName): Spread | undefined {
		return spreadOfAll(this.valuesOf(measure, contender));
	}

	/** All runs, in the order they were measured. */
	all(measure: MeasureId, contender: ContenderName): readonly number[] {
		return this.valuesOf(measure, contender);
	}

	private valuesOf(measure: MeasureId, contender: ContenderName): number[] {
		const key = `${measure} ${contender}`;
		const values = this.values.get(key) ?? [];
		this.values.set(key, values);
		return values;
	}
}
