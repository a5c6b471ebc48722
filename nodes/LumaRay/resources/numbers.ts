/** The numbers that a field accepts. Without `most` there is no upper limit. */
export interface Range {
	least: number;
	most?: number;
	whole?: boolean;
}

/** The number that a field or an expression returns, also as text; undefined if it is not within the range. */
export function numberWithin(value: unknown, { least, most = Infinity, whole }: Range): number | undefined {
	const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	if (typeof parsed !== 'number' || !(parsed >= least && parsed <= most)) return undefined;
	return Number.isFinite(parsed) && (!whole || Number.isInteger(parsed)) ? parsed : undefined;
}
