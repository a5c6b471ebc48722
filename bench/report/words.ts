import type { Spread } from '../figures';
import type { Measure } from '../measures';

/** A number with its unit, in the format of the report. */
export function numberOf(value: number, { digits, unit }: Pick<Measure, 'digits' | 'unit'>): string {
	const number = value.toLocaleString('en-US', {
		minimumFractionDigits: digits,
		maximumFractionDigits: digits,
	});
	if (unit === '') return number;
	return unit === '×' ? `${number}×` : `${number} ${unit}`;
}

/** The median, and the lowest and highest value if they differ. */
export function spreadOf({ median, least, most }: Spread, measure: Measure): string {
	const plain = { digits: measure.digits, unit: '' } as const;
	const [from, to] = [numberOf(least, plain), numberOf(most, plain)];
	const middle = numberOf(median, measure);
	return from === to ? middle : `${middle} (${from}–${to})`;
}
