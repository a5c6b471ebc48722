/** How long jobs take, learned from those of the same run that have ended. */
export interface Forecast {
	/** A job of this kind ended after `ms` milliseconds. */
	learn(kind: string, ms: number): void;
	/** Milliseconds that a job of this kind is likely to take; undefined before one has ended. */
	expected(kind: string): number | undefined;
}

/** Ends that the forecast goes by: the latest ones, as a provider's load changes. */
const REMEMBERED = 20;

/** Jobs of one kind (resolution and duration) take about as long as each other: the median of the latest. */
export function createForecast(): Forecast {
	const ends = new Map<string, number[]>();
	return {
		learn(kind, ms) {
			const latest = ends.get(kind) ?? [];
			latest.push(ms);
			ends.set(kind, latest.slice(-REMEMBERED));
		},
		expected(kind) {
			const sorted = [...(ends.get(kind) ?? [])].sort((one, other) => one - other);
			return sorted[Math.floor(sorted.length / 2)];
		},
	};
}
