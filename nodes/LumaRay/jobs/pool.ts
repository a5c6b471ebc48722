interface Waiting {
	start: () => void;
	next?: Waiting;
}

/** Runs at most `size` tasks at once. The others wait, first come, first served. */
export function createPool(size: number): <T>(task: () => Promise<T>) => Promise<T> {
	let running = 0;
	// A linked list: removing the first element of a long array moves all others.
	let first: Waiting | undefined;
	let last: Waiting | undefined;
	const turn = async () =>
		await new Promise<void>((start) => {
			const waiting: Waiting = { start };
			if (last) last.next = waiting;
			else first = waiting;
			last = waiting;
		});
	return async (task) => {
		if (running >= size) await turn();
		else running++;
		try {
			return await task();
		} finally {
			const next = first;
			first = next?.next;
			if (!first) last = undefined;
			// The next task takes this place, so the count stays the same.
			if (next) next.start();
			else running--;
		}
	};
}
