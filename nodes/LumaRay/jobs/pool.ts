interface Waiting {
	start: () => void;
	next?: Waiting;
}

/** Runs tasks, at most `size` at once, the others in the order of their coming. */
export function createPool(size: number): <T>(task: () => Promise<T>) => Promise<T> {
	let running = 0;
	// A linked list: taking the first element out of a long array moves all the others.
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
			// A place that is handed on stays taken.
			if (next) next.start();
			else running--;
		}
	};
}
