/** Runs tasks, at most `size` at once, the others in the order of their coming. */
export function createPool(size: number): <T>(task: () => Promise<T>) => Promise<T> {
	let running = 0;
	const waiting: Array<() => void> = [];
	return async (task) => {
		if (running >= size) await new Promise<void>((resolve) => waiting.push(resolve));
		else running++;
		try {
			return await task();
		} finally {
			const next = waiting.shift();
			// A place that is handed on stays taken.
			if (next) next();
			else running--;
		}
	};
}
