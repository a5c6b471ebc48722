/** Virtual time for unit tests. Other tests import it only from here. */
import { Random } from '../../chaos/random';
import { Process, VirtualTime } from '../../chaos/time';

export { Process, Random, VirtualTime };

/** A new process at the start of virtual time. */
export function newProcess(): Process {
	return new Process(new VirtualTime(), new Random(1));
}

/** Runs work in virtual time until it ends, and returns or throws its result. */
export async function runIn<T>(process: Process, work: () => Promise<T>): Promise<T> {
	const { time } = process;
	let ended: Promise<T> | undefined;
	let isOver = false;
	const over = () => (isOver = true);
	time.at(
		time.now,
		() => {
			ended = work();
			ended.then(over, over);
		},
		process,
	);
	while (!isOver) if (!(await time.step())) break;
	if (!isOver) throw new Error('The work waits for something that never happens');
	return await ended!;
}
