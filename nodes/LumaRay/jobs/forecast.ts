/** Predicts how long jobs take, from jobs of the same run that have ended. */
export interface Forecast {
	/** Records that a job of this kind succeeded after `ms` milliseconds. A failed job may have failed immediately. */
	learn(kind: string, ms: number): void;
	/** The milliseconds that a job of this kind will probably take. Undefined until one has ended. */
	expected(kind: string): number | undefined;
	/**
	 * Whether to poll a job of this kind less often: enough others are followed closely, and the first one that ends
	 * shows when to poll the rest.
	 * @param onFirstEnd called when the first one ends
	 */
	isSpared(kind: string, requestId: string, onFirstEnd: () => void): boolean;
	/** Removes a job that is no longer followed. */
	leave(kind: string, requestId: string): void;
}

/** The number of ended jobs in the forecast. Only the latest count, since a provider's load changes. */
const REMEMBERED = 20;
/** Jobs of one kind that are followed closely until one has ended. With this many, the first end comes early enough. */
const SENTINELS = 16;

/** Predicts the median of the latest jobs: jobs of one kind (model, resolution and duration) take about the same time. */
export function createForecast(): Forecast {
	const ends = new Map<string, { latest: number[]; median: number }>();
	const sentinels = new Map<string, Set<string>>();
	const spared = new Map<string, Map<string, () => void>>();
	return {
		learn(kind, ms) {
			const latest = [...(ends.get(kind)?.latest ?? []), ms].slice(-REMEMBERED);
			const sorted = [...latest].sort((one, other) => one - other);
			ends.set(kind, { latest, median: sorted[Math.floor(sorted.length / 2)] });
			const waiting = spared.get(kind);
			spared.delete(kind);
			waiting?.forEach((onFirstEnd) => onFirstEnd());
		},
		expected: (kind) => ends.get(kind)?.median,
		isSpared(kind, requestId, onFirstEnd) {
			if (ends.has(kind)) return false;
			const close = sentinels.get(kind) ?? new Set();
			sentinels.set(kind, close);
			const waiting = spared.get(kind) ?? new Map<string, () => void>();
			spared.set(kind, waiting);
			if (close.size < SENTINELS) close.add(requestId);
			if (close.has(requestId)) waiting.delete(requestId);
			else waiting.set(requestId, onFirstEnd);
			return !close.has(requestId);
		},
		leave(kind, requestId) {
			sentinels.get(kind)?.delete(requestId);
			spared.get(kind)?.delete(requestId);
		},
	};
}
